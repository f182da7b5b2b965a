import Testing

@testable import Lua

@Test func `a chunk runs and its results are lent`() throws {
  let lua = try LuaState()
  let sum = try lua.run("return 1 + 2, 'x'") { stack, count in (stack.integer(at: -2), count) }
  #expect(sum.0 == 3)
  #expect(sum.1 == 2)
}

@Test func `a host function suspends inside pcall and a coroutine, and is resumed with values`()
  throws
{
  let lua = try LuaState()
  lua.setGlobal("wait") { _ in .suspend }
  let thread = try LuaThread(lua)
  try thread.load(
    Array("return coroutine.wrap(function() return select(2, pcall(wait)) .. '!' end)()".utf8),
    name: "=t")
  guard case .suspended = thread.resume() else { Issue.record("not suspended"); return }
  guard
    case .returned(1) = thread.resume({ stack in
      stack.push("hello"); return 1
    })
  else { Issue.record("not returned"); return }
  #expect(thread.withStack { $0.string(at: -1) } == "hello!")
}
