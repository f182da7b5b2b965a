import CMicrohttpd

/// libmicrohttpd, loaded into the process on first use.
///
/// The guard: the table of functions is filled once, before anybody has it, never written again, and never freed.
@safe struct MicrohttpdLibrary: @unchecked Sendable {
  let api: UnsafePointer<cmhd_api>

  private static let shared = Result { () throws(HTTPError) in try open("libmicrohttpd.so.12") }

  static func loaded() throws(HTTPError) -> MicrohttpdLibrary {
    try shared.get()
  }

  /// Loads the library under the given name; a failure names the package to install.
  static func open(_ name: String) throws(HTTPError) -> MicrohttpdLibrary {
    // SAFETY: the problem is a NUL-terminated text of the loader, copied before the next call to it.
    var problem: UnsafePointer<CChar>?
    guard let api = unsafe cmhd_open(name, &problem) else {
      let reason = unsafe problem.map { unsafe String(cString: $0) } ?? "no reason given"
      throw HTTPError(
        .libraryMissing,
        "can't load libmicrohttpd (\(reason)); install it with 'apt-get install libmicrohttpd12'")
    }
    return unsafe MicrohttpdLibrary(api: api)
  }
}
