import Testing

@testable import Lua

@Test(arguments: ["[]", "{}", "[[],{}]", #"{"a":[],"b":{},"c":[null,null]}"#, "[null]", "null"])
func `empty arrays, empty objects and null survive a round trip`(text: String) throws {
  #expect(try roundTrip(text, in: try LuaState()) == text)
}

@Test(arguments: [
  // An array stays one when a script empties or refills it.
  ("local t = json.decode('[1,2]') t[2] = nil t[1] = nil return json.encode(t)", "[]"),
  ("local t = json.decode('[]') t[1] = 'a' return json.encode(t)", #"["a"]"#),
  // The mark is a metatable that may be replaced, copied and taken away.
  ("local t = setmetatable(json.decode('[]'), { __index = {} }) return json.encode(t)", "{}"),
  ("local t = setmetatable(json.decode('[]'), nil) return json.encode(t)", "{}"),
  ("local t = setmetatable({}, getmetatable(json.array())) return json.encode(t)", "[]"),
  ("return json.encode(json.array(json.object()))", "[]"),
  ("return json.encode(json.object(json.array()))", "{}"),
  ("local t = {} return tostring(json.array(t) == t and json.object(t) == t)", "true"),
  // null is true, equal to itself only, and prints as null.
  (
    "return tostring(json.null) .. ' ' .. type(json.null) .. ' ' .. tostring(not json.null)",
    "null userdata false"
  ),
  (
    "return tostring(json.decode('null') == json.null) .. tostring(getmetatable(json.null))",
    "truefalse"
  ),
  ("return #json.decode('[null,null,null]') .. ''", "3"),
  // Metamethods are not called.
  (
    "return json.encode(setmetatable({ a = 1 }, { __pairs = error, __index = error, __tostring = error }))",
    #"{"a":1}"#
  ),
  // A metatable that scripts can change must not bring a finalizer.
  (
    "local m = getmetatable(json.array()) m.__gc = error local t = json.array() return tostring(m.__gc)",
    "nil"
  ),
  (
    "local m = getmetatable(json.object()) m.__gc = error json.decode('{}') json.object() return tostring(m.__gc)",
    "nil"
  ),
  (
    "local m = getmetatable(json.decode('[]')) m.__gc = error json.decode('[]') return tostring(m.__gc)",
    "nil"
  ),
  // Shared tables are no cycle.
  ("local s = { 1 } return json.encode({ s, s, { s } })", "[[1],[1],[[1]]]"),
])
func `shapes in scripts`(source: String, result: String) throws {
  let lua = try stateWithJSON()
  #expect(try text(of: source, in: lua) == result)
}

@Test(arguments: [
  ("json.array({ 1, nil, 3 })", "$[2]: a hole in a list; use null for an empty item"),
  ("json.array({ [2] = 'b' })", "$[1]: a hole in a list; use null for an empty item"),
  ("json.array({ 1, a = 2 })", "$: a table marked as an array has keys that are not list indexes"),
  ("json.array({ [0] = 1 })", "$: a table marked as an array has keys that are not list indexes"),
  ("json.object({ 'a' })", "$: the key 1 of an object must be a string"),
  ("json.object({ [true] = 1 })", "$: a key of an object must be a string, not a boolean"),
  ("{ [{}] = 1 }", "$: a key of an object must be a string, not a table"),
  ("{ x = { [2^53] = 1 } }", "$.x: the key 9007199254740992 of an object must be a string"),
  ("{ [math.mininteger] = 1 }", "$: the key -9223372036854775808 of an object must be a string"),
  (
    "{ ['a b'] = { ['1st'] = { [''] = print or function() end } } }",
    #"$["a b"]["1st"][""]: a function has no JSON form"#
  ),
  ("{ { { a_1 = 0/0 } } }", "$[1][1].a_1: NaN has no JSON form"),
  (
    "{ [('k'):rep(100)] = 0/0 }",
    "$[\"\("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk")…\"]: NaN has no JSON form"
  ),
  ("io or coroutine.create(function() end)", "$: a thread has no JSON form"),
  ("{ a = 'x\\xC3' }", "$.a: the text is not UTF-8 at byte 1"),
  ("{ a = 'x\\xED\\xA0\\x80' }", "$.a: the text is not UTF-8 at byte 1"),
])
func `a value without a form in JSON is refused by its path`(value: String, message: String) throws
{
  let lua = try stateWithJSON()
  for options in ["", ", { sort_keys = true }", ", { pretty = true }"] {
    let source = "local ok, e = pcall(json.encode, \(value)\(options)) return tostring(e)"
    #expect(try text(of: source, in: lua) == "can't encode as JSON: " + message)
  }
}

@Test func `a path that is too long is cut in the middle`() throws {
  let lua = try stateWithJSON()
  let source =
    "local t = {} for i = 1, 1100 do t = { a = t } end return select(2, pcall(json.encode, t)).path"
  let path = try #require(try text(of: source, in: lua))
  #expect(path.hasPrefix("$.a.a.a") && path.hasSuffix(".a.a") && path.contains("…"))
  #expect(path.count < 200)
}

@Test func `keys in the hash part never make a table an array by accident`() throws {
  // Lua may keep 1…n among other keys; an early version of the encoder then dropped the others.
  var random = SeededGenerator(seed: 17)
  let lua = try stateWithJSON()
  for _ in 0..<3000 {
    let names = ["x", "y", "z", "w", "v"].prefix(Int.random(in: 0...5, using: &random))
    let count = Int.random(in: 0...6, using: &random)
    let keys = (names.map { "'\($0)'" } + (0..<count).map { "\($0 + 1)" }).shuffled(using: &random)
    let fill = keys.map { "t[\($0)] = 0 " }.joined()
    let expected =
      if names.isEmpty || count == 0 {
        count > 0
          ? "[" + (0..<count).map { _ in "0" }.joined(separator: ",") + "]"
          : "{" + names.sorted().map { "\"\($0)\":0" }.joined(separator: ",") + "}"
      } else {
        "can't encode as JSON: $: a table with both list items and other keys is neither array nor object"
      }
    for construct in ["{}", "{ a = 1, b = 2, c = 3, d = 4 }"] {
      let source =
        "local t = \(construct) t.a, t.b, t.c, t.d = nil " + fill
        + "local ok, e = pcall(json.encode, t, { sort_keys = true }) return tostring(e)"
      #expect(try text(of: source, in: lua) == expected)
    }
  }
}

@Test func `weak tables that lose entries are no danger`() throws {
  let lua = try stateWithJSON()
  let source = """
    for round = 1, 50 do
      local t = setmetatable({}, { __mode = 'kv' })
      for i = 1, 200 do t['key number ' .. i .. (' '):rep(50)] = { i } end
      pcall(json.encode, t, { sort_keys = true })
      for i = 1, 200 do t[i] = { i } end
      pcall(json.encode, t)
    end
    return 'ok'
    """
  #expect(try text(of: source, in: lua) == "ok")
}

@Test func `an error in a script has code, place and path`() throws {
  let lua = try stateWithJSON()
  let decoding = """
    local ok, e = pcall(json.decode, '{\\n"a": nope}')
    return table.concat({ e.code, e.line, e.column, e.byte_offset, tostring(e.path), e.message, tostring(e) }, '|')
    """
  let message = "invalid JSON at line 2, column 6 (byte 7): expected a value, found 'n'"
  #expect(try text(of: decoding, in: lua) == "syntax|2|6|7|nil|\(message)|\(message)")
  let encoding = """
    local ok, e = pcall(json.encode, { lines = { {}, {}, { qty = 0/0 } } })
    return table.concat({ e.code, tostring(e.line), e.path, tostring(e) }, '|')
    """
  #expect(
    try text(of: encoding, in: lua)
      == "number|nil|$.lines[3].qty|can't encode as JSON: $.lines[3].qty: NaN has no JSON form")
  #expect(
    try text(of: "\n\nlocal _, e = pcall(function() json.decode('') end) return e.script", in: lua)
      == "chunk:3")
}

@Test(arguments: [
  ("json.decode('1', { dept = 3 })", "unknown option 'dept' (use 'big', 'depth', 'lazy')"),
  (
    "json.encode(1, { sorted = true })",
    "unknown option 'sorted' (use 'pretty', 'sort_keys', 'depth')"
  ),
  ("json.decode('1', { depth = 0 })", "option 'depth' must be an integer from 1 to 10000"),
  ("json.decode('1', { depth = 10001 })", "option 'depth' must be an integer from 1 to 10000"),
  ("json.encode(1, { depth = '5' })", "option 'depth' must be an integer from 1 to 10000"),
  ("json.encode(1, { pretty = 1 })", "option 'pretty' must be a boolean"),
  ("json.decode('1', { big = true })", "option 'big' must be \"string\" or \"float\""),
])
func `a wrong option is refused by name`(call: String, problem: String) throws {
  let function = call.contains("decode") ? "decode" : "encode"
  #expect(
    failure(of: call, in: try stateWithJSON())?.message
      == "bad argument 'opts' (#2) to '\(function)': \(problem)")
}

@Test(arguments: [
  ("json.array(1)", "bad argument 'table' (#1) to 'array': table expected, got number"),
  ("json.object('')", "bad argument 'table' (#1) to 'object': table expected, got string"),
  (
    "json.array(setmetatable({}, {}))",
    "bad argument 'table' (#1) to 'array': it has a metatable of its own"
  ),
  ("json.decode()", "bad argument 'text' (#1) to 'decode': string expected, got no value"),
  ("json.decode(5)", "bad argument 'text' (#1) to 'decode': string expected, got number"),
  ("json.encode()", "bad argument 'value' (#1) to 'encode': a value expected"),
])
func `a wrong argument is refused`(call: String, message: String) throws {
  #expect(failure(of: call, in: try stateWithJSON())?.message == message)
}

@Test func `a failed encode leaves stack and buffer as they were`() throws {
  try LuaState().withStack { stack in
    stack.pushTable()
    stack.push(Double.nan)
    stack.setField("a", at: -2)
    let height = stack.count
    var buffer = Array("before".utf8)
    #expect(throws: JSONError.self) { try stack.encodeJSON(at: -1, into: &buffer) }
    #expect(buffer == Array("before".utf8))
    stack.push("x")
    try stack.encodeJSON(at: -1, into: &buffer)
    #expect(buffer == Array("before\"x\"".utf8))
    #expect(stack.count == height + 1)
  }
}

@Test func `a huge string survives both ways`() throws {
  let lua = try LuaState()
  let text = "\"" + String(repeating: "größe \\n 😀 ", count: 300_000) + "\""
  #expect(try roundTrip(text, in: lua) == text)
}
