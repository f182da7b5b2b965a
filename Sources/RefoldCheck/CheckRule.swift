import LuaSyntax

/// One thing that a check looks for.
///
/// A rule is a file in `Rules/` and an entry in ``Rules/all``. It looks at one file at a time, and reports what it is sure
/// of: a wrong finding costs more than a missed one.
protocol CheckRule: Sendable {
  /// The code by which findings name it and comments ignore it.
  static var code: String { get }
  /// Looks at a file.
  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList)
}

/// The rules.
package enum Rules {
  static let all: [any CheckRule.Type] = [
    UndefinedGlobal.self, GlobalAssignment.self, UnknownField.self, UnknownModule.self,
    UnknownApp.self, UnknownAction.self, UnknownParameter.self, MissingParameter.self,
    ParameterType.self, WrongArgument.self, UnknownOption.self, DeclarationField.self,
    InputType.self, NotPermitted.self, WriteInLoop.self, IgnoredError.self, UnusedLocal.self,
    ConfigValue.self, CustomerFolder.self,
  ]

  /// The codes of all rules, of those too that are part of the check itself, sorted.
  package static let codes =
    (all.map { $0.code } + [syntaxCode, outsideCode, unreadableCode, ignoreCode]).sorted()

  /// The code of what does not compile.
  package static let syntaxCode = "syntax"
  /// The code of a file that a link leads out of the project to.
  package static let outsideCode = "outside-project"
  /// The code of a file that cannot be read.
  package static let unreadableCode = "unreadable-file"
  /// The code of a comment that ignores a rule that there is not.
  static let ignoreCode = "unknown-rule"
}

/// Collects the findings of one rule in one file.
struct FindingList {
  let source: LuaSource
  var rule = "" { didSet { count = 0 } }
  private(set) var all: [Finding] = []
  /// How many findings of one rule are taken in one file: nobody reads more, and each costs the length of its line.
  static let limit = 200
  private var count = 0

  init(_ source: LuaSource) { self.source = source }

  mutating func error(_ message: String, at range: Range<Int>, hint: String? = nil) {
    add(.error, message, range, hint)
  }

  mutating func warning(_ message: String, at range: Range<Int>, hint: String? = nil) {
    add(.warning, message, range, hint)
  }

  private mutating func add(
    _ severity: Finding.Severity, _ message: String, _ range: Range<Int>, _ hint: String?
  ) {
    count += 1
    if count > Self.limit { return }
    all.append(
      Finding(
        rule: rule, severity: severity, range: range,
        start: source.position(of: range.lowerBound), end: source.position(of: range.upperBound),
        message: message, hint: hint))
  }
}
