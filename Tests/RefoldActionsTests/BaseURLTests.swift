import RefoldActions
import Testing

@Suite struct BaseURLTests {
  @Test(arguments: [
    ("https://app.refold.ai", "https://app.refold.ai"),
    ("https://app.refold.ai/", "https://app.refold.ai"),
    ("  https://app.refold.ai// \n", "https://app.refold.ai"),
    ("HTTPS://App.Refold.AI:8443/Prefix/a/", "https://app.refold.ai:8443/Prefix/a"),
    ("https://10.0.0.1", "https://10.0.0.1"),
    ("https://my_host-1", "https://my_host-1"),
    ("https://[fd00::1]:1/x", "https://[fd00::1]:1/x"),
    ("http://localhost:8080", "http://localhost:8080"),
    ("http://api.localhost", "http://api.localhost"),
    ("http://127.0.0.1:1", "http://127.0.0.1:1"),
    ("http://127.8.9.10", "http://127.8.9.10"),
    ("http://[::1]:65535/", "http://[::1]:65535"),
  ])
  func `a base URL is kept without slashes at its end`(text: String, expected: String) throws {
    #expect(try BaseURL(text).description == expected)
  }

  @Test(arguments: [
    ("", "the base URL '' does not begin with https://"),
    ("app.refold.ai", "the base URL 'app.refold.ai' does not begin with https://"),
    ("ftp://app.refold.ai", "the base URL 'ftp://app.refold.ai' does not begin with https://"),
    ("https:/app.refold.ai", "the base URL 'https:/app.refold.ai' does not begin with https://"),
    ("me:SECRET@h", "the base URL '…' does not begin with https://"),
    ("https://me:SECRET@h/", "the base URL holds a user name or password"),
    ("https://me@h/", "the base URL holds a user name or password"),
    ("https://h/?key=1", "the base URL 'https://h/?key=1' holds a query or a fragment"),
    ("https://h#x", "the base URL 'https://h#x' holds a query or a fragment"),
    ("https://", "the base URL 'https://' has no valid host and port"),
    ("https:///x", "the base URL 'https:///x' has no valid host and port"),
    ("https://h:0", "the base URL 'https://h:0' has no valid host and port"),
    ("https://h:65536", "the base URL 'https://h:65536' has no valid host and port"),
    ("https://h:", "the base URL 'https://h:' has no valid host and port"),
    ("https://h:+1", "the base URL 'https://h:+1' has no valid host and port"),
    ("https://[::1", "the base URL 'https://[::1' has no valid host and port"),
    ("https://[::1]x", "the base URL 'https://[::1]x' has no valid host and port"),
    ("https://a!b", "the base URL 'https://a!b' has no valid host and port"),
    ("https://a b", "the base URL holds a character that no URL holds"),
    ("https://a\nb", "the base URL holds a character that no URL holds"),
    ("https://bücher.de", "the base URL holds a character that no URL holds"),
    ("https://a\\b", "the base URL holds a character that no URL holds"),
  ])
  func `anything else is refused`(text: String, message: String) {
    let error = #expect(throws: CredentialsError.self) { try BaseURL(text) }
    #expect(error?.code == .invalidBaseURL)
    #expect(error?.message == message)
    #expect(error?.hint != nil)
  }

  @Test(arguments: [
    "http://app.refold.ai", "http://127.0.0.1.evil.example", "http://1270.0.0.1",
    "http://localhost.evil.example", "http://127.1", "http://[::2]", "http://0.0.0.0",
  ])
  func `plain HTTP to another machine has to be allowed`(text: String) throws {
    let error = #expect(throws: CredentialsError.self) { try BaseURL(text) }
    #expect(
      error?.description == """
        the base URL '\(text)' would send the key unencrypted
          fix: use https://, or set REFOLD_ALLOW_HTTP=1 if the network is your own
        """)
    #expect(try BaseURL(text, allowsPlainHTTP: true).description == text)
  }
}
