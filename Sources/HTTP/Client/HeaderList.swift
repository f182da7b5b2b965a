import CCurl

/// The headers of requests as libcurl wants them; transfers with the same ones share the list.
@safe final class HeaderList {
  let raw: UnsafeMutablePointer<curl_slist>?
  private let library: CurlLibrary

  /// Checks headers, and adds or takes away what libcurl would get wrong.
  init(_ headers: [HTTPHeader], _ library: CurlLibrary) throws(HTTPError) {
    if let problem = HTTPRequest.problem(withHeaders: headers) { throw problem }
    var lines: [String] = []
    // libcurl has an option for it, but would put it together twice for every request.
    let encodings = unsafe String(cString: ccurl_encodings(library.api))
    if !encodings.isEmpty, headers.value(of: "Accept-Encoding") == nil {
      lines.append("Accept-Encoding: \(encodings)")
    }
    // A name without a value takes libcurl's own header away.
    lines.append("Expect:")
    if headers.value(of: "Content-Type") == nil { lines.append("Content-Type:") }
    for header in headers {
      lines.append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
    }
    var list: UnsafeMutablePointer<curl_slist>?
    for line in lines {
      // SAFETY: libcurl copies the line.
      guard let longer = unsafe ccurl_slist_append(library.api, list, line) else {
        unsafe ccurl_slist_free(library.api, list)
        throw HTTPError(.other, "out of memory for the headers of a request")
      }
      unsafe list = longer
    }
    unsafe raw = list
    self.library = library
  }

  // SAFETY: transfers retain the list that their handle was told.
  deinit { unsafe ccurl_slist_free(library.api, raw) }
}
