import Lua
import RefoldActions
import RefoldRuntime

/// What came of one test that was run many times, each time with something else going wrong.
struct MatrixFinding {
  /// A case that does not hold.
  struct Problem {
    /// What went wrong on purpose: a fault, or a moment.
    var place: String
    /// What does not hold, the first thing first.
    var texts: [String]
    /// The command that repeats it.
    var command: String
    /// Why the test failed, when it did.
    var failure: RunFailure?

    /// What does not hold, in a line that is not too long.
    var shortText: String {
      let first = texts.first ?? ""
      let short = first.count <= 240 ? first : first.prefix(239) + "…"
      return texts.count > 1 ? "\(short) (and \(texts.count - 1) more)" : short
    }
  }

  var test: TestCase
  /// What was done, for people.
  var summary = ""
  /// Why the test fails when nothing goes wrong.
  var failure: RunFailure?
  var held = 0
  var problems: [Problem] = []
  var duration = Duration.zero
}

/// Prints what comes of tests that are run many times: as it comes for people, or at the end for programs.
final class MatrixReport {
  private let console: Console
  private let reporter: TestReporter
  /// The word for what goes wrong, such as `fault`.
  private let noun: String
  private let plural: String
  /// What a test that fails by itself fails without.
  private let cause: String
  /// Whether a problem is shown with all that is known, instead of the command that repeats it.
  private let isDetailed: Bool
  private var findings: [MatrixFinding] = []

  init(
    _ console: Console, _ reporter: TestReporter, noun: String, plural: String, cause: String,
    isDetailed: Bool
  ) {
    self.console = console
    self.reporter = reporter
    self.noun = noun
    self.plural = plural
    self.cause = cause
    self.isDetailed = isDetailed
  }

  var isEmpty: Bool { findings.isEmpty }
  private var held: Int { findings.reduce(0) { $0 + $1.held } }
  private var broken: Int {
    findings.reduce(0) { $0 + $1.problems.count + ($1.failure == nil ? 0 : 1) }
  }

  /// Takes what came of one test, and prints it if people read it.
  func add(_ finding: MatrixFinding) throws {
    findings.append(finding)
    guard reporter == .pretty else { return }
    let title = "\(finding.test.file): \(finding.test.name)"
    if let failure = finding.failure {
      try console.line("\(title): fails without \(cause)")
      return console.failure(failure)
    }
    try console.line("\(title): \(finding.summary)")
    for problem in finding.problems {
      if isDetailed {
        try console.line(
          "  \(problem.place): " + problem.texts.joined(separator: "\n    "))
        if let failure = problem.failure { console.failure(failure) }
      } else {
        try console.line("  \(problem.place): \(problem.shortText)")
        try console.line("    \(problem.command)")
      }
    }
  }

  /// Prints the end; returns the exit code.
  ///
  /// - Parameters:
  ///   - lines: What else people should know.
  ///   - counts: The same for programs.
  func finish(lines: [String] = [], counts: [(name: String, value: String)] = []) throws -> Int32 {
    if reporter == .pretty {
      let cases = held + broken
      try console.line(
        "\(OutcomeReport.counted(findings.count, "test")), \(cases) \(cases == 1 ? noun : plural): "
          + "\(held) held, \(broken) did not")
      for line in lines { try console.line(line) }
    } else {
      var summary = TestSummary(results: findings.map(result))
      summary.duration = findings.reduce(.zero) { $0 + $1.duration }
      summary.counts = [("held", String(held)), ("not_held", String(broken))] + counts
      try console.data(Array(reporter.text(of: summary, console.style).utf8))
    }
    return broken == 0 ? 0 : 9
  }

  /// The finding as the result of one test, for reports that know those.
  private func result(_ finding: MatrixFinding) -> TestResult {
    var result = TestResult(test: finding.test, file: finding.test.file, failure: finding.failure)
    result.assertions = finding.held + finding.problems.count
    result.duration = finding.duration
    if let first = finding.problems.first, finding.failure == nil {
      let lines = finding.problems.map { "\($0.place): \($0.shortText)\n  \($0.command)" }
      result.failure = RunFailure(
        .script, code: "not_held",
        message: "\(finding.problems.count) of \(result.assertions) \(plural) did not hold\n"
          + lines.joined(separator: "\n"), location: finding.test.location,
        hint: "repeat the first with: \(first.command)")
    }
    return result
  }
}
