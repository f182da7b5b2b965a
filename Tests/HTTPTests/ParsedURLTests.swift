import Testing

@testable import HTTP

@Suite struct ParsedURLTests {
  @Test(arguments: [
    ("http://[fe80::1%25eth0]:80/a", false), ("http://[::1]:80/a%20b", true),
    ("https://api.example.com/a%20b?c=%5B", true), ("http://127.0.0.1/", true),
  ])
  func `an address with a zone is left to libcurl, which loses the zone of a parsed one`(
    url: String, isParsed: Bool
  ) throws {
    let parsed = try ParsedURL(url, CurlLibrary.loaded())
    #expect(parsed.text == url)
    #expect(unsafe (parsed.parsed != nil) == isParsed)
  }
}
