import Testing

@testable import Lua

/// Decodes a text and describes the value as Lua source would write it.
private func describe(_ text: String, big: Bool = false) throws -> String {
  try describe(Array(text.utf8), big: big)
}

private func describe(_ text: [UInt8], big: Bool = false) throws -> String {
  let lua = try LuaState()
  var options = JSONDecodingOptions()
  options.keepsBigIntegers = big
  return try lua.withStack { stack in
    try stack.pushJSON(text, options: options)
    return describe(stack)
  }
}

private func describe(_ stack: borrowing LuaStack) -> String {
  switch stack.type(at: -1) {
  case .number: return stack.integer(at: -1).map { "\($0)" } ?? "\(stack.number(at: -1) ?? .nan)f"
  case .string: return "'\(stack.string(at: -1) ?? "")'"
  case .boolean: return "\(stack.boolean(at: -1) ?? false)"
  case .lightUserdata: return "null"
  case .table:
    let isMarked = stack.pushMetatable(at: -1)
    if isMarked { stack.pop() }
    var parts: [String] = []
    stack.forEachEntry(at: -1) { stack in
      let key = stack.integer(at: -2).map { "[\($0)]" } ?? stack.string(at: -2) ?? "?"
      parts.append("\(key)=\(describe(stack))")
    }
    let text = parts.sorted().joined(separator: ",")
    return isMarked ? "[\(text)]" : "{\(text)}"
  default: return stack.type(at: -1).name
  }
}

private func failure(of text: [UInt8]) throws -> String? {
  do {
    _ = try describe(text)
    return nil
  } catch let error as JSONError {
    return error.message
  }
}

@Test(arguments: [
  ("null", "null"), ("true", "true"), ("false", "false"), (" \t\r\n1 ", "1"), ("\"\"", "''"),
  ("[]", "[]"), ("{}", "{}"), ("[[],{}]", "[[1]=[],[2]={}]"), ("[null,1]", "[[1]=null,[2]=1]"),
  ("{\"a\":{\"b\":[1,2]}}", "{a={b=[[1]=1,[2]=2]}}"), ("{\"\":1}", "{=1}"),
  ("{\"a\":1,\"a\":2}", "{a=2}"), ("{\"a\":null,\"a\":[],\"a\":3}", "{a=3}"),
  ("0", "0"), ("-0", "-0.0f"), ("-1", "-1"), ("9223372036854775807", "9223372036854775807"),
  ("-9223372036854775808", "-9223372036854775808"),
  ("9223372036854775808", "9.223372036854775808e+18f"),
  ("9007199254740993", "9007199254740993"), ("123456789012345678", "123456789012345678"),
  ("1.0", "1.0f"), ("1e2", "100.0f"), ("1E+2", "100.0f"), ("-1.5e-3", "-0.0015f"),
  ("0.1", "0.1f"), ("5e-324", "5e-324f"), ("1e308", "1e+308f"), ("1e-400", "0.0f"),
  ("2.2250738585072014e-308", "2.2250738585072014e-308f"),
  ("0.1000000000000000055511151231257827021181583404541015625", "0.1f"),
  ("100000000000000000000", "1e+20f"),
  ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "'\"\\/\u{8}\u{c}\n\r\t'"),
  ("\"\\u0041\\u00e4\\u20AC\"", "'Aä€'"),
  ("\"\\ud83d\\ude00\"", "'😀'"),
  ("\"plain text that is longer than eight\"", "'plain text that is longer than eight'"),
  ("\"größe 日本語 \\n naïve\"", "'größe 日本語 \n naïve'"), ("\"a\\u0000b\"", "'a\u{0}b'"),
])
func `valid JSON is read exactly`(text: String, value: String) throws {
  #expect(
    try describe(text)
      == value.replacing("9.223372036854775808e+18f", with: "9.223372036854776e+18f"))
}

@Test(arguments: [
  ("", "line 1, column 1 (byte 0): expected a value, found the end"),
  ("  \n ", "line 2, column 2 (byte 4): expected a value, found the end"),
  ("nul", "line 1, column 1 (byte 0): expected a value, found 'n'"),
  ("[1,]", "line 1, column 4 (byte 3): expected a value, found ']'"),
  ("[1 2]", "line 1, column 4 (byte 3): expected ',' or ']', found '2'"),
  ("[1", "line 1, column 3 (byte 2): expected ',' or ']', found the end"),
  ("{\"a\":1,}", "line 1, column 8 (byte 7): expected a key in double quotes, found '}'"),
  ("{a:1}", "line 1, column 2 (byte 1): expected a key in double quotes, found 'a'"),
  ("{\"a\" 1}", "line 1, column 6 (byte 5): expected ':' after the key, found '1'"),
  ("{\"a\":1", "line 1, column 7 (byte 6): expected ',' or '}', found the end"),
  ("1 2", "line 1, column 3 (byte 2): unexpected text after the value"),
  ("{}x", "line 1, column 3 (byte 2): unexpected text after the value"),
  ("01", "line 1, column 2 (byte 1): a number must not start with a zero"),
  ("-", "line 1, column 2 (byte 1): expected a digit, found the end"),
  ("1.", "line 1, column 3 (byte 2): expected a digit, found the end"),
  ("1e", "line 1, column 3 (byte 2): expected a digit, found the end"),
  ("+1", "line 1, column 1 (byte 0): expected a value, found '+'"),
  (".5", "line 1, column 1 (byte 0): expected a value, found '.'"),
  ("NaN", "line 1, column 1 (byte 0): expected a value, found 'N'"),
  ("Infinity", "line 1, column 1 (byte 0): expected a value, found 'I'"),
  ("1e400", "line 1, column 1 (byte 0): the number '1e400' is too large for a double"),
  ("'a'", "line 1, column 1 (byte 0): expected a value, found '''"),
  ("\"a", "line 1, column 1 (byte 0): the string that begins here does not end"),
  ("\"a\\", "line 1, column 1 (byte 0): the string that begins here does not end"),
  ("\"\\x\"", "line 1, column 2 (byte 1): unknown escape '\\x' in a string"),
  ("\"\\u12g4\"", "line 1, column 2 (byte 1): expected four hexadecimal digits after '\\u'"),
  ("\"\\ud800\"", "line 1, column 2 (byte 1): '\\ud800' is half of a surrogate pair"),
  ("\"\\udc00\"", "line 1, column 2 (byte 1): '\\udc00' is half of a surrogate pair"),
  ("\"\\ud800\\u0041\"", "line 1, column 2 (byte 1): '\\ud800' is half of a surrogate pair"),
  ("\"a\nb\"", "line 1, column 3 (byte 2): the control character 0x0A in a string must be escaped"),
  ("// c\n1", "line 1, column 1 (byte 0): expected a value, found '/'"),
  (
    "\u{feff}1",
    "line 1, column 1 (byte 0): a byte order mark is not part of JSON; save the text without one"
  ),
])
func `invalid JSON is an error with its place`(text: String, message: String) throws {
  #expect(try failure(of: Array(text.utf8)) == message)
}

@Test(
  arguments: [
    ([0x22, 0x80, 0x22], 1), ([0x22, 0x61, 0xC0, 0xAF, 0x22], 2),
    ([0x22, 0xE0, 0x80, 0x80, 0x22], 1),
    ([0x22, 0xED, 0xA0, 0x80, 0x22], 1), ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1),
    ([0x22, 0xF8, 0x88, 0x80, 0x80, 0x22], 1), ([0x22, 0xC3, 0x22], 1),
    ([0x22, 0xE2, 0x82, 0x22], 1),
    ([0x22, 0x5C, 0x6E, 0xFF, 0x22], 3),
  ] as [([UInt8], Int)])
func `bytes that are not UTF-8 are an error with their offset`(bytes: [UInt8], offset: Int) throws {
  #expect(
    try failure(of: bytes) == "line 1, column \(offset + 1) (byte \(offset)): the text is not UTF-8"
  )
}

@Test func `integers beyond 64 bits keep their digits when asked to`() throws {
  #expect(
    try describe("[9223372036854775808,-1,1.5]", big: true)
      == "[[1]='9223372036854775808',[2]=-1,[3]=1.5f]")
}

@Test func `the last of duplicate keys wins, also among many`() throws {
  let members = (0..<100).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
  let text = "{\"k5\":\"first\",\(members),\"k5\":\"last\"}"
  #expect(try describe(text).contains("k5='last'"))
}

@Test func `depth is limited where it says`() throws {
  func nested(_ depth: Int) -> [UInt8] {
    Array(String(repeating: "[", count: depth).utf8)
      + Array(String(repeating: "]", count: depth).utf8)
  }
  #expect(try failure(of: nested(1000)) == nil)
  #expect(
    try failure(of: nested(1001))
      == "line 1, column 1001 (byte 1000): nested deeper than 1000 levels")
  let brackets = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
  #expect(
    try failure(of: brackets) == "line 1, column 1001 (byte 1000): nested deeper than 1000 levels")
  let keys = Array(String(repeating: "{\"a\":", count: 100_000).utf8)
  #expect(try failure(of: keys)?.hasSuffix("nested deeper than 1000 levels") == true)
}

@Test func `a failed decode leaves nothing on the stack`() throws {
  let lua = try LuaState()
  lua.withStack { stack in
    let height = stack.count
    #expect(throws: JSONError.self) { try stack.pushJSON(Array("[1,[2,{\"a\":[".utf8)) }
    #expect(stack.count == height)
  }
}

@Test func `a decode that fills the memory is a memory error, and the state stays usable`() throws {
  let lua = try LuaState(memoryLimit: 2 << 20)
  let text = Array(("[" + (0..<200_000).map { "{\"id\":\($0)}" }.joined(separator: ",") + "]").utf8)
  lua.setGlobal("decode") { stack in
    try stack.pushJSON(text)
    return .results(1)
  }
  #expect(
    try lua.run("return select(2, pcall(decode))") { stack, _ in stack.string(at: -1) }?.hasSuffix(
      "not enough memory") == true)
  #expect(failure(of: "decode()", in: lua)?.code == .memory)
  #expect(lua.memoryPeak < 3 << 20)
  try lua.run("local t = {} for i = 1, 1000 do t[i] = {} end")
}

@Test func `every cut of a document is an error and never a crash`() throws {
  let text = Array(#"{"a":[1,2.5e3,"x\u00e4\ud83d\ude00",true,null],"b":{"c":"größe"}}"#.utf8)
  for length in 0..<text.count {
    #expect(try failure(of: Array(text[..<length])) != nil)
  }
  #expect(try failure(of: text) == nil)
}
