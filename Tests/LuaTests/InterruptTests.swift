import Testing

@testable import Lua

@Test(arguments: [
  "while true do end",
  "while true do pcall(function() while true do end end) end",
  "coroutine.wrap(function() while true do end end)()",
  "local t = {} while true do t[#t % 1000 + 1] = {} end",
  "while true do xpcall(function() while true do end end, function() while true do end end) end",
  "local function f() local t <close> = setmetatable({}, { __close = function() while true do end end }) while true do end end while true do pcall(f) end",
  "while true do coroutine.wrap(function() local x = 0 for i = 1, 150 do x = x + i end end)() end",
  "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end",
  "coroutine.wrap(function() return pcall(coroutine.wrap(function() while true do pcall(error) end end)) end)()",
  "while true do load('local x = 1')() end",
])
func `a deadline stops a script that does not want to end`(source: String) throws {
  let lua = try LuaState()
  lua.setDeadline(nanoseconds: LuaState.monotonicNanoseconds + 20_000_000)
  let error = failure(of: source, in: lua)
  lua.setDeadline(nanoseconds: nil)
  #expect(error?.code == .deadline)
  #expect(error?.message == "time limit reached")
}

@Test(arguments: ["late()", "pcall(late)", "coroutine.wrap(function() late() end)()"])
func `an error that is on its way when the deadline arrives gives way`(source: String) throws {
  let lua = try LuaState()
  lua.setGlobal("late") { [unowned lua] _ in
    lua.setDeadline(nanoseconds: LuaState.monotonicNanoseconds - 1)
    throw LuaError("something else")
  }
  let error = failure(of: source, in: lua)
  lua.setDeadline(nanoseconds: nil)
  #expect(error?.code == .deadline)
  #expect(error?.message == "time limit reached")
}

@Test func `a deadline that has passed stops the script at its first instruction`() throws {
  let lua = try LuaState()
  lua.setDeadline(nanoseconds: LuaState.monotonicNanoseconds - 1)
  #expect(failure(of: "touched = true", in: lua)?.code == .deadline)
  lua.setDeadline(nanoseconds: nil)
}

@Test func `a script without a deadline does not notice that others have one`() throws {
  let limited = try LuaState()
  limited.setDeadline(nanoseconds: LuaState.monotonicNanoseconds + 1_000_000)
  #expect(failure(of: "while true do end", in: limited)?.code == .deadline)
  let free = try LuaState()
  let sum = try free.run("local n = 0 for i = 1, 1e6 do n = n + 1 end return n") { stack, _ in
    stack.integer(at: -1)
  }
  limited.setDeadline(nanoseconds: nil)
  #expect(sum == 1_000_000)
}

@Test func `the deadline of an outer state stops it while an inner state computes`() throws {
  let outer = try LuaState()
  let inner = try LuaState()
  outer.setGlobal("serve") { _ in
    try inner.run("local n = 0 for i = 1, 3e6 do n = n + i end")
    return .results(0)
  }
  outer.setDeadline(nanoseconds: LuaState.monotonicNanoseconds + 5_000_000)
  #expect(failure(of: "while true do serve() end", in: outer)?.code == .deadline)
  outer.setDeadline(nanoseconds: nil)
  try inner.run("return 1")
}
