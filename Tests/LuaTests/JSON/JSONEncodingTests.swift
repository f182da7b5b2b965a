import Testing

@testable import Lua

/// Evaluates a Lua expression, with the module `json` at hand, and encodes its value.
private func encode(
  _ expression: String, pretty: Bool = false, sorted: Bool = true
) throws -> String {
  let lua = try LuaState()
  lua.withStack { stack in
    stack.pushGlobals()
    stack.pushJSONLibrary()
    stack.setField("json", at: -2)
  }
  var options = JSONEncodingOptions()
  options.isPretty = pretty
  options.sortsKeys = sorted
  return try lua.run("return " + expression) { stack, _ in
    String(decoding: try stack.encodeJSON(at: -1, options: options), as: UTF8.self)
  }
}

private func failure(of expression: String) throws -> String? {
  do {
    _ = try encode(expression)
    return nil
  } catch let error as JSONError {
    return error.message
  }
}

@Test(arguments: [
  ("nil", "null"), ("json.null", "null"), ("true", "true"), ("false", "false"),
  ("0", "0"), ("-0.0", "-0"), ("1.0", "1"), ("-3.0", "-3"), ("0.1", "0.1"),
  ("1/3", "0.3333333333333333"),
  ("math.maxinteger", "9223372036854775807"), ("math.mininteger", "-9223372036854775808"),
  ("9007199254740991.0", "9007199254740991"), ("9007199254740992.0", "9007199254740992.0"),
  ("1e308", "1e+308"), ("5e-324", "5e-324"), ("1e21", "1e+21"), ("123456.789", "123456.789"),
  ("''", "\"\""), ("'a\"b\\\\c/d'", "\"a\\\"b\\\\c/d\""),
  ("'\\n\\r\\t\\b\\f\\0\\x1f\\x7f'", "\"\\n\\r\\t\\b\\f\\u0000\\u001f\u{7f}\""),
  ("'größe 😀'", "\"größe 😀\""),
  ("{}", "{}"), ("json.array({})", "[]"), ("json.array()", "[]"), ("json.object({})", "{}"),
  ("{ 1, 2, 3 }", "[1,2,3]"), ("{ a = 1, b = { 2 } }", "{\"a\":1,\"b\":[2]}"),
  ("{ [1] = 'x', [2] = 'y', [3] = 'z' }", "[\"x\",\"y\",\"z\"]"), ("{ json.null, 1 }", "[null,1]"),
  ("{ json.array(), {}, json.null }", "[[],{},null]"), ("{ ['1'] = 'x' }", "{\"1\":\"x\"}"),
  (
    "setmetatable({ 1 }, { __len = function() return 9 end, __index = error, __pairs = error })",
    "[1]"
  ),
  ("(function() local s = {} return { s, s } end)()", "[{},{}]"),
  (
    "(function() local t = {} for i = 10, 1, -1 do t[i] = i end return t end)()",
    "[1,2,3,4,5,6,7,8,9,10]"
  ),
])
func `values are written exactly`(expression: String, text: String) throws {
  #expect(try encode(expression) == text)
}

@Test(arguments: [
  ("{ f = print or function() end }", "$.f: a function has no JSON form"),
  ("{ lines = { {}, {}, { qty = 0/0 } } }", "$.lines[3].qty: NaN has no JSON form"),
  ("{ 1/0 }", "$[1]: infinity has no JSON form"),
  ("-1/0", "$: infinity has no JSON form"),
  ("{ co = coroutine.create(function() end) }", "$.co: a thread has no JSON form"),
  ("(function() local t = {} t.self = t return t end)()", "$.self: the table contains itself"),
  (
    "(function() local t = { a = {} } t.a.b = { t } return t end)()",
    "$.a.b[1]: the table contains itself"
  ),
  ("{ 1, nil, 3, nil, nil, 6 }", "$[2]: a hole in a list; use null for an empty item"),
  ("{ [3] = 'c' }", "$: the key 3 of an object must be a string"),
  (
    "{ 1, 2, name = 'x' }",
    "$: a table with both list items and other keys is neither array nor object"
  ),
  ("{ [0] = 1 }", "$: the key 0 of an object must be a string"),
  ("{ [true] = 1 }", "$: a key of an object must be a string, not a boolean"),
  ("{ [1.5] = 1 }", "$: a key of an object must be a string, not a number"),
  ("json.array({ a = 1 })", "$: a table marked as an array has keys that are not list indexes"),
  ("{ s = 'ab\\xff' }", "$.s: the text is not UTF-8 at byte 2"),
  ("{ ['\\xff'] = 1 }", "$: a key is not UTF-8 at byte 0"),
])
func `what has no JSON form is an error with its path`(expression: String, message: String) throws {
  #expect(try failure(of: expression) == message)
}

@Test func `a table is as deep as the limit and not one level more`() throws {
  let nested = { (depth: Int) in
    "(function() local t = {} for i = 2, \(depth) do t = { t } end return t end)()"
  }
  #expect(try failure(of: nested(1000)) == nil)
  #expect(try failure(of: nested(1001))?.hasSuffix(": nested deeper than 1000 levels") == true)
}

@Test func `pretty text and sorted keys are for people`() throws {
  let text = """
    {
      "a": [
        1,
        {}
      ],
      "b": {
        "c": null
      },
      "d": []
    }

    """
  #expect(
    try encode("{ d = json.array(), b = { c = json.null }, a = { 1, {} } }", pretty: true) == text)
}

@Test func `the module refuses what it does not know`() throws {
  let lua = try LuaState()
  lua.withStack { stack in
    stack.pushGlobals()
    stack.pushJSONLibrary()
    stack.setField("json", at: -2)
  }
  #expect(
    failure(of: "json.encode({}, { prety = true })", in: lua)?.message
      == "bad argument 'opts' (#2) to 'encode': unknown option 'prety' (use 'pretty', 'sort_keys', 'depth')"
  )
  #expect(
    failure(of: "json.decode('[')", in: lua)?.description
      == "script.lua:1: invalid JSON at line 1, column 2 (byte 1): expected a value, found the end")
  #expect(
    failure(of: "json.decode({})", in: lua)?.message
      == "bad argument 'text' (#1) to 'decode': string expected, got table")
  #expect(
    failure(of: "json.encode({ 0/0 })", in: lua)?.message
      == "can't encode as JSON: $[1]: NaN has no JSON form")
  #expect(
    try text(of: "return json.encode(json.decode('[1,{\"a\":[]},{}]'))", in: lua)
      == "[1,{\"a\":[]},{}]")
  #expect(
    try text(of: "return json.decode('9223372036854775808', { big = 'string' })", in: lua)
      == "9223372036854775808")
  #expect(try text(of: "return tostring(json.null)", in: lua) == "null")
}

@Test func `random values survive a round trip`() throws {
  var random = SeededGenerator(seed: 42)
  let lua = try LuaState()
  for _ in 0..<500 {
    let text = randomJSON(&random, depth: 0)
    let again = try lua.withStack { stack in
      try stack.pushJSON(Array(text.utf8))
      var options = JSONEncodingOptions()
      options.sortsKeys = true
      return String(decoding: try stack.encodeJSON(at: -1, options: options), as: UTF8.self)
    }
    #expect(again == text)
  }
}

/// Returns JSON text in the form that the encoder writes: no blanks, sorted keys, shortest numbers.
private func randomJSON(_ random: inout SeededGenerator, depth: Int) -> String {
  switch Int.random(in: 0..<(depth < 4 ? 8 : 5), using: &random) {
  case 0: return "null"
  case 1: return Bool.random(using: &random) ? "true" : "false"
  case 2: return String(Int64.random(in: Int64.min...Int64.max, using: &random))
  case 3:
    let value = Double(bitPattern: UInt64.random(in: 0..<0x7FF0_0000_0000_0000, using: &random))
    return value == value.rounded() && value < 9e15 ? String(Int64(value)) : value.description
  case 4:
    let letters = ["a", "ä", "€", "😀", "\\n", "\\\"", "\\u0001", " "]
    let count = Int.random(in: 0..<12, using: &random)
    return "\"" + (0..<count).map { _ in letters.randomElement(using: &random) ?? "" }.joined()
      + "\""
  case 5, 6:
    let count = Int.random(in: 0..<6, using: &random)
    return "["
      + (0..<count).map { _ in randomJSON(&random, depth: depth + 1) }.joined(separator: ",") + "]"
  default:
    let keys = Set(
      (0..<Int.random(in: 0..<6, using: &random)).map { _ in
        "k\(Int.random(in: 0..<100, using: &random))"
      })
    let members = keys.sorted().map { "\"\($0)\":" + randomJSON(&random, depth: depth + 1) }
    return "{" + members.joined(separator: ",") + "}"
  }
}
