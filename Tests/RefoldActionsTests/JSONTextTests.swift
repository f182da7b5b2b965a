import RefoldActions
import Testing

@Suite struct JSONTextTests {
  @Test(arguments: [
    ("", #""""#), (#"a"b\c"#, #""a\"b\\c""#), ("l\nr\rt\t", #""l\nr\rt\t""#),
    ("\u{0}\u{1F}\u{7F}", #""\u0000\u001f\u007f""#), ("é漢😀/", #""é漢😀/""#),
  ])
  func `text is quoted so that it reads back the same`(text: String, quoted: String) throws {
    #expect(JSONText.quoted(text) == quoted)
    var scanner = JSONScanner(Array(quoted.utf8))
    let read = try scanner.string()
    #expect(read == text)
  }

  @Test func `objects and arrays keep their order`() {
    let object = JSONText.object(["b": "1", "a\"": JSONText.array(["true", "null"])])
    #expect(object == #"{"b":1,"a\"":[true,null]}"#)
    #expect(JSONText.array([]) == "[]")
  }
}
