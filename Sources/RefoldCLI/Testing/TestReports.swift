import Lua
import RefoldActions
import RefoldRuntime

/// The Test Anything Protocol, version 14 (testanything.org).
enum TestReportTAP {
  static func text(of summary: TestSummary) -> String {
    var lines = ["TAP version 14", "1..\(summary.results.count)"]
    for (index, result) in summary.results.enumerated() {
      // In a description '#' would begin a directive, and '\' an escape.
      let title = result.title.replacing("\\", with: "\\\\").replacing("#", with: "\\#")
      lines.append("\(result.failure == nil ? "ok" : "not ok") \(index + 1) - \(oneLine(title))")
      if let failure = result.failure { lines += diagnosis(failure) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func diagnosis(_ failure: RunFailure) -> [String] {
    var lines = ["  ---", "  message: \(JSONText.quoted(failure.message))"]
    lines.append("  code: \(JSONText.quoted(failure.code))")
    if let location = failure.location { lines.append("  at: \(JSONText.quoted("\(location)"))") }
    if let hint = failure.hint { lines.append("  fix: \(JSONText.quoted(hint))") }
    return lines + ["  ..."]
  }

  private static func oneLine(_ text: String) -> String { text.replacing("\n", with: " ") }
}

/// JUnit's XML, as build servers read it: a suite for each file.
enum TestReportJUnit {
  static func text(of summary: TestSummary) -> String {
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    let totals = "tests=\"\(summary.results.count)\" failures=\"\(summary.failures.count)\""
    lines.append(
      "<testsuites name=\"refold test\" \(totals) time=\"\(summary.duration.secondsText)\">")
    for file in inOrder(summary.results.map(\.file)) {
      let results = summary.results.filter { $0.file == file }
      let failed = results.count { $0.failure != nil }
      lines.append(
        "  <testsuite name=\(quoted(file)) tests=\"\(results.count)\" failures=\"\(failed)\">")
      for result in results { lines += testCase(result) }
      lines.append("  </testsuite>")
    }
    return (lines + ["</testsuites>"]).joined(separator: "\n") + "\n"
  }

  private static func testCase(_ result: TestResult) -> [String] {
    let name = quoted(result.test?.name ?? "(the file)")
    let line = result.test?.location.map { " line=\"\($0.line)\"" } ?? ""
    let start =
      "    <testcase classname=\(quoted(result.file)) name=\(name) file=\(quoted(result.file))\(line)"
      + " time=\"\(result.duration.secondsText)\""
    guard let failure = result.failure else { return [start + "/>"] }
    let first = failure.message.split(separator: "\n").first.map(String.init) ?? ""
    let place = failure.location.map { "\n  at \($0)" } ?? ""
    return [
      start + ">",
      "      <failure message=\(quoted(first)) type=\(quoted(failure.code))>"
        + escaped(failure.message + place) + "</failure>",
      "    </testcase>",
    ]
  }

  private static func inOrder(_ files: [String]) -> [String] {
    var seen: Set<String> = []
    return files.filter { seen.insert($0).inserted }
  }

  private static func quoted(_ text: String) -> String {
    "\"\(escaped(text).replacing("\n", with: "&#10;"))\""
  }

  /// XML 1.0 has no way to write most control characters; they become U+FFFD.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// One JSON document, in the envelope of all commands.
enum TestReportJSON {
  static func text(of summary: TestSummary) -> String {
    var data: [(name: String, value: String)] = [
      ("passed", String(summary.passed)), ("failed", String(summary.failures.count)),
      ("assertions", String(summary.assertions)), ("files", String(summary.files)),
      ("duration_ms", String(TestResult.milliseconds(of: summary.duration))),
      ("tests", JSONText.array(summary.results.map(test))),
    ]
    data += summary.counts
    if let coverage = summary.coverage { data.append(("coverage", coverage.json)) }
    return JSONText.object([
      "format_version": "1", "ok": String(summary.failures.isEmpty), "data": JSONText.object(data),
      "warnings": "[]",
    ]) + "\n"
  }

  private static func test(_ result: TestResult) -> String {
    var members: [(name: String, value: String)] = [("file", JSONText.quoted(result.file))]
    if let test = result.test {
      members.append(("name", JSONText.quoted(test.name)))
      if let location = test.location { members.append(("line", String(location.line))) }
    }
    members.append(("ok", String(result.failure == nil)))
    members.append(("assertions", String(result.assertions)))
    members.append(("duration_ms", String(result.milliseconds)))
    if let failure = result.failure { members.append(("error", Report.error(failure))) }
    if !result.output.isEmpty {
      members.append(
        ("output", JSONText.array(result.output.map { JSONText.quoted($0.message) })))
    }
    return JSONText.object(members)
  }
}
