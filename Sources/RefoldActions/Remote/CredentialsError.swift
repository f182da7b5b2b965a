/// Why there is no key or no address to work with.
public struct CredentialsError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What to branch on.
  public enum Code: String, Sendable, Hashable {
    /// There is no key.
    case missingKey = "missing_key"
    /// The key cannot be sent in a header.
    case invalidKey = "invalid_key"
    /// The base URL is none, or not a safe one.
    case invalidBaseURL = "invalid_base_url"
    /// The credentials file is missing where it is named, or does not hold what it should.
    case invalidFile = "invalid_file"
  }

  /// What sort of failure it is.
  public var code: Code
  /// What is wrong, in lower case and without a full stop; holds no secret.
  public var message: String
  /// How to fix it.
  public var hint: String?

  /// Creates an error.
  public init(_ code: Code, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// The message, and the hint on a line of its own.
  public var description: String { hint.map { "\(message)\n  fix: \($0)" } ?? message }
}
