import RefoldActions
import RefoldRuntime

/// Which lines of the project's files the tests ran.
struct CoverageReport {
  var files: [FileCoverage]

  private var covered: Int { files.reduce(0) { $0 + $1.covered } }
  private var count: Int { files.reduce(0) { $0 + $1.lines.count } }

  /// A table for people: each file with the share of its lines that were run, and the lines that were not.
  func lines(_ style: TextStyle) -> [String] {
    guard !files.isEmpty else { return ["no file of the project was loaded"] }
    var table = TextTable(["COVERAGE", "SHARE", "LINES", "NOT RUN"])
    for file in files {
      table.add([
        .init(file.path), .init(Self.percent(file.covered, file.lines.count)),
        .init("\(file.covered)/\(file.lines.count)"),
        .init(file.covered == 0 ? "not loaded" : Self.ranges(file.uncovered), .write),
      ])
    }
    table.add([
      .init("all files"), .init(Self.percent(covered, count)), .init("\(covered)/\(count)"),
    ])
    return table.lines(style, columns: nil)
  }

  /// Whole percent, rounded down, so that 100 % means all.
  private static func percent(_ part: Int, _ whole: Int) -> String {
    whole == 0 ? "100 %" : "\(part * 100 / whole) %"
  }

  /// Numbers of lines with those that follow each other drawn together: `3, 7-9`.
  static func ranges(_ lines: [Int]) -> String {
    var ranges: [(first: Int, last: Int)] = []
    for line in lines {
      if let last = ranges.last, last.last + 1 == line {
        ranges[ranges.count - 1].last = line
      } else {
        ranges.append((line, line))
      }
    }
    return ranges.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }
      .joined(separator: ", ")
  }

  /// `{ covered, lines, files: [{ file, covered, lines, not_run }] }`.
  var json: String {
    JSONText.object([
      "covered": String(covered), "lines": String(count),
      "files": JSONText.array(
        files.map { file in
          JSONText.object([
            "file": JSONText.quoted(file.path), "covered": String(file.covered),
            "lines": String(file.lines.count),
            "not_run": JSONText.array(file.uncovered.map { String($0) }),
          ])
        }),
    ])
  }

  /// The trace file of lcov, which editors and build servers read (geninfo(1), section FILES).
  var lcov: String {
    files.map { file in
      let lines = file.lines.map { "DA:\($0),\(file.counts[$0] ?? 0)" }
      return
        (["TN:", "SF:\(file.path)"] + lines
        + ["LF:\(file.lines.count)", "LH:\(file.covered)", "end_of_record"])
        .map { $0 + "\n" }.joined()
    }.joined()
  }
}
