import Testing

@testable import Lua

@Test(arguments: [
  "io", "debug", "package", "require", "dofile", "loadfile", "print", "warn", "os.execute",
  "os.exit",
  "os.getenv", "os.remove", "os.rename", "os.tmpname", "os.setlocale", "string.dump",
  "coroutine.close",
])
func `a library that reaches outside is not there`(name: String) throws {
  let lua = try LuaState()
  let path = name.split(separator: ".").map(String.init)
  let expression = path.count == 1 ? "_G['\(path[0])']" : "_G['\(path[0])']['\(path[1])']"
  #expect(try text(of: "return type(\(expression))", in: lua) == "nil")
}

@Test(arguments: [
  "os.time", "os.date", "os.clock", "os.difftime", "string.format", "table.concat", "math.floor",
  "utf8.char", "coroutine.wrap", "string.rep", "select", "pcall", "load", "next", "rawequal",
])
func `the libraries of a plain language are there`(name: String) throws {
  let lua = try LuaState()
  #expect(try text(of: "return type(\(name))", in: lua) == "function")
}

@Test(arguments: [
  ("setmetatable({}, { __gc = function() end })", "__gc is not allowed in a metatable"),
  ("getmetatable('').__index = nil", "attempt to index a boolean value"),
  (
    "setmetatable(setmetatable({}, { __metatable = 1 }), {})", "cannot change a protected metatable"
  ),
  ("collectgarbage('stop')", "collectgarbage: only the option 'count' is allowed"),
])
func `what would harm the state is refused`(source: String, message: String) throws {
  let lua = try LuaState()
  #expect(failure(of: source, in: lua)?.message == message)
}

@Test func `load takes text, functions and environments`() throws {
  let lua = try LuaState()
  #expect(try text(of: "return load('return x', 'n', 't', { x = 'env' })()", in: lua) == "env")
  #expect(
    try text(
      of:
        "local parts = { 'return ', '\"two\"' } local i = 0 return load(function() i = i + 1 return parts[i] end)()",
      in: lua) == "two")
  #expect(
    try text(of: "return select(2, load('return +'))", in: lua)
      == "[string \"return +\"]:1: unexpected symbol near '+'")
  #expect(
    try text(of: "return (select(2, load(function() return {} end)):gsub('^.*: ', ''))", in: lua)
      == "reader function must return a string")
}

@Test func `collectgarbage counts in KiB`() throws {
  let lua = try LuaState()
  let kibibytes = try lua.run("return collectgarbage('count')") { stack, _ in stack.number(at: -1) }
  #expect((kibibytes ?? 0) > 5 && (kibibytes ?? 0) < 100)
}

@Test func `states share nothing`() throws {
  let one = try LuaState()
  let two = try LuaState()
  try one.run("x = 1 string.upper = nil table.insert = nil")
  #expect(
    try text(of: "return tostring(x) .. ('a'):upper() .. type(table.insert)", in: two)
      == "nilAfunction")
}
