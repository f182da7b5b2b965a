import Testing

@testable import Lua

/// A host function that lets Lua call another function in its place.
@Suite struct CallInPlaceTests {
  /// `apply(fn, …)` is `fn(…)`, `wait()` suspends.
  private func resume(_ source: String, answers: [String] = []) throws -> String {
    let lua = try LuaState()
    lua.setGlobal("apply") { stack in
      let count = stack.count
      for position in 1...count { stack.pushCopy(of: position) }
      return .call(arguments: count - 1)
    }
    lua.setGlobal("wait") { _ in .suspend }
    let thread = try LuaThread(lua)
    try thread.load(Array(source.utf8), name: "@script.lua")
    var resumption = thread.resume()
    for answer in answers {
      guard case .suspended = resumption else { break }
      resumption = thread.resume { stack in
        stack.push(answer)
        return 1
      }
    }
    switch resumption {
    case .returned(let count):
      return thread.withStack { stack in
        (0..<count).map { stack.displayText(at: $0 - count) }.joined(separator: " ")
      }
    case .failed(let error): return error.description
    case .suspended, .preempted: return "waits"
    }
  }

  @Test(arguments: [
    ("return apply(function(...) return 'x', ... end, 1, nil, 3)", "x 1 nil 3"),
    ("return apply(function() end)", ""),
    ("return select('#', apply(table.unpack, {}, 1, 200))", "200"),
    ("return apply(wait)", "one"),
    ("return apply(apply, function() return wait() .. wait() end)", "onetwo"),
    ("return pcall(apply, error, 'no', 0)", "false no"),
    ("return pcall(apply, function() wait() error('late', 0) end)", "false late"),
    ("\napply(function() error('here') end)", "script.lua:2: here"),
    (
      "local co = coroutine.wrap(function() return apply(function() coroutine.yield('y') return wait() end) end) "
        + "return co(), co()", "y one"
    ),
  ])
  func `what is called returns, waits and fails as if the script had called it`(
    source: String, result: String
  ) throws {
    #expect(try resume(source, answers: ["one", "two"]) == result)
  }

  @Test func `lines of the host's own chunk are no place of an error`() throws {
    let lua = try LuaState()
    var place: LuaError.Location?
    lua.setGlobal("where") { stack in
      place = stack.location()
      return .results(0)
    }
    try lua.withStack { stack in
      stack.pushGlobals()
      try stack.load(Array("return function() where() end".utf8), name: "=(refold)")
      try stack.call(arguments: 0, results: 1)
      stack.setField("inner", at: -2)
    }
    try lua.run("\ninner()", name: "@script.lua")
    #expect(place == LuaError.Location(source: "script.lua", line: 2))
  }
}
