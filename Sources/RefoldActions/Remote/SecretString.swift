/// A text that must not be seen: it prints as `[redacted]`, whichever way it is printed.
public struct SecretString: Sendable, Hashable, CustomStringConvertible,
  CustomDebugStringConvertible,
  CustomReflectable
{
  private let text: String

  /// Wraps a secret.
  public init(_ text: String) {
    self.text = text
  }

  /// What is shown in its place.
  public static let placeholder = "[redacted]"

  /// The placeholder.
  public var description: String { Self.placeholder }

  /// The placeholder.
  public var debugDescription: String { Self.placeholder }

  /// A mirror that shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }

  /// Returns the secret itself, for the header that carries it.
  package func revealed() -> String { text }
}
