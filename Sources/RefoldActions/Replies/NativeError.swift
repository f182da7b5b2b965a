/// What an app itself says about a failure, in the `data` of the reply.
///
/// Apps differ: an object with `message`, `error`, `detail` or `title`, or an array of such objects.
enum NativeError {
  /// Reads the next value and returns the words in it, nil when there are none.
  static func message(_ scanner: inout JSONScanner) throws(JSONScanError) -> String? {
    var ahead = scanner
    if let message = try inObject(&ahead) {
      scanner = ahead
      return message
    }
    var first: String?
    try scanner.elements { (scanner) throws(JSONScanError) in
      guard first == nil else { return }
      first = try inObject(&scanner)
    }
    return first
  }

  private static func inObject(_ scanner: inout JSONScanner) throws(JSONScanError) -> String? {
    var body = ErrorBody()
    var (detail, title): (String?, String?)
    try scanner.members { (name, scanner) throws(JSONScanError) in
      switch name {
      case "detail": detail = try scanner.string()
      case "title": title = try scanner.string()
      case "o:errorDetails": detail = try message(&scanner) ?? detail
      default: try body.read(name, &scanner)
      }
    }
    return body.message ?? (detail ?? title).map { OneLine.of($0) }
  }
}
