import Testing

@testable import Lua

@Test func `errors thrown through Lua leak nothing`() throws {
  let counter = Counter()
  let lua = try LuaState()
  lua.setGlobal("boom") { _ in
    let token = counter.make()
    defer { withExtendedLifetime(token) {} }
    throw LuaError("boom")
  }
  for _ in 0..<1000 { _ = failure(of: "boom()", in: lua) }
  #expect(counter.made == 1000)
  #expect(counter.alive == 0)
}

@Test func `errors of callbacks inside host functions leak nothing`() throws {
  let counter = Counter()
  let lua = try LuaState()
  lua.setGlobal("each") { stack in
    let tokens = [counter.make(), counter.make()]
    stack.pushCopy(of: 1)
    try stack.call(arguments: 0, results: 0)
    return .results(tokens.count - 2)
  }
  for _ in 0..<1000 { _ = failure(of: "each(function() error('no') end)", in: lua) }
  #expect(counter.made == 2000)
  #expect(counter.alive == 0)
}

@Test func `what a host function captured is released when the state closes`() throws {
  let counter = Counter()
  do {
    let lua = try LuaState()
    for index in 0..<100 {
      let token = counter.make()
      lua.setGlobal("f\(index)") { _ in
        withExtendedLifetime(token) { .results(0) }
      }
    }
    #expect(counter.alive == 100)
  }
  #expect(counter.alive == 0)
}

@Test func `what a host function captured is released when Lua collects it`() throws {
  let counter = Counter()
  let lua = try LuaState()
  let token = counter.make()
  lua.setGlobal("f") { [token] _ in withExtendedLifetime(token) { .results(0) } }
  try lua.run("f() f = nil")
  lua.collectGarbage()
  withExtendedLifetime(token) {}
  lua.setGlobal("g") { [made = counter.make()] _ in withExtendedLifetime(made) { .results(0) } }
  #expect(counter.alive == 2)
  try lua.run("g = nil")
  lua.collectGarbage()
  #expect(counter.alive == 1)
}

@Test func `dropping a suspended thread releases it and leaves the state usable`() throws {
  let lua = try LuaState()
  lua.setGlobal("wait") { _ in .suspend }
  for _ in 0..<100 {
    let thread = try LuaThread(lua)
    try thread.load(Array("local big = string.rep('x', 100000) wait() return big".utf8), name: "=t")
    guard case .suspended = thread.resume() else {
      Issue.record("not suspended")
      return
    }
  }
  lua.collectGarbage()
  #expect(lua.memoryUsed < 200_000)
  #expect(try text(of: "return coroutine.wrap(function() return 'fine' end)()", in: lua) == "fine")
}

@Test func `a state leaves its stack as tall as it was`() throws {
  let lua = try LuaState()
  let before = lua.withStack { $0.count }
  try lua.run("return 1, 2, 3")
  _ = failure(of: "error('x')", in: lua)
  lua.withStack { stack in for _ in 0..<1000 { stack.push(1) } }
  #expect(lua.withStack { $0.count } == before)
}
