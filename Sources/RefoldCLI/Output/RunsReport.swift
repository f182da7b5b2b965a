import Posix
import RefoldActions
import RefoldRuntime

/// How the journal is shown.
struct RunsReport {
  let console: Console
  let options: Options

  // MARK: - Runs

  func list(_ runs: [RunRecord]) throws -> Int32 {
    if options.has("--json") {
      let list = JSONText.array(runs.map { JSONText.object(members(of: $0)) })
      try console.data(Report.success(Array(list.utf8)))
      return 0
    }
    if runs.isEmpty {
      console.note("no runs")
      return 0
    }
    var table = TextTable(["RUN", "SCRIPT", "ACCOUNT", "STATE", "CALLS", "STARTED", "TOOK"])
    for run in runs {
      table.add([
        .init(run.id), .init(run.script), .init(run.account), state(of: run),
        .init(String(run.steps)), .init(Self.time(run.started)), .init(took(run)),
      ])
    }
    try console.line(
      table.lines(console.style, columns: console.columns).joined(separator: "\n"))
    return 0
  }

  func cancelled(_ run: RunRecord) throws -> Int32 {
    if options.has("--json") {
      try console.data(Report.success(Array(JSONText.object(members(of: run)).utf8)))
      return 0
    }
    try console.line("\(run.id)  \(run.script)  \(state(of: run).text)")
    if run.unknownWrites > 0 {
      console.note(
        "\(OutcomeReport.counted(run.unknownWrites, "write")) of unknown outcome: "
          + "see 'refold writes ls --run \(run.id) --unknown'")
    }
    return 0
  }

  private func state(of run: RunRecord) -> TextTable.Cell {
    let unknown = run.unknownWrites > 0 && run.state != .running ? ", outcome unknown" : ""
    return .init(run.state.rawValue + unknown, run.state == .done ? nil : .failure)
  }

  private func took(_ run: RunRecord) -> String {
    run.ended.map { Self.duration(($0 - run.started) * 1000) } ?? ""
  }

  private func members(of run: RunRecord) -> [(name: String, value: String)] {
    var members: [(name: String, value: String)] = [
      ("run_id", JSONText.quoted(run.id)), ("script", JSONText.quoted(run.script)),
      ("path", JSONText.quoted(run.path)), ("account", JSONText.quoted(run.account)),
      ("backend", JSONText.quoted(run.backend)), ("state", JSONText.quoted(run.state.rawValue)),
      ("calls", String(run.steps)), ("unknown_writes", String(run.unknownWrites)),
      ("resumptions", String(run.resumptions)),
      ("started", JSONText.quoted(Self.time(run.started))),
    ]
    if let ended = run.ended { members.append(("ended", JSONText.quoted(Self.time(ended)))) }
    if run.isImported { members.append(("imported", "true")) }
    if let input = run.input { members.append(("input", text(input))) }
    if let failure = run.failure { members.append(("error", text(failure))) }
    return members
  }

  // MARK: - Steps

  func show(_ run: RunRecord, _ steps: [StepRecord], _ log: [LoggedLine]) throws -> Int32 {
    if options.has("--json") {
      let list = JSONText.array(steps.map { JSONText.object(members(of: $0)) })
      let logged = JSONText.array(log.map { JSONText.object(members(of: $0)) })
      let document = JSONText.object(members(of: run) + [("steps", list), ("log", logged)])
      try console.data(Report.success(Array(document.utf8)))
      return 0
    }
    var lines = head(of: run)
    let shown = steps.filter { $0.kind != .time || options.has("--verbose") }
    if !shown.isEmpty {
      lines.append("")
      lines += stepLines(of: shown)
    }
    if !log.isEmpty { lines += [""] + logLines(of: log, run) }
    if let failure = run.failure { lines += ["", "failed: \(text(failure, field: "message"))"] }
    let open = steps.filter(\.isUnknownWrite)
    if run.state != .running, !open.isEmpty {
      lines += ["", "outcome unknown: " + open.map { "step \($0.number)" }.joined(separator: ", ")]
    }
    if !run.isImported, run.state == .failed || run.state == .interrupted {
      lines.append("to go on where it stopped: refold runs resume \(run.id)")
    }
    try console.line(lines.joined(separator: "\n"))
    return 0
  }

  private func head(of run: RunRecord) -> [String] {
    var lines = ["\(run.id)  \(run.script)  \(state(of: run).text)"]
    lines.append("  account  \(run.account), \(run.backend)")
    let took = took(run)
    lines.append("  started  \(Self.time(run.started))" + (took.isEmpty ? "" : ", took \(took)"))
    if run.isImported { lines.append("  imported, to be looked at") }
    if run.resumptions > 0 {
      lines.append("  resumed  \(OutcomeReport.counted(run.resumptions, "time"))")
    }
    if let input = run.input { lines.append("  input    \(short(input))") }
    return lines
  }

  /// The steps as rows, with what was sent, what came back and what went wrong below them.
  private func stepLines(of steps: [StepRecord]) -> [String] {
    var table = TextTable(["STEP", "", "CALL", "STATE", "TOOK", "BYTES", "TRIES", "WHERE"])
    for step in steps {
      let took = step.ended.map { Self.duration($0 - step.began) } ?? ""
      table.add([
        .init(String(step.number)), .init(step.kind.rawValue, step.kind == .write ? .write : nil),
        .init(step.name), .init(Self.state(of: step), step.state == .done ? nil : .failure),
        .init(took), .init(step.replyBytes.map { String($0) } ?? ""), .init(String(step.attempts)),
        .init(step.place ?? ""),
      ])
    }
    let rows = table.lines(console.style, columns: console.columns)
    var lines = [rows[0]]
    for (row, step) in zip(rows.dropFirst(), steps) {
      lines.append(row)
      if step.kind == .write || step.kind == .lookUp || options.has("--verbose") {
        lines.append("        → \(short(step.parameters))")
      }
      if let reply = step.reply, options.has("--verbose") {
        lines.append("        ← \(short(reply))")
      }
      if let failure = step.failure { lines.append("        ✗ \(text(failure, field: "message"))") }
    }
    return lines
  }

  private static func state(of step: StepRecord) -> String {
    step.isAdopted ? "adopted" : step.state.rawValue
  }

  func members(of step: StepRecord) -> [(name: String, value: String)] {
    var members: [(name: String, value: String)] = [
      ("step", String(step.number)), ("kind", JSONText.quoted(step.kind.rawValue)),
      ("name", JSONText.quoted(step.name)), ("key", JSONText.quoted(step.key)),
      ("state", JSONText.quoted(step.state.rawValue)), ("attempts", String(step.attempts)),
      ("parameters", text(step.parameters)),
    ]
    if let witness = step.knownBy {
      members.append(("known_by", JSONText.quoted(witness.rawValue)))
    }
    if let place = step.place { members.append(("script", JSONText.quoted(place))) }
    if let ended = step.ended { members.append(("microseconds", String(ended - step.began))) }
    if let bytes = step.replyBytes { members.append(("bytes", String(bytes))) }
    if let reply = step.reply { members.append(("reply", text(reply))) }
    if let failure = step.failure { members.append(("error", text(failure))) }
    return members
  }

  // MARK: - Text

  func text(_ json: [UInt8]) -> String { String(decoding: json, as: UTF8.self) }

  private func short(_ json: [UInt8]) -> String {
    let text = text(json)
    let width = max(40, (console.columns ?? 110) - 10)
    return text.count <= width ? text : text.prefix(width - 1) + "…"
  }

  func text(_ json: [UInt8], field: String) -> String {
    var found = ""
    var scanner = JSONScanner(json)
    _ = try? scanner.members { (name, scanner) throws(JSONScanError) in
      if name == field, case .string(let text) = try scanner.next() { found = text }
    }
    return found.isEmpty ? text(json) : found
  }

  static func time(_ milliseconds: Int64) -> String {
    UTCTime(.milliseconds(milliseconds)).description
  }

  static func duration(_ microseconds: Int64) -> String {
    let tenths = max(0, microseconds) / 100
    return tenths < 100_000 ? "\(tenths / 10).\(tenths % 10) ms" : "\(tenths / 10_000) s"
  }
}
