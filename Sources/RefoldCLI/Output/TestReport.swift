import Lua
import RefoldRuntime

/// Shows how tests ended: failures and a summary.
struct TestReport {
  let console: Console
  private var passed = 0
  private var assertions = 0
  private var failures: [TestResult] = []
  private var files: Set<String> = []

  init(console: Console) { self.console = console }

  /// Takes the result of a test.
  mutating func add(_ result: TestResult) throws {
    files.insert(result.file)
    assertions += result.assertions
    if result.failure == nil { passed += 1 } else { failures.append(result) }
  }

  /// Shows the failures and the summary; returns the exit code.
  func finish() throws -> Int32 {
    for result in failures { try show(result) }
    let failed = failures.isEmpty ? "" : ", \(failures.count) failed"
    try console.line(
      OutcomeReport.counted(passed, "test") + " passed\(failed), "
        + OutcomeReport.counted(assertions, "assertion") + ", "
        + OutcomeReport.counted(files.count, "file"))
    return failures.isEmpty && passed > 0 ? 0 : 9
  }

  private func show(_ result: TestResult) throws {
    guard let failure = result.failure else { return }
    try console.line(
      console.style(.failure, "FAIL") + " \(result.file)\(result.test.map { ": \($0.name)" } ?? "")"
    )
    for line in result.output { try console.line("  | \(line.message)") }
    for line in failure.message.split(separator: "\n", omittingEmptySubsequences: false) {
      try console.line("  \(line)")
    }
    if let location = failure.location {
      try console.line("  at \(location)")
      if let source = Console.sourceLine(location.source, location.line) {
        try console.line("    \(location.line) | \(source)")
      }
    }
    if let hint = failure.hint { try console.line("  fix: \(hint)") }
    try console.line("")
  }
}
