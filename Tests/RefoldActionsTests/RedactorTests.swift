import Testing

@testable import RefoldActions

@Suite struct RedactorTests {
  @Test(arguments: [
    ("", ""), ("nothing here", "nothing here"), ("tk_123456789abcdef", "[redacted]"),
    ("a tk_123456789abcdef, tk_123456789abcdef.", "a [redacted], [redacted]."),
    ("tk_123456789abcdetk_123456789abcdef", "tk_123456789abcde[redacted]"),
    ("tk_123456789abcde", "tk_123456789abcde"),
  ])
  func `a key is replaced wherever it stands`(text: String, expected: String) {
    let redactor = Redactor(SecretString("tk_123456789abcdef"))
    #expect(redactor.redact(text) == expected)
    #expect(redactor.redact(body: Array(text.utf8)) == Array(expected.utf8))
  }

  @Test func `a key is found as JSON writes it`() {
    let redactor = Redactor(SecretString(#"tk/a"b\c/0123456789"#))
    #expect(redactor.redact(#""tk/a\"b\\c/0123456789""#) == #""[redacted]""#)
    #expect(redactor.redact(#""tk\/a\"b\\c\/0123456789""#) == #""[redacted]""#)
  }

  @Test func `a short key is taken out of errors, not out of records`() {
    let redactor = Redactor(SecretString("tk_1"))
    #expect(redactor.redact("bad key tk_1") == "bad key [redacted]")
    #expect(redactor.redact(body: Array("tk_1".utf8)) == Array("tk_1".utf8))
  }

  @Test func `no part of an error keeps the key`() {
    let key = "tk_123456789abcdef"
    let error = ActionError(
      kind: .permanent, status: 400, code: key, message: "m \(key)", hint: "h \(key)", app: key,
      action: key, account: key, traceID: key)
    let redacted = Redactor(SecretString(key)).redact(error)
    #expect(!"\(redacted) \(redacted.app ?? "") \(redacted.account ?? "")".contains(key))
    #expect(redacted.message == "m [redacted]")
  }

  @Test(arguments: [
    ("abc", "abc", 0..<3 as Range<Int>?), ("abc", "xxabcabc", 2..<5), ("abc", "ab", nil),
    ("a", "bba", 2..<3), ("", "abc", nil), ("aab", "aaaaab", 3..<6), ("abc", "", nil),
  ])
  func `a pattern is found where it first stands`(
    pattern: String, text: String, match: Range<Int>?
  ) {
    #expect(BytePattern(pattern).firstMatch(in: Array(text.utf8)) == match)
  }
}
