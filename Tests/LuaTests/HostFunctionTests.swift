import Testing

@testable import Lua

@Test func `a host function takes typed arguments and returns results`() throws {
  let lua = try LuaState()
  lua.setGlobal("describe") { stack in
    let count = try stack.integer(1, "count")
    let ratio = try stack.number(2, "ratio")
    let name = try stack.string(3, "name")
    let flag = try stack.boolean(4, "flag")
    stack.push("\(count) \(ratio) \(name) \(flag)")
    stack.push(Int64.max)
    return .results(2)
  }
  let result = try lua.run("return describe(7, 0.5, 'ä', true)") { stack, count in
    (stack.string(at: -2), stack.integer(at: -1), count)
  }
  #expect(result == ("7 0.5 ä true", Int64.max, 2))
}

@Test(arguments: [
  ("take({})", "bad argument 'count' (#1) to 'take': integer expected, got table"),
  ("take()", "bad argument 'count' (#1) to 'take': integer expected, got no value"),
  ("take(1.5)", "bad argument 'count' (#1) to 'take': integer expected, got number"),
  ("take(1, 2)", "bad argument 'name' (#2) to 'take': string expected, got number"),
  ("take(1, nil)", "bad argument 'name' (#2) to 'take': string expected, got nil"),
])
func `an argument error names the argument`(call: String, message: String) throws {
  let lua = try LuaState()
  lua.setGlobal("take") { stack in
    _ = try stack.integer(1, "count")
    _ = try stack.string(2, "name")
    return .results(0)
  }
  let error = failure(of: "\n\(call)", in: lua)
  #expect(error?.message == message)
  #expect(error?.location == LuaError.Location(source: "script.lua", line: 2))
}

@Test func `a thrown Swift error is caught by pcall as a message with its place`() throws {
  let lua = try LuaState()
  lua.setGlobal("fail") { _ in throw LuaError("the disk is full") }
  let caught = try text(
    of: "local ok, e = pcall(function() fail() end) return tostring(ok) .. ' ' .. e", in: lua)
  #expect(caught == "false chunk:1: the disk is full")
}

@Test func `a Swift error of any type becomes its description`() throws {
  struct Odd: Error, CustomStringConvertible { var description: String { "odd thing" } }
  let lua = try LuaState()
  lua.setGlobal("fail") { _ in throw Odd() }
  #expect(failure(of: "fail()", in: lua)?.message == "odd thing")
}

@Test func `an error value of its own arrives as that value`() throws {
  struct Refusal: LuaErrorValue {
    func pushErrorValue(on stack: borrowing LuaStack) {
      stack.pushTable(fields: 1)
      stack.push("refused")
      stack.setField("code", at: -2)
    }
  }
  let lua = try LuaState()
  lua.setGlobal("fail") { _ in throw Refusal() }
  #expect(try text(of: "local _, e = pcall(fail) return e.code", in: lua) == "refused")
}

@Test func `an uncaught error has message, place and traceback`() throws {
  let lua = try LuaState()
  let source = """
    local function inner() local t = nil; return t.x end
    local function middle() inner() end
    local function outer() middle() end
    outer()
    """
  let error = try #require(failure(of: source, in: lua))
  #expect(error.message == "attempt to index a nil value (local 't')")
  #expect(error.location == LuaError.Location(source: "script.lua", line: 1))
  #expect(error.description == "script.lua:1: attempt to index a nil value (local 't')")
  let lines = error.traceback?.split(separator: "\n").map(String.init) ?? []
  #expect(
    lines == [
      "stack traceback:",
      "\tscript.lua:1: in upvalue 'inner'",
      "\tscript.lua:2: in upvalue 'middle'",
      "\tscript.lua:3: in local 'outer'",
      "\tscript.lua:4: in main chunk",
    ])
}

@Test func `a long chunk name is not cut in the place`() throws {
  let lua = try LuaState()
  let name = "scripts/" + String(repeating: "long-folder-name/", count: 8) + "file.lua"
  let error = try #require(failure(of: "\n\nerror('x')", in: lua, name: "@" + name))
  #expect(error.location == LuaError.Location(source: name, line: 3))
  #expect(error.message == "x")
}

@Test func `an error value that is a table, nil or has a failing tostring is still described`()
  throws
{
  let lua = try LuaState()
  #expect(failure(of: "error({})", in: lua)?.message.hasPrefix("table: 0x") == true)
  #expect(failure(of: "error(nil)", in: lua)?.message == "nil")
  let source = "error(setmetatable({}, { __tostring = function() error('no') end }))"
  #expect(failure(of: source, in: lua)?.message == "(a table that cannot be shown)")
}

@Test func `a callback runs Lua from a host function, and its error passes through unchanged`()
  throws
{
  let lua = try LuaState()
  lua.setGlobal("each") { stack in
    for value in 1...3 {
      stack.pushCopy(of: 1)
      stack.push(value)
      try stack.call(arguments: 1, results: 0)
    }
    return .results(0)
  }
  let sum = try lua.run("local n = 0 each(function(x) n = n + x end) return n") { stack, _ in
    stack.integer(at: -1)
  }
  #expect(sum == 6)
  let same =
    "local v = { code = 7 } local _, e = pcall(each, function() error(v) end) return e == v"
  #expect(try lua.run(same) { stack, _ in stack.boolean(at: -1) } == true)
  let error = failure(of: "each(function(x)\n if x == 2 then error('two') end end)", in: lua)
  #expect(error?.description == "script.lua:2: two")
}

@Test func `a chunk of bytecode or of broken text does not load`() throws {
  let lua = try LuaState()
  let broken = failure(of: "return return", in: lua)
  #expect(broken?.code == .syntax)
  #expect(
    broken?.description == "script.lua:1: <eof> expected near 'return'"
      || broken?.message == "unexpected symbol near 'return'")
  let bytecode = failure(of: "\u{1B}LuaT", in: lua)
  #expect(bytecode?.message == "attempt to load a binary chunk (mode is 't')")
  let loaded = try text(of: "return select(2, load('\\27Lua', 'x', 'b'))", in: lua)
  #expect(loaded == "attempt to load a chunk in mode 'b' (only text, mode 't', is allowed)")
}

@Test func `a library is shared between states and finds what belongs to each`() throws {
  final class Account { let name: String; init(_ name: String) { self.name = name } }
  let library = LuaLibrary([
    (
      "name",
      { stack in
        stack.push(stack.attachment(as: Account.self)?.name ?? "nobody")
        return .results(1)
      }
    )
  ])
  let names = try ["acme", "globex"].map { name in
    let lua = try LuaState()
    lua.setGlobal("account", to: library)
    lua.attachment = Account(name)
    return try text(of: "return account.name()", in: lua)
  }
  #expect(names == ["acme", "globex"])
}

@Test func `tables are read and made without metamethods`() throws {
  let lua = try LuaState()
  lua.setGlobal("swap") { stack in
    try stack.table(1, "map")
    stack.pushTable(fields: 4)
    let result = stack.count
    stack.forEachEntry(at: 1) { stack in
      if let key = stack.string(at: -2), let value = stack.string(at: -1) {
        stack.push(key)
        stack.setField(value, at: result)
      }
    }
    return .results(1)
  }
  let source = """
    local t = swap(setmetatable({ a = "x", b = "y" }, { __index = function() error("touched") end }))
    return t.x .. t.y
    """
  #expect(try text(of: source, in: lua) == "ab")
}
