import Testing

@testable import RefoldActions

@Suite struct JSONScannerTests {
  typealias Token = JSONScanner.Token

  static func tokens(_ bytes: [UInt8]) throws -> [Token] {
    var scanner = JSONScanner(bytes)
    var tokens: [Token] = []
    while true {
      let token = try scanner.next()
      if token == .endOfText { return tokens }
      tokens.append(token)
    }
  }

  @Test(arguments: [
    ("null", [Token.null]),
    (" \t\r\n true ", [.bool(true)]),
    ("false", [.bool(false)]),
    ("0", [.number("0")]),
    ("-0", [.number("-0")]),
    ("-12.50e+3", [.number("-12.50e+3")]),
    ("1E-9", [.number("1E-9")]),
    ("123456789012345678901234567890", [.number("123456789012345678901234567890")]),
    ("\"\"", [.string("")]),
    (#""a\"\\\/\b\f\n\r\tz""#, [.string("a\"\\/\u{8}\u{C}\n\r\tz")]),
    (#""\u00e9\u20AC""#, [.string("é€")]),
    (#""\ud83d\ude00""#, [.string("😀")]),
    (#""\ud83d""#, [.string("\u{FFFD}")]),
    (#""\ud83dx""#, [.string("\u{FFFD}x")]),
    (#""\ud83d\n""#, [.string("\u{FFFD}\n")]),
    (#""\ud83d\u0041""#, [.string("\u{FFFD}A")]),
    (#""\ude00""#, [.string("\u{FFFD}")]),
    ("\"é😀\"", [.string("é😀")]),
    ("[]", [.beginArray, .endArray]),
    ("{ }", [.beginObject, .endObject]),
    ("[ 1 , [ ] ]", [.beginArray, .number("1"), .beginArray, .endArray, .endArray]),
    (
      #"{"a":{"b":null},"":"x"}"#,
      [
        .beginObject, .name("a"), .beginObject, .name("b"), .null, .endObject, .name(""),
        .string("x"), .endObject,
      ]
    ),
  ])
  func `a valid document gives its tokens`(text: String, expected: [Token]) throws {
    #expect(try Self.tokens(Array(text.utf8)) == expected)
  }

  @Test(arguments: [
    ("", "expected a value, found the end at byte 0"),
    ("   ", "expected a value, found the end at byte 3"),
    ("nul", "expected 'null', found the end at byte 3"),
    ("nulL", "expected 'null', found 'L' at byte 3"),
    ("True", "expected a value, found 'T' at byte 0"),
    ("NaN", "expected a value, found 'N' at byte 0"),
    ("'a'", "expected a value, found ''' at byte 0"),
    ("\u{FEFF}{}", "expected a value, found byte 239 at byte 0"),
    ("<html>", "expected a value, found '<' at byte 0"),
    ("01", "a number with a leading zero at byte 0"),
    ("-", "a number without its digits at byte 0"),
    ("+1", "expected a value, found '+' at byte 0"),
    (".5", "expected a value, found '.' at byte 0"),
    ("[1.]", "a number without its digits at byte 1"),
    ("1e", "a number without its digits at byte 0"),
    ("1 2", "text after the end of the document at byte 2"),
    ("{}x", "text after the end of the document at byte 2"),
    ("]", "expected a value, found ']' at byte 0"),
    ("[1,]", "expected a value, found ']' at byte 3"),
    ("[,1]", "expected a value, found ',' at byte 1"),
    ("[1 2]", "expected ',' or ']', found '2' at byte 3"),
    ("[1}", "expected ',' or ']', found '}' at byte 2"),
    ("[", "expected a value, found the end at byte 1"),
    ("[1", "expected ',' or ']', found the end at byte 2"),
    ("{", "expected a name in quotes, found the end at byte 1"),
    ("{a:1}", "expected a name in quotes, found 'a' at byte 1"),
    (#"{"a"}"#, "expected ':', found '}' at byte 4"),
    (#"{"a":}"#, "expected a value, found '}' at byte 5"),
    (#"{"a":1,}"#, "expected a name in quotes, found '}' at byte 7"),
    (#"{"a":1 "b"}"#, "expected ',' or '}', found '\"' at byte 7"),
    (#"{"a":1]"#, "expected ',' or '}', found ']' at byte 6"),
    (#"{1:1}"#, "expected a name in quotes, found '1' at byte 1"),
    (#""abc"#, "a string without an end at byte 0"),
    (#""abc\"#, "a string without an end at byte 4"),
    (#""\x""#, "an unknown escape at byte 1"),
    (#""\u12g4""#, "an escape without four hexadecimal digits at byte 1"),
    (#""\u12"#, "an escape without four hexadecimal digits at byte 1"),
    (#""\ud83d\u12""#, "an escape without four hexadecimal digits at byte 7"),
    ("\"a\nb\"", "a control character in a string at byte 2"),
    ("// a\n1", "expected a value, found '/' at byte 0"),
  ])
  func `an invalid document is an error with its place`(text: String, message: String) {
    let error = #expect(throws: JSONScanError.self) { try Self.tokens(Array(text.utf8)) }
    #expect(error?.description == message)
  }

  @Test(
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22],
      [0x22, 0xED, 0xA0, 0x80, 0x22],
    ] as [[UInt8]])
  func `a string that is not UTF-8 is an error`(bytes: [UInt8]) {
    let error = #expect(throws: JSONScanError.self) { try Self.tokens(bytes) }
    #expect(error?.description == "a string that is not UTF-8 at byte 0")
  }

  @Test func `every prefix of a document is an error`() {
    let text = Array(#"{"a":[1,{"b":"cé\n"},null],"d":true}"#.utf8)
    for length in 0..<text.count {
      #expect(throws: JSONScanError.self) { try Self.tokens(Array(text[..<length])) }
    }
    #expect(throws: Never.self) { try Self.tokens(text) }
  }

  @Test func `nesting goes to the limit and no further`() throws {
    let fits = Array((String(repeating: "[", count: 200) + String(repeating: "]", count: 200)).utf8)
    #expect(try Self.tokens(fits).count == 400)
    let error = #expect(throws: JSONScanError.self) {
      try Self.tokens(Array(String(repeating: "[", count: 201).utf8))
    }
    #expect(error?.description == "more than 200 levels at byte 200")
  }

  @Test func `the end stays the end`() throws {
    var scanner = JSONScanner(Array("1".utf8))
    #expect(try scanner.next() == .number("1"))
    #expect(try scanner.next() == .endOfText)
    #expect(try scanner.next() == .endOfText)
  }

  @Test func `members left unread are skipped`() throws {
    var scanner = JSONScanner(Array(#"{"a":[{"b":[1]}],"c":{"d":2},"e":"x","f":[]} "#.utf8))
    var seen: [String] = []
    let isObject = try scanner.members { (name, scanner) throws(JSONScanError) in
      seen.append(name)
      if name == "e" { seen.append(try scanner.string() ?? "nil") }
    }
    try scanner.finish()
    #expect(isObject)
    #expect(seen == ["a", "c", "e", "x", "f"])
  }

  @Test func `elements left unread are skipped`() throws {
    var scanner = JSONScanner(Array(#"[1,[2,[3]],{"a":[]},"x", [ ] ]"#.utf8))
    var count = 0
    #expect(try scanner.elements { (_) throws(JSONScanError) in count += 1 })
    try scanner.finish()
    #expect(count == 5)
  }

  @Test func `a value of another type reads as nil and is passed over`() throws {
    var scanner = JSONScanner(Array(#"[{"a":[1]},[2],"7","true",3,true,null,"x",2.5]"#.utf8))
    _ = try scanner.next()
    #expect(try scanner.string() == nil)
    #expect(try scanner.integer() == nil)
    #expect(try scanner.integer() == 7)
    #expect(try scanner.bool() == true)
    #expect(try scanner.bool() == nil)
    #expect(try scanner.scalarText() == "true")
    #expect(try scanner.scalarText() == nil)
    #expect(try scanner.members { (_, _) throws(JSONScanError) in } == false)
    #expect(try scanner.scalarText() == "2.5")
    #expect(try scanner.next() == .endArray)
  }

  @Test(arguments: ["[1,", "[[1}", #"[{"a":}]"#])
  func `elements and members report what is broken`(text: String) {
    #expect(throws: JSONScanError.self) {
      var scanner = JSONScanner(Array(text.utf8))
      try scanner.elements { (scanner) throws(JSONScanError) in try scanner.skipValue() }
      try scanner.finish()
    }
  }
}
