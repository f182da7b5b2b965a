/// Why JSON text could not be read, or why a Lua value could not be written as JSON.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What went wrong, to branch on.
  public enum Code: Sendable {
    /// The text breaks the grammar of RFC 8259.
    case syntax
    /// The text or a string holds bytes that are not UTF-8.
    case encoding
    /// Arrays and objects lie deeper than the limit.
    case depth
    /// A number has no double.
    case number
    /// A Lua value has no JSON form.
    case value
    /// The state's memory limit was reached.
    case memory
  }

  /// What went wrong, to branch on.
  public var code: Code
  /// What is wrong, without the place.
  public var reason: String
  /// The place in the text, counted from 1, and in bytes from 0; nil when a value was written.
  public var position: Position?
  /// The path of the value, such as `$.lines[3].qty`; nil when text was read.
  public var path: String?

  /// A place in JSON text.
  public struct Position: Sendable, Equatable {
    /// The line, counted from 1.
    public var line: Int
    /// The column in bytes, counted from 1.
    public var column: Int
    /// The offset in bytes, counted from 0.
    public var byte: Int
  }

  init(_ code: Code, _ reason: String) {
    self.code = code
    self.reason = reason
  }

  /// The reason and the place in one line.
  public var message: String {
    if code == .memory { return "not enough memory" }
    if let position {
      return "line \(position.line), column \(position.column) (byte \(position.byte)): \(reason)"
    }
    if let path { return "\(path): \(reason)" }
    return reason
  }

  /// The reason and the place in one line.
  public var description: String { message }
}
