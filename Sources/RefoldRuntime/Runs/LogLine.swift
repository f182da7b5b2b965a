import Lua

/// A line that a script wrote with `refold.log` or `print`.
public struct LogLine: Sendable, Equatable {
  /// How much a line matters.
  public enum Level: String, Sendable, CaseIterable {
    case debug
    case info
    case warn
    case error
    /// Written by `print`: text without a level.
    case plain
  }

  /// The linked account of the run; empty until the run has written the line.
  public var account = ""
  /// The id of the run.
  public var runID = ""
  /// How much the line matters.
  public var level: Level
  /// The text, as the script gave it.
  public var message: String
  /// The fields as a JSON object, when the script gave some.
  public var fields: [UInt8]?
  /// The place in the script.
  public var location: LuaError.Location?

  /// Makes a line.
  public init(
    level: Level, message: String, fields: [UInt8]? = nil, location: LuaError.Location? = nil
  ) {
    self.level = level
    self.message = message
    self.fields = fields
    self.location = location
  }
}
