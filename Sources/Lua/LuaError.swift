/// A failure inside Lua, or one that a host function reports to Lua.
///
/// Thrown by a host function it arrives in the script as an error value that `pcall` catches. An error that a script does
/// not catch arrives in Swift with its place and its traceback.
public struct LuaError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What went wrong, to branch on.
  public struct Code: Sendable, Equatable {
    let name: String

    /// The script raised an error, or a host function did.
    public static let runtime = Code(name: "runtime")
    /// The source does not compile.
    public static let syntax = Code(name: "syntax")
    /// The memory limit of the state was reached.
    public static let memory = Code(name: "memory")
    /// The deadline of the state passed while the script ran.
    public static let deadline = Code(name: "deadline")
    /// The stop signal arrived while the script ran.
    public static let stopped = Code(name: "stopped")
    /// The state's limit of instructions was reached.
    public static let instructions = Code(name: "instructions")
    /// The script held up its thread, inside a function that cannot be suspended.
    public static let held = Code(name: "held")
    /// A value cannot cross between Lua and the host, for example in JSON.
    public static let value = Code(name: "value")
  }

  /// A line of a chunk.
  ///
  /// `source` is the chunk's name as it was loaded.
  public struct Location: Sendable, Equatable, CustomStringConvertible {
    /// The chunk's name, without Lua's leading `@` or `=`.
    public var source: String
    /// The line, counted from 1.
    public var line: Int

    /// Makes a location.
    public init(source: String, line: Int) {
      self.source = source
      self.line = line
    }

    /// The place as editors and terminals link it: `file:line`.
    public var description: String { "\(source):\(line)" }
  }

  /// What went wrong, to branch on.
  public var code: Code
  /// The message, without the place in front.
  public var message: String
  /// Where the innermost Lua function was, when it is known.
  public var location: Location?
  /// The calls that led there, one a line, as `debug.traceback` prints them.
  public var traceback: String?
  /// The number under which the state keeps the error value, so that it can pass through Swift unchanged.
  var valueNumber: Int?

  /// Makes an error for a host function to throw.
  public init(
    _ message: String, code: Code = .runtime, location: Location? = nil, traceback: String? = nil
  ) {
    self.message = message
    self.code = code
    self.location = location
    self.traceback = traceback
  }

  /// The place and the message in one line.
  public var description: String {
    guard let location else { return message }
    return "\(location): \(message)"
  }

  /// Separates `file:line: ` from the message that follows it.
  static func split(_ text: String) -> (location: Location?, message: String) {
    let line = text.prefix { $0 != "\n" }
    guard let marker = line.firstRange(ofPosition: ()) else { return (nil, text) }
    let source = String(line[..<marker.colon])
    let message = String(text[marker.end...])
    return (Location(source: source, line: marker.line), message)
  }
}

extension Substring {
  /// Finds the first `:digits: ` of a line, the way Lua writes a position.
  fileprivate func firstRange(ofPosition: Void) -> (colon: Index, line: Int, end: Index)? {
    var search = startIndex
    while let colon = self[search...].firstIndex(of: ":") {
      let digits = self[index(after: colon)...].prefix { $0.isASCII && $0.isNumber }
      let end = digits.endIndex
      if colon > startIndex, let line = Int(digits), self[end...].hasPrefix(": ") {
        return (colon, line, index(end, offsetBy: 2))
      }
      search = index(after: colon)
    }
    return nil
  }
}
