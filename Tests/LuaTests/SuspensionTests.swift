import Testing

@testable import Lua

/// Runs a chunk whose `wait(x)` suspends, answers each with the text "<x>" and returns the final text.
private func drive(
  _ source: String, failing: Bool = false
) throws -> (text: String?, suspensions: Int, error: LuaError?) {
  let lua = try LuaState()
  var asked: String?
  lua.setGlobal("wait") { stack in
    asked = try stack.string(1, "key")
    return .suspend
  }
  let thread = try LuaThread(lua)
  try thread.load(Array(source.utf8), name: "@script.lua")
  var resumption = thread.resume()
  var suspensions = 0
  while true {
    switch resumption {
    case .preempted: resumption = thread.resume()
    case .suspended:
      suspensions += 1
      let key = asked ?? "?"
      if failing {
        resumption = thread.fail(with: LuaError("no \(key)"))
      } else {
        resumption = thread.resume { stack in
          stack.push("<\(key)>")
          return 1
        }
      }
    case .returned: return (thread.withStack { $0.string(at: -1) }, suspensions, nil)
    case .failed(let error): return (nil, suspensions, error)
    }
  }
}

@Test(arguments: [
  ("return wait('a') .. wait('b')", "<a><b>", 2),
  ("local ok, v = pcall(wait, 'a') return v", "<a>", 1),
  ("local ok, v = xpcall(wait, error, 'a') return v", "<a>", 1),
  ("return select(2, pcall(pcall, pcall, wait, 'a')) and 'yes'", "yes", 1),
  ("for k in function() return wait('it') end do return k end", "<it>", 1),
  ("return setmetatable({}, { __index = function(_, k) return wait(k) end }).foo", "<foo>", 1),
  ("return setmetatable({}, { __concat = function(_, k) return wait(k) end }) .. 'c'", "<c>", 1),
  (
    "return tostring(setmetatable({}, { __lt = function() return wait('lt') end }) < {})", "true", 1
  ),
  ("return setmetatable({}, { __call = function(_, k) return wait(k) end })('x')", "<x>", 1),
  (
    "local f = coroutine.wrap(function() local x = wait('in') coroutine.yield(x .. '!') return wait('out') end) return f() .. f()",
    "<in>!<out>", 2
  ),
  (
    "local co = coroutine.create(function(a) local b = coroutine.yield(wait(a)) return wait(b) end) local _, p = coroutine.resume(co, 'A') local _, q = coroutine.resume(co, 'B') return p .. q .. coroutine.status(co)",
    "<A><B>dead", 2
  ),
  (
    "return coroutine.wrap(function() return coroutine.wrap(function() return select(2, pcall(wait, 'deep')) end)() end)()",
    "<deep>", 1
  ),
  (
    "local t <close> = setmetatable({}, { __close = function() wait('close') end }) return wait('body')",
    "<body>", 2
  ),
])
func `a host call suspends at any depth and is resumed with its results`(
  source: String, expected: String, suspensions: Int
) throws {
  let result = try drive(source)
  #expect(result.error == nil)
  #expect(result.text == expected)
  #expect(result.suspensions == suspensions)
}

@Test func `a suspended call is resumed with an error that pcall catches`() throws {
  let caught = try drive(
    "local ok, e = pcall(wait, 'a') return tostring(ok) .. ' ' .. e", failing: true)
  #expect(caught.text == "false no a")
  let placed = try drive(
    "local ok, e = pcall(function()\n return wait('a') end) return e", failing: true)
  #expect(placed.text == "script.lua:2: no a")
  let uncaught = try drive("\nlocal x = wait('a')", failing: true)
  #expect(uncaught.error?.description == "script.lua:2: no a")
  let inside = try drive(
    "local f = coroutine.wrap(function() wait('a') end) local ok, e = pcall(f) return e",
    failing: true)
  #expect(inside.text?.hasSuffix("no a") == true)
}

private let cannotWait =
  "a call that waits cannot be made inside a C function such as table.sort or string.gsub"

@Test(arguments: [
  "table.sort({ 3, 1, 2 }, function(a, b) wait('x') return a < b end)",
  "string.gsub('abc', '.', function() return wait('x') end)",
  "table.sort({ 3, 1, 2 }, function(a, b) coroutine.wrap(function() wait('x') end)() return a < b end)",
])
func `a call that cannot suspend is an error before anything waits`(source: String) throws {
  let result = try drive(source)
  #expect(result.error?.message == cannotWait)
  #expect(result.suspensions == 0)
}

@Test func `a coroutine that waits for a call cannot be resumed by another task`() throws {
  let lua = try LuaState()
  lua.setGlobal("wait") { _ in .suspend }
  try lua.run("shared = coroutine.create(function() return wait() end)")
  let first = try LuaThread(lua)
  try first.load(Array("return select(2, coroutine.resume(shared))".utf8), name: "=first")
  guard case .suspended = first.resume() else {
    Issue.record("not suspended")
    return
  }
  let stolen = try text(of: "return select(2, coroutine.resume(shared))", in: lua)
  #expect(stolen == "cannot resume a coroutine that waits for a call")
  _ = first.resume { stack in
    stack.push("own")
    return 1
  }
  #expect(first.withStack { $0.string(at: -1) } == "own")
}

@Test func `yielding from the main task is an error, and a dead coroutine stays dead`() throws {
  let lua = try LuaState()
  #expect(
    failure(of: "coroutine.yield(1)", in: lua)?.message
      == "attempt to yield from outside a coroutine")
  let dead =
    "local co = coroutine.create(function() end) coroutine.resume(co) return select(2, coroutine.resume(co))"
  #expect(try text(of: dead, in: lua) == "cannot resume dead coroutine")
}

@Test func `suspensions leak nothing`() throws {
  let counter = Counter()
  let lua = try LuaState()
  lua.setGlobal("wait") { _ in
    let token = counter.make()
    return withExtendedLifetime(token) { .suspend }
  }
  let thread = try LuaThread(lua)
  try thread.load(Array("for i = 1, 1000 do wait() end".utf8), name: "=t")
  var resumption = thread.resume()
  while case .suspended = resumption { resumption = thread.resume() }
  #expect(counter.made == 1000)
  #expect(counter.alive == 0)
}

@Test func `a function that a chunk returned is called on the same thread`() throws {
  let lua = try LuaState()
  let thread = try LuaThread(lua)
  try thread.load(Array("return function(a, b) return a .. b end".utf8), name: "=t")
  guard case .returned(1) = thread.resume() else {
    Issue.record("not returned")
    return
  }
  let resumption = thread.resume { stack in
    stack.push("a")
    stack.push("b")
    return 2
  }
  guard case .returned(1) = resumption else {
    Issue.record("\(resumption)")
    return
  }
  #expect(thread.withStack { $0.string(at: -1) } == "ab")
}
