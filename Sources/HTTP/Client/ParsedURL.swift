import CCurl

/// A URL as libcurl wants it; transfers to it share it.
@safe final class ParsedURL {
  let text: String
  /// What libcurl made of the text; nil when it has to read the text anew each time.
  let parsed: UnsafeMutableRawPointer?
  private let library: CurlLibrary

  /// Checks and parses a URL.
  init(_ text: String, _ library: CurlLibrary) throws(HTTPError) {
    if let problem = HTTPRequest.problem(withURL: text) { throw problem }
    guard let parsed = unsafe ccurl_url_new(library.api) else {
      throw HTTPError(.other, "out of memory for a URL")
    }
    self.text = text
    self.library = library
    // SAFETY: libcurl copies the text during the call.
    let problem = unsafe ccurl_url_parse(library.api, parsed, text)
    // libcurl 7.88 loses the zone of an IPv6 address when it copies what was parsed.
    let isUsable = unsafe problem == nil && !Self.hasZone(text)
    unsafe self.parsed = isUsable ? parsed : nil
    if !isUsable { unsafe ccurl_url_free(library.api, parsed) }
    if let problem = unsafe problem {
      throw HTTPError(.invalidRequest, unsafe String(cString: problem))
    }
  }

  deinit {
    // SAFETY: transfers retain the URL that their handle was told.
    if let parsed = unsafe parsed { unsafe ccurl_url_free(library.api, parsed) }
  }

  /// Whether the host is an address such as `[fe80::1%25eth0]`, or the path looks like one.
  private static func hasZone(_ text: String) -> Bool {
    let bracketed = text.utf8.drop { $0 != UInt8(ascii: "[") }.prefix { $0 != UInt8(ascii: "]") }
    return bracketed.contains(UInt8(ascii: "%"))
  }
}
