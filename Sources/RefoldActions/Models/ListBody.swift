/// Reads lists that may come bare, `[…]`, or wrapped in an object, `{"actions": […]}`.
enum ListBody {
  /// Calls `element` before each element of the list.
  ///
  /// - Parameters:
  ///   - key: The member that holds the list when it is wrapped; `data` is taken as well.
  /// - Throws: `JSONScanError` when the body is not JSON or holds no list.
  static func read(
    _ body: [UInt8], wrappedIn key: String,
    _ element: (_ scanner: inout JSONScanner) throws(JSONScanError) -> Void
  ) throws(JSONScanError) {
    var ahead = JSONScanner(body)
    let isWrapped = try ahead.next() == .beginObject
    var scanner = JSONScanner(body)
    var found = false
    if isWrapped {
      try scanner.members { (name, scanner) throws(JSONScanError) in
        guard !found, name == key || name == "data" else { return }
        found = try scanner.elements(element)
      }
    } else {
      found = try scanner.elements(element)
    }
    try scanner.finish()
    if !found {
      throw JSONScanError(message: "expected an array, or an object with '\(key)'", offset: 0)
    }
  }
}
