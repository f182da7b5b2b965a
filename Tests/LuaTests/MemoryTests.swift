import Testing

@testable import Lua

@Test(arguments: [
  "local t = {} for i = 1, 1e9 do t[i] = { i } end",
  "local s = 'x' while true do s = s .. s end",
  "return ('x'):rep(1e9)",
  "local t = {} while true do t = { t, {}, {} } end",
  "local function f() return { f() } end f()",
])
func `a memory bomb ends with a memory error and the state stays usable`(source: String) throws {
  let lua = try LuaState(memoryLimit: 4 << 20)
  let error = failure(of: source, in: lua)
  #expect(error?.code == .memory || error?.message.contains("stack overflow") == true)
  #expect(lua.memoryPeak <= 5 << 20)  // the limit, and the text of the error
  #expect(try lua.run("return #('x'):rep(1e6)") { stack, _ in stack.integer(at: -1) } == 1_000_000)
}

@Test func `pushing over the limit from Swift becomes a memory error once Swift has returned`()
  throws
{
  let counter = Counter()
  let lua = try LuaState(memoryLimit: 4 << 20)
  lua.setGlobal("big") { stack in
    let token = counter.make()
    stack.push(String(repeating: "y", count: 8 << 20))
    return withExtendedLifetime(token) { .results(1) }
  }
  #expect(
    try text(of: "local ok, e = pcall(big) return tostring(ok) .. ' ' .. e", in: lua)
      == "false not enough memory")
  #expect(failure(of: "big()", in: lua)?.code == .memory)
  #expect(counter.alive == 0)
  #expect(try text(of: "return ('x'):rep(3)", in: lua) == "xxx")
}

@Test
func `results over the limit, delivered to a suspended call, are a memory error at that call`()
  throws
{
  let lua = try LuaState(memoryLimit: 4 << 20)
  lua.setGlobal("wait") { _ in .suspend }
  let thread = try LuaThread(lua)
  try thread.load(
    Array("local ok, e = pcall(wait) return tostring(ok) .. ' ' .. e".utf8), name: "=t")
  guard case .suspended = thread.resume() else {
    Issue.record("not suspended")
    return
  }
  let resumption = thread.resume { stack in
    stack.push(String(repeating: "y", count: 8 << 20))
    return 1
  }
  guard case .returned(1) = resumption else {
    Issue.record("\(resumption)")
    return
  }
  #expect(thread.withStack { $0.string(at: -1) } == "false not enough memory")
}

@Test func `a limit too small for the libraries is an error and not a crash`() throws {
  for limit in [0, 1, 1000, 5000, 10_000] {
    #expect(throws: LuaError.self) { _ = try LuaState(memoryLimit: limit) }
  }
  _ = try LuaState(memoryLimit: 40_000)
}
