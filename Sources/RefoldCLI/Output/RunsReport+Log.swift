import RefoldActions
import RefoldRuntime

/// What a run has logged, below its steps.
extension RunsReport {
  /// How many lines are shown unless all are asked for.
  private static let mostLines = 20

  /// The last lines as rows, each with its time since the run began; all of them with `--verbose`.
  func logLines(of lines: [LoggedLine], _ run: RunRecord) -> [String] {
    let shown = options.has("--verbose") ? lines[...] : lines.suffix(Self.mostLines)
    var table = TextTable(["LOG", "LEVEL", "WHERE", ""])
    var resumptions = shown.first?.resumptions ?? 0
    for line in shown {
      if line.resumptions != resumptions { table.add([.init("resumed")]) }
      resumptions = line.resumptions
      let time = "+" + Self.duration(line.time - run.started * 1000)
      let fields = line.fields.map { " " + text($0) } ?? ""
      let isBad = line.level == "warn" || line.level == "error"
      table.add([
        .init(time), .init(line.level == "plain" ? "" : line.level, isBad ? .failure : nil),
        .init(line.place ?? ""), .init(line.message + fields),
      ])
    }
    var rows = table.lines(console.style, columns: console.columns)
    if shown.count < lines.count {
      let left = OutcomeReport.counted(lines.count - shown.count, "earlier line")
      rows.insert("… \(left): --verbose shows all", at: 1)
    }
    return rows
  }

  func members(of line: LoggedLine) -> [(name: String, value: String)] {
    var members: [(name: String, value: String)] = [
      ("time", JSONText.quoted(Self.time(line.time / 1000))),
      ("level", JSONText.quoted(line.level)), ("message", JSONText.quoted(line.message)),
      ("resumptions", String(line.resumptions)),
    ]
    if let fields = line.fields { members.append(("fields", text(fields))) }
    if let place = line.place { members.append(("script", JSONText.quoted(place))) }
    return members
  }
}
