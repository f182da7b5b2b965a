/// What the body of a failed reply says, whichever of the documented spellings it uses.
///
/// `error_code` and `error` both hold the code; `error` may hold text or an object instead.
struct ErrorBody {
  /// The code, in capitals as the API writes it.
  var code: String? { errorCode ?? codeInError ?? errorType ?? httpErrorType }

  /// The text for people, on one line.
  var message: String? {
    guard let text else { return detail }
    guard let detail, detail != text else { return text }
    return "\(text): \(detail)"
  }

  private var errorCode: String?
  private var codeInError: String?
  private var errorType: String?
  private var httpErrorType: String?
  private var text: String?
  private var detail: String?

  /// Takes in what a member says; leaves members that it does not know.
  mutating func read(_ name: String, _ scanner: inout JSONScanner) throws(JSONScanError) {
    switch name {
    case "error_code": errorCode = Self.code(try scanner.scalarText())
    case "error_type": errorType = Self.code(try scanner.string())
    case "http_error_type": httpErrorType = Self.code(try scanner.string())
    case "message": text = Self.line(try Self.text(&scanner)) ?? text
    case "error": try readError(&scanner)
    default: break
    }
  }

  init() {}

  /// Reads what there is; a body cut off in the middle gives what stands before the cut.
  init(reading body: [UInt8]) {
    var scanner = JSONScanner(body)
    var read = ErrorBody()
    do {
      try scanner.members { (name, scanner) throws(JSONScanError) in
        try read.read(name, &scanner)
      }
    } catch {
      // The reply has failed already; how its body is broken changes nothing about that.
    }
    self = read
  }

  private mutating func readError(_ scanner: inout JSONScanner) throws(JSONScanError) {
    var ahead = scanner
    guard let text = try ahead.scalarText() else {
      var inner = ErrorBody()
      try scanner.members { (name, scanner) throws(JSONScanError) in
        if name == "code" {
          inner.codeInError = Self.code(try scanner.scalarText())
        } else {
          try inner.read(name, &scanner)
        }
      }
      codeInError = inner.code
      detail = inner.message
      return
    }
    scanner = ahead
    if let code = Self.code(text) { codeInError = code } else { detail = Self.line(text) }
  }

  /// Reads a message: a text, or an array of texts as validators send it.
  private static func text(_ scanner: inout JSONScanner) throws(JSONScanError) -> String? {
    var ahead = scanner
    if let text = try ahead.scalarText() {
      scanner = ahead
      return text
    }
    var texts: [String] = []
    try scanner.elements { (scanner) throws(JSONScanError) in
      if let text = try scanner.scalarText() { texts.append(text) }
    }
    return texts.joined(separator: "; ")
  }

  /// Returns a text that looks like a code, such as `RESOURCE_NOT_FOUND`.
  private static func code(_ text: String?) -> String? {
    guard let text, !text.isEmpty, text.utf8.count <= 64 else { return nil }
    let isCode = text.utf8.allSatisfy {
      (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
    }
    return isCode ? text : nil
  }

  private static func line(_ text: String?) -> String? {
    text.map { OneLine.of($0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
