extension HTTPRequest {
  /// Returns what is wrong with a URL, or nil when it may be sent to.
  static func problem(withURL url: String) -> HTTPError? {
    let start = url.utf8.prefix(8).map(\.asciiLowercased)
    guard start.starts(with: "http://".utf8) || start.starts(with: "https://".utf8) else {
      return HTTPError(.invalidRequest, "the URL must begin with http:// or https://")
    }
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      return HTTPError(
        .invalidRequest, "the URL holds a space, a control character, or text that is not encoded")
    }
    return nil
  }

  /// Returns what is wrong with headers, or nil when they may be sent.
  static func problem(withHeaders headers: [HTTPHeader]) -> HTTPError? {
    for header in headers {
      guard header.name.isToken else {
        return HTTPError(.invalidRequest, "a header's name is not an HTTP token")
      }
      guard header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
        return HTTPError(
          .invalidRequest,
          "the value of header '\(header.name)' holds a line break or a control character")
      }
      if header.isNamed("Content-Length") || header.isNamed("Transfer-Encoding") {
        return HTTPError(.invalidRequest, "header '\(header.name)' is set by the client itself")
      }
    }
    return nil
  }

  /// The host and the port that the URL names, without credentials; for messages.
  var target: (host: String, hostAndPort: String) {
    let afterScheme = url.utf8.drop { $0 != 0x3A }.dropFirst(3)
    let authority = afterScheme.prefix { $0 != 0x2F && $0 != 0x3F && $0 != 0x23 }
    let place = authority.lastIndex(of: 0x40).map { authority[$0...].dropFirst() } ?? authority
    let isSecure = url.utf8.prefix(5).last.map(\.asciiLowercased) == 0x73
    let hostEnd = place.lastIndex(of: 0x5D).map { place.index(after: $0) }
    let colon = (hostEnd.map { place[$0...] } ?? place).firstIndex(of: 0x3A)
    let host = String(Substring(place[..<(colon ?? place.endIndex)]))
    guard colon == nil else { return (host, String(Substring(place))) }
    return (host, "\(host):\(isSecure ? 443 : 80)")
  }
}

extension String {
  /// Whether this is a token as in RFC 9110, 5.6.2.
  var isToken: Bool {
    !utf8.isEmpty
      && utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
        default: false
        }
      }
  }
}
