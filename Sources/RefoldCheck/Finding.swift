import LuaSyntax

/// Something that a check found in a file.
package struct Finding: Sendable, Equatable {
  /// How bad it is.
  package enum Severity: String, Sendable, Comparable {
    /// It fails, or does what nobody can want.
    case error
    /// It may be meant, and is seldom right.
    case warning

    /// Whether it is worse than the other.
    package static func < (one: Severity, other: Severity) -> Bool {
      one == .error && other == .warning
    }
  }

  /// The code of the rule, such as `unknown-action`; it never changes.
  package var rule: String
  package var severity: Severity
  /// The bytes that are meant.
  package var range: Range<Int>
  package var start: LuaPosition
  package var end: LuaPosition
  /// What is wrong, in one line.
  package var message: String
  /// How to fix it.
  package var hint: String?

  /// A finding about a file as a whole.
  package static func ofFile(_ rule: String, _ message: String, hint: String?) -> Finding {
    let start = LuaSource([]).position(of: 0)
    return Finding(
      rule: rule, severity: .error, range: 0..<0, start: start, end: start,
      message: message, hint: hint)
  }
}
