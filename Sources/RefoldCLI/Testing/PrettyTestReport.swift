import Lua
import RefoldRuntime

/// The report for people: what failed, with the lines of the source, then one line of counts.
struct PrettyTestReport {
  let summary: TestSummary
  let style: TextStyle

  var text: String {
    var lines: [String] = []
    for result in summary.failures { lines += block(result) + [""] }
    if let coverage = summary.coverage { lines += coverage.lines(style) + [""] }
    lines.append(counts)
    lines += snapshotLines
    return PlainText.safe(lines.joined(separator: "\n")) + "\n"
  }

  private func block(_ result: TestResult) -> [String] {
    guard let failure = result.failure else { return [] }
    var lines = [style(.failure, "FAIL") + " " + style(.bold, PlainText.oneLine(result.title))]
    lines += PlainText.safe(failure.message)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { "  \(coloured($0))" }
    if let location = failure.location { lines += place(location, "at") }
    if let inTest = result.placeInTest {
      lines += place(inTest, "from")
    }
    if let hint = failure.hint { lines.append("  \(style(.bold, "fix:")) \(hint)") }
    return lines + output(of: result)
  }

  private static let mostOutputLines = 50

  /// What a test printed, the last lines of much.
  private func output(of result: TestResult) -> [String] {
    let printed = result.output.suffix(Self.mostOutputLines).flatMap { line in
      PlainText.safe(line.message).split(separator: "\n", omittingEmptySubsequences: false)
    }
    if printed.isEmpty { return [] }
    let shown = printed.suffix(Self.mostOutputLines).map { line in
      style(.faint, "    \(line.prefix(500))")
    }
    let isAll = printed.count == shown.count && result.output.count <= Self.mostOutputLines
    return [isAll ? "  it printed:" : "  it printed, at last:"] + shown
  }

  private func place(_ location: LuaError.Location, _ word: String) -> [String] {
    let source = Console.sourceLine(location.source, location.line)
    return ["  \(word) \(location)"]
      + (source.map { [style(.faint, "    \(location.line) | ") + $0] } ?? [])
  }

  /// What is expected stands out from what was got.
  private func coloured(_ line: Substring) -> String {
    if line.hasPrefix("  expected:") { return style(.string, String(line)) }
    if line.hasPrefix("  actual:") { return style(.failure, String(line)) }
    return String(line)
  }

  private var counts: String {
    let failed = summary.failures.count
    var parts: [String] = []
    if failed > 0 { parts.append(style(.failure, "\(failed) failed")) }
    parts.append("\(summary.passed) passed")
    parts.append(OutcomeReport.counted(summary.assertions, "assertion"))
    parts.append(OutcomeReport.counted(summary.files, "file"))
    parts.append("\(TestResult.milliseconds(of: summary.duration)) ms")
    return parts.joined(separator: ", ")
  }

  private var snapshotLines: [String] {
    let changes = summary.snapshots
    var lines: [String] = []
    if changes.written > 0 {
      lines.append(OutcomeReport.counted(changes.written, "snapshot") + " written")
    }
    if changes.removed > 0 {
      lines.append(OutcomeReport.counted(changes.removed, "snapshot") + " removed")
    } else if changes.unused > 0 {
      let (verb, object) = changes.unused == 1 ? ("is", "it") : ("are", "them")
      lines.append(
        OutcomeReport.counted(changes.unused, "snapshot")
          + " \(verb) not used any more; '--update' removes \(object)")
    }
    return lines
  }
}

extension TestResult {
  static func milliseconds(of duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }
}
