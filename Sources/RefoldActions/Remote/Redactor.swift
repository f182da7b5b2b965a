/// Takes a secret out of what others may see.
///
/// A server may echo the key in an error page or in a record; neither people nor scripts get to see it.
package struct Redactor: Sendable {
  /// A shorter key could stand in a record by chance, so records are searched for longer ones only.
  static let shortestInRecords = 16

  private let patterns: [BytePattern]
  private let isLong: Bool

  /// Makes a redactor of one secret.
  package init(_ secret: SecretString) {
    let text = secret.revealed()
    var forms = [text]
    // As JSON writes it, with and without the escape that it allows for a slash.
    let escaped = text.reduce(into: "") { $0 += $1 == "\"" || $1 == "\\" ? "\\\($1)" : "\($1)" }
    let slashed = escaped.reduce(into: "") { $0 += $1 == "/" ? "\\/" : "\($1)" }
    for form in [escaped, slashed] where !forms.contains(form) { forms.append(form) }
    patterns = forms.filter { !$0.isEmpty }.map { BytePattern($0) }
    isLong = text.utf8.count >= Self.shortestInRecords
  }

  /// Returns a body in which the secret is replaced, when the secret is too long to be there by chance.
  func redact(body: [UInt8]) -> [UInt8] {
    isLong ? redact(body) : body
  }

  /// Returns an error no part of which holds the secret.
  func redact(_ error: ActionError) -> ActionError {
    var error = error
    error.code = redact(error.code)
    error.message = redact(error.message)
    error.hint = error.hint.map { redact($0) }
    error.app = error.app.map { redact($0) }
    error.action = error.action.map { redact($0) }
    error.account = error.account.map { redact($0) }
    error.traceID = error.traceID.map { redact($0) }
    return error
  }

  /// Returns a text in which the secret is replaced.
  package func redact(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let redacted = redact(bytes)
    return redacted == bytes ? text : String(decoding: redacted, as: UTF8.self)
  }

  private func redact(_ bytes: [UInt8]) -> [UInt8] {
    patterns.reduce(bytes) { Self.replace($1, in: $0) }
  }

  private static func replace(_ pattern: BytePattern, in bytes: [UInt8]) -> [UInt8] {
    guard var match = pattern.firstMatch(in: bytes) else { return bytes }
    var result: [UInt8] = []
    var start = 0
    while true {
      result += bytes[start..<match.lowerBound]
      result += SecretString.placeholder.utf8
      start = match.upperBound
      guard let next = pattern.firstMatch(in: bytes, from: start) else { break }
      match = next
    }
    return result + bytes[start...]
  }
}
