import Lua
import RefoldRuntime

/// What a test run came to.
struct TestSummary {
  var results: [TestResult]
  var snapshots = SnapshotFile.Changes()
  var coverage: CoverageReport?
  var duration: Duration = .zero
  /// What else was counted, as JSON text, when tests are run many times.
  var counts: [(name: String, value: String)] = []

  var failures: [TestResult] { results.filter { $0.failure != nil } }
  var passed: Int { results.count - failures.count }
  var assertions: Int { results.reduce(0) { $0 + $1.assertions } }
  var files: Int { Set(results.map(\.file)).count }
}

/// The ways to print a test run.
enum TestReporter: String, CaseIterable {
  case pretty, tap, junit, json

  /// Returns the report, with a line break at its end.
  func text(of summary: TestSummary, _ style: TextStyle) -> String {
    switch self {
    case .pretty: PrettyTestReport(summary: summary, style: style).text
    case .tap: TestReportTAP.text(of: summary)
    case .junit: TestReportJUnit.text(of: summary)
    case .json: TestReportJSON.text(of: summary)
    }
  }
}

extension TestResult {
  /// What the test is called; the file when it failed as a whole.
  var title: String { test.map { "\(file): \($0.name)" } ?? file }

  /// Where in the test file it failed, when the failure itself is somewhere else.
  var placeInTest: LuaError.Location? {
    guard let failure, failure.location?.source != file else { return nil }
    return failure.places.first { $0.source == file }
  }

  /// The duration in milliseconds.
  var milliseconds: Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }
}

extension Duration {
  /// The duration in seconds with three decimals, as JUnit files have it.
  var secondsText: String {
    let (seconds, attoseconds) = components
    let milliseconds = String(1000 + attoseconds / 1_000_000_000_000_000).dropFirst()
    return "\(seconds).\(milliseconds)"
  }
}
