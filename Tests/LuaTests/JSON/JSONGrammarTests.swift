import Testing

@testable import Lua

// Texts by the rules of RFC 8259, written for its sections 2 to 8.

@Test(arguments: [
  // Section 2: white space anywhere between tokens, any value at the top.
  " \t\n\r[ \t\n\r1 \t\n\r, \t\n\r2 \t\n\r] \t\n\r", "{ \"a\" \n:\t1\r,\"b\":2 }", "0", "\"\"",
  "null",
  // Section 3: literals.
  "true", "false", "[true,false,null]",
  // Sections 4 and 5: objects and arrays.
  "{}", "[]", "[[[[]]]]", "{\"a\":{\"a\":{}}}", "{\"\":0}", "{\"a\\u0000b\":1}", "[null]",
  // Section 6: numbers.
  "-0", "-0.0", "0.0", "0e0", "0E+0", "0e-0", "1e1", "1E1", "1e+1", "1e-1", "1.5e00001", "10",
  "-10",
  "123.456e-7", "0.1e1", "1e00", "0e400", "0e999999999999999999999", "1e-999999999999999999999",
  // Section 7: strings.
  "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0000\"", "\"\\uFFFF\"", "\"\\ud834\\udd1e\"",
  "\"\u{7f}\"",
  "\"\\uDBFF\\uDFFF\"", "\"\u{2028}\u{2029}\"", "\"\u{10FFFF}\"", "\"\\u00e9\u{e9}\"", "\"/\"",
])
func `what RFC 8259 allows is read`(text: String) throws {
  #expect(decodingError(Array(text.utf8), in: try LuaState()) == nil)
}

@Test(arguments: [
  // Nothing, or more than one value.
  "", " ", "[][]", "1 1", "{}{}", "[],", "null null", "]", "}", ",", ":", "\u{0}", "[]\u{0}",
  "1\u{0}",
  // Other white space and comments.
  "\u{c}1", "\u{b}1", "\u{a0}1", "\u{2060}1", "/**/1", "1//", "#1", "[1\u{c}]",
  // Literals.
  "True", "TRUE", "nUll", "tru", "truee", "fals", "nulll", "undefined", "nan", "-Infinity", "-NaN",
  // Objects.
  "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\" 1}", "{\"a\"::1}", "{,}",
  "{\"a\":1,,}",
  "{1:1}", "{null:1}", "{'a':1}", "{\"a\"}", "{\"a\":}", "{:1}", "{\"a\":1]", "{\"a\":1 \"b\":2}",
  "{[]:1}",
  // Arrays.
  "[", "[1", "[1,", "[,1]", "[1,,2]", "[1,]", "[1}", "[1:2]", "[1 2]", "[\"a\":1]", "[,]",
  // Numbers.
  "+1", "-", "--1", "-a", ".1", "-.1", "1.", "1.e1", "1e", "1e+", "1e-", "1e1.5", "00", "01", "-01",
  "0x1", "1_000", "1,000", "1e1e1", "0.1.1", "1f", "1n", "0b1", "1e٣", "１", "1 .5", "- 1", "1 e5",
  // Strings.
  "\"", "\"a", "\"\\", "\"\\\"", "\"\\a\"", "\"\\x41\"", "\"\\'\"", "\"\\U0041\"", "\"\\u\"",
  "\"\\u004\"",
  "\"\\u 041\"", "\"\\u+041\"", "\"\\u004g\"", "\"\u{0}\"", "\"\u{1f}\"", "\"\t\"", "\"\n\"", "'a'",
  "a",
  "\"\\ud800\"", "\"\\udfff\"", "\"\\ud800\\ud800\"", "\"\\ud800\\n\"", "\"\\ud800\\u\"",
  "\"\\ud800x\"",
  "\"\\udc00\\ud800\"", "\"\\0\"", "\"\\\n\"", "\"\\ud834\\u0064\"",
])
func `what RFC 8259 does not allow is refused with a place inside the text`(text: String) throws {
  let bytes = Array(text.utf8)
  let error = try #require(decodingError(bytes, in: try LuaState()))
  let position = try #require(error.position)
  #expect(position.byte <= bytes.count)
  #expect(error.reason.utf8.count < 80)
}

@Test func `the place counts lines, characters and bytes`() throws {
  let text = Array("{\n  \"größe\": [1, 2],\n  \"ß😀\": x\n}".utf8)
  let error = try #require(decodingError(text, in: try LuaState()))
  #expect(error.message == "line 3, column 9 (byte 35): expected a value, found 'x'")
  #expect(error.position == JSONError.Position(line: 3, column: 9, byte: 35))
  #expect(text[35] == UInt8(ascii: "x"))
}

@Test func `the input needs no zero byte behind it and nothing there is read`() throws {
  let lua = try LuaState()
  let document = Array(#"{"a":[1,"text \u00e4 of some length",true,-12.5e1]}"#.utf8)
  // A buffer whose bytes beyond the end would complete the value.
  for length in document.indices {
    let error = document.withUnsafeBytes { bytes in
      lua.withStack { stack in
        do throws(JSONError) {
          try stack.pushJSON(UnsafeRawBufferPointer(rebasing: bytes[..<length]), .init())
          return nil as JSONError?
        } catch {
          return error
        }
      }
    }
    #expect(error != nil)
  }
}

@Test func `a message never quotes more than a few characters`() throws {
  let lua = try LuaState()
  let digits = String(repeating: "9", count: 100_000)
  #expect(
    decodingError(Array(("[" + digits + "e9]").utf8), in: lua)?.message
      == "line 1, column 2 (byte 1): the number '99999999999999999…' is too large for a double")
  #expect(
    decodingError(Array(digits.utf8), in: lua)?.message
      == "line 1, column 1 (byte 0): the number '99999999999999999…' is too large for a double")
}

@Test func `damaged documents are errors or values and never crash`() throws {
  let document = Array(
    #"{"id":7,"price":12.5e-3,"name":"gr\u00f6\u00dfe 😀","tags":["a",null,true,{}],"big":9007199254740993}"#
      .utf8)
  let alphabet =
    Array("{}[]\",:0123456789eE+-.\\utrfalsn \n\u{e9}\u{0}".utf8) + [0xFF, 0xC3, 0xED, 0xA0]
  var random = SeededGenerator(seed: 7)
  let lua = try LuaState()
  for _ in 0..<20_000 {
    var text = document
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let index = Int.random(in: 0..<text.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: text[index] = alphabet.randomElement(using: &random) ?? 0
      case 1: text.remove(at: index)
      case 2: text.insert(alphabet.randomElement(using: &random) ?? 0, at: index)
      default: text.removeSubrange(index...)
      }
      if text.isEmpty { break }
    }
    guard decodingError(text, in: lua) == nil else { continue }
    let once = try roundTrip(text, in: lua)
    #expect(try roundTrip(once, in: lua) == once)
  }
}
