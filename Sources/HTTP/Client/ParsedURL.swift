import CCurl

/// A URL as libcurl wants it; transfers to it share it.
@safe final class ParsedURL {
  let text: String
  let raw: UnsafeMutableRawPointer
  private let library: CurlLibrary

  /// Checks and parses a URL.
  init(_ text: String, _ library: CurlLibrary) throws(HTTPError) {
    if let problem = HTTPRequest.problem(withURL: text) { throw problem }
    guard let raw = unsafe ccurl_url_new(library.api) else {
      throw HTTPError(.other, "out of memory for a URL")
    }
    self.text = text
    unsafe self.raw = raw
    self.library = library
    // SAFETY: libcurl copies the text during the call.
    if let problem = unsafe ccurl_url_parse(library.api, raw, text) {
      throw HTTPError(.invalidRequest, unsafe String(cString: problem))
    }
  }

  // SAFETY: transfers retain the URL that their handle was told.
  deinit { unsafe ccurl_url_free(library.api, raw) }
}
