import Testing

@testable import HTTP

@Suite struct LibraryTests {
  @Test func `a missing libcurl is named together with its package`() {
    #expect(
      throws: HTTPError(
        .libraryMissing,
        "can't load libcurl (libnothere.so.1: cannot open shared object file: No such file or "
          + "directory); install it with 'apt-get install libcurl4'")
    ) { try CurlLibrary.open("libnothere.so.1") }
  }

  @Test func `a missing libmicrohttpd is named together with its package`() {
    #expect(
      throws: HTTPError(
        .libraryMissing,
        "can't load libmicrohttpd (libnothere.so.1: cannot open shared object file: No such file or "
          + "directory); install it with 'apt-get install libmicrohttpd12'")
    ) { try MicrohttpdLibrary.open("libnothere.so.1") }
  }

  @Test func `a library without the functions is refused`() {
    #expect(throws: HTTPError.self) { try CurlLibrary.open("libc.so.6") }
    #expect(throws: HTTPError.self) { try MicrohttpdLibrary.open("libc.so.6") }
  }

  @Test(arguments: [
    ("http://host", "host", "host:80"), ("https://host/p:1", "host", "host:443"),
    ("http://user:key@host:81/a@b", "host", "host:81"), ("HTTPS://[::1]:8/", "[::1]", "[::1]:8"),
    ("http://[::1]?x", "[::1]", "[::1]:80"),
  ])
  func `messages name host and port without credentials`(url: String, host: String, place: String) {
    let target = HTTPRequest(url: url).target
    #expect(target.host == host)
    #expect(target.hostAndPort == place)
  }

  @Test func `limits read well`() {
    #expect(
      [64 << 20, 10 << 10, 3 << 30, 1025, 0].map(\.byteText) == [
        "64 MiB", "10 KiB", "3 GiB", "1025 bytes", "0 bytes",
      ])
    #expect(
      [Duration.seconds(60), .milliseconds(1500), .microseconds(1)].map(\.text) == [
        "60s", "1500ms", "1ms",
      ])
    #expect(Duration.seconds(1e12).milliseconds == 2_000_000_000)
    #expect(Duration.seconds(-1).milliseconds == 0)
  }
}
