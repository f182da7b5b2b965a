import RefoldActions

/// What `:set` changes.
struct ReplSettings: Equatable {
  /// How long a line may take; nil for as long as it likes.
  var timeout: Duration?
  var timeoutText = "off"
  var layout = ValueText.Layout()
  var isVerbose = false

  static let names = ["depth", "items", "strings", "timeout", "verbose"]

  /// The settings as they are shown: name, value, what it means.
  var rows: [(name: String, value: String, meaning: String)] {
    [
      ("depth", String(layout.depth), "levels of tables that are shown"),
      ("items", String(layout.entries), "elements of a table that are shown"),
      ("strings", String(layout.characters), "characters of a string that are shown"),
      ("timeout", timeoutText, "how long a line may take: 500ms, 30s, 10m, off"),
      ("verbose", isVerbose ? "on" : "off", "whether errors show the calls that led there"),
    ]
  }

  /// Changes a setting.
  mutating func set(_ name: String, to value: String) throws(CommandError) {
    switch name {
    case "depth": layout.depth = try Self.number(name, value, 1...100)
    case "items": layout.entries = try Self.number(name, value, 1...100_000)
    case "strings": layout.characters = try Self.number(name, value, 1...1_000_000)
    case "verbose":
      guard value == "on" || value == "off" else {
        throw Self.wrong(name, value, "use 'on' or 'off'")
      }
      isVerbose = value == "on"
    case "timeout":
      if value == "off" {
        timeout = nil
      } else {
        guard let duration = Quantities.duration(value) else {
          throw Self.wrong(name, value, "use 500ms, 30s, 10m, plain seconds, or 'off'")
        }
        timeout = duration
      }
      timeoutText = value
    default:
      let nearest =
        NearestName.of(name, in: Self.names).map { "did you mean '\($0)'? See" } ?? "see"
      throw CommandError(
        code: "unknown_setting", message: "no setting '\(PlainText.oneLine(name))'",
        hint: "\(nearest) ':set'")
    }
  }

  private static func number(
    _ name: String, _ value: String, _ range: ClosedRange<Int>
  ) throws(CommandError) -> Int {
    guard let number = Int(value), range.contains(number) else {
      throw wrong(name, value, "use a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private static func wrong(_ name: String, _ value: String, _ hint: String) -> CommandError {
    CommandError(
      code: "usage", message: "'\(PlainText.oneLine(value))' is no value for '\(name)'", hint: hint)
  }
}
