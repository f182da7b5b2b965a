import RefoldActions
import RefoldRuntime

/// How the writes of the journal are shown.
struct WritesReport {
  let console: Console
  let options: Options
  private var runs: RunsReport { RunsReport(console: console, options: options) }

  init(console: Console, options: Options) {
    self.console = console
    self.options = options
  }

  func list(_ writes: [WriteRecord], unknown: Int) throws {
    if options.has("--json") {
      let list = JSONText.array(writes.map { JSONText.object(members(of: $0)) })
      return try console.data(Report.success(Array(list.utf8)))
    }
    if writes.isEmpty { return console.note("no writes") }
    var table = TextTable(["RUN", "STEP", "WRITE", "ACCOUNT", "OUTCOME", "SENT", "WHERE"])
    for write in writes {
      table.add([
        .init(write.runID), .init(String(write.step.number)), .init(write.step.name, .write),
        .init(write.step.account), outcome(of: write),
        .init(RunsReport.time(write.step.began / 1000)), .init(write.step.place ?? ""),
      ])
    }
    try console.line(table.lines(console.style, columns: console.columns).joined(separator: "\n"))
    if unknown > 0 {
      console.note(
        "\(OutcomeReport.counted(unknown, "write")) of unknown outcome: 'refold runs resume RUN' looks for it; "
          + "or look yourself, then say what you found with 'refold writes reconcile RUN STEP'")
    }
  }

  func show(_ write: WriteRecord) throws {
    let step = write.step
    if options.has("--json") {
      return try console.data(Report.success(Array(JSONText.object(members(of: write)).utf8)))
    }
    var lines = ["\(write.runID)  step \(step.number)  \(step.name)  \(write.outcome)"]
    lines.append("  account   \(step.account), \(write.backend)")
    lines.append("  script    \(write.script)" + (step.place.map { ", \($0)" } ?? ""))
    let took = step.ended.map { ", took \(RunsReport.duration($0 - step.began))" } ?? ""
    lines.append("  sent      \(RunsReport.time(step.began / 1000))\(took)")
    lines.append("  attempts  \(step.attempts)")
    lines.append("  →         \(runs.text(step.parameters))")
    if let reply = step.reply { lines.append("  ←         \(runs.text(reply))") }
    if let failure = step.failure {
      lines.append("  ✗         \(runs.text(failure, field: "message"))")
    }
    if let witness = step.knownBy {
      lines.append("  known by  a \(witness.rawValue)")
    }
    if write.isUnknown {
      lines += [
        "", "have it looked up, or look in the app and say what you found:",
        "  refold writes reconcile \(write.runID) \(step.number) --look-up",
        "  refold writes reconcile \(write.runID) \(step.number) --applied='{…}'",
        "  refold writes reconcile \(write.runID) \(step.number) --absent",
      ]
    }
    try console.line(lines.joined(separator: "\n"))
  }

  func reconciled(_ write: WriteRecord, open: [Int]) throws {
    if options.has("--json") {
      return try console.data(Report.success(Array(JSONText.object(members(of: write)).utf8)))
    }
    try console.line(
      "\(write.runID)  step \(write.step.number)  \(write.step.name)  \(write.outcome)")
    if !open.isEmpty {
      console.note("still unknown: " + open.map { "step \($0)" }.joined(separator: ", "))
    } else if write.runState == .failed || write.runState == .interrupted {
      console.note("to go on where it stopped: refold runs resume \(write.runID)")
    }
  }

  private func outcome(of write: WriteRecord) -> TextTable.Cell {
    .init(write.outcome, write.step.state == .done ? nil : .failure)
  }

  private func members(of write: WriteRecord) -> [(name: String, value: String)] {
    [
      ("run_id", JSONText.quoted(write.runID)), ("account", JSONText.quoted(write.step.account)),
      ("backend", JSONText.quoted(write.backend)), ("outcome", JSONText.quoted(write.outcome)),
      ("sent", JSONText.quoted(RunsReport.time(write.step.began / 1000))),
    ] + runs.members(of: write.step)
  }
}
