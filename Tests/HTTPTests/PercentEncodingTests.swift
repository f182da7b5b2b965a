import HTTP
import Testing

@Suite struct PercentEncodingTests {
  @Test(arguments: [
    ("", ""), ("hub-spot_1.0~", "hub-spot_1.0~"), ("a/b c", "a%2Fb%20c"), ("ä", "%C3%A4"),
    ("%", "%25"), ("?#&=+", "%3F%23%26%3D%2B"), (".", "%2E"), ("..", "%2E%2E"), ("...", "..."),
    ("\r\n\0", "%0D%0A%00"),
  ])
  func `a segment is encoded so that it comes back`(text: String, encoded: String) {
    #expect(PercentEncoding.encodePathSegment(text) == encoded)
    #expect(PercentEncoding.decode(encoded) == text)
  }

  @Test func `small letters and plus signs decode`() {
    #expect(PercentEncoding.decode("%c3%a4+%2f") == "ä+/")
  }

  @Test(arguments: ["%", "%a", "%zz", "a%2", "%C3", "%FF", "%+1"])
  func `what does not decode is nil`(text: String) {
    #expect(PercentEncoding.decode(text) == nil)
  }
}
