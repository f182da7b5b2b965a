/// Why JSON text could not be read, or why a Lua value could not be written as JSON.
///
/// A script catches it as a table with `code`, `message`, `script` and, as known, `line`, `column`, `byte_offset` and `path`,
/// which `tostring` shows as its message. Out of memory it sees Lua's own memory error instead.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What went wrong, to branch on.
  public struct Code: Sendable, Equatable {
    /// The name under which a script sees the code.
    public let name: String

    /// The text breaks the grammar of RFC 8259.
    public static let syntax = Code(name: "syntax")
    /// The text or a string holds bytes that are not UTF-8.
    public static let encoding = Code(name: "encoding")
    /// Arrays and objects lie deeper than the limit.
    public static let depth = Code(name: "depth")
    /// A number has no double, or a double no JSON.
    public static let number = Code(name: "number")
    /// A Lua value has no JSON form.
    public static let value = Code(name: "value")
    /// The JSON text would be larger than the options allow.
    public static let size = Code(name: "size")
    /// The state's memory limit was reached.
    public static let memory = Code(name: "memory")
    /// The deadline of the state passed, or the stop signal arrived.
    public static let stopped = Code(name: "stopped")
  }

  /// A place in JSON text.
  public struct Position: Sendable, Equatable {
    /// The line, counted from 1.
    public var line: Int
    /// The column in characters, counted from 1.
    public var column: Int
    /// The offset in bytes, counted from 0.
    public var byte: Int
  }

  /// What went wrong, to branch on.
  public var code: Code
  /// What is wrong, without the place.
  public var reason: String
  /// The place in the text; nil when a value was written.
  public var position: Position?
  /// The path of the value, such as `$.lines[3].qty`, elements counted from 1 as in Lua; nil when text was read.
  public var path: String?

  init(_ code: Code, _ reason: String, position: Position? = nil, path: String? = nil) {
    self.code = code
    self.reason = reason
    self.position = position
    self.path = path
  }

  /// The place and the reason in one line.
  public var message: String {
    if let position {
      return "line \(position.line), column \(position.column) (byte \(position.byte)): \(reason)"
    }
    if let path { return "\(path): \(reason)" }
    return reason
  }

  /// The place and the reason in one line.
  public var description: String { message }

  static let memory = JSONError(.memory, "not enough memory")
  static let stopped = JSONError(.stopped, "stopped")
}

extension JSONError: LuaErrorValue {
  /// Pushes the table that a script catches.
  public func pushErrorValue(on stack: borrowing LuaStack) {
    let script = stack.location()?.description
    stack.pushTable(fields: 7)
    let texts = [
      ("code", code.name), ("message", fullMessage), ("script", script), ("path", path),
    ]
    for (name, text) in texts {
      guard let text else { continue }
      stack.push(text)
      stack.setField(name, at: -2)
    }
    if let position {
      stack.push(position.line)
      stack.setField("line", at: -2)
      stack.push(position.column)
      stack.setField("column", at: -2)
      stack.push(position.byte)
      stack.setField("byte_offset", at: -2)
    }
    stack.pushJSONErrorMetatable()
    stack.setMetatable(at: -2)
  }

  /// The message for a reader who does not know what was tried.
  private var fullMessage: String {
    if position != nil { return "invalid JSON at \(message)" }
    return path == nil ? message : "can't encode as JSON: \(message)"
  }
}
