import CCurl

/// libcurl, loaded into the process on first use.
///
/// The guard: the table of functions is filled once, before anybody has it, never written again, and never freed.
@safe struct CurlLibrary: @unchecked Sendable {
  let api: UnsafePointer<ccurl_api>

  private static let shared = Result { () throws(HTTPError) in try open("libcurl.so.4") }

  static func loaded() throws(HTTPError) -> CurlLibrary {
    try shared.get()
  }

  /// Loads the library under the given name; a failure names the package to install.
  static func open(_ name: String) throws(HTTPError) -> CurlLibrary {
    // SAFETY: the problem is a NUL-terminated text of the loader, copied before the next call to it.
    var problem: UnsafePointer<CChar>?
    guard let api = unsafe ccurl_open(name, &problem) else {
      let reason = unsafe problem.map { unsafe String(cString: $0) } ?? "no reason given"
      throw HTTPError(
        .libraryMissing,
        "can't load libcurl (\(reason)); install it with 'apt-get install libcurl4'")
    }
    return unsafe CurlLibrary(api: api)
  }
}
