/// Why a recording cannot be written or read.
public struct RecordingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A name for the failure, stable across versions.
  public var code: String
  /// What is wrong, in lower case and without a full stop; holds no secret.
  public var message: String
  /// How to fix it.
  public var hint: String?

  /// Creates an error.
  public init(_ code: String, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// The message, and the hint on a line of its own.
  public var description: String { hint.map { "\(message)\n  fix: \($0)" } ?? message }
}
