import Lua
import RefoldActions
import RefoldRuntime

/// How a plan is shown to people and programs, and what exit code it gives.
struct PlanReport {
  let console: Console
  let options: Options

  /// Prints a plan, or what there is of it when the script failed, and returns the exit code.
  func show(
    _ plan: Plan, _ statistics: RunStatistics, failure: RunFailure?
  ) throws -> Int32 {
    let isJSON = options.has("--json")
    if isJSON {
      try console.data(failure.map(Report.failure) ?? Report.success(plan.summaryJSON))
    } else if failure == nil || !plan.writes.isEmpty || !plan.changes.isEmpty {
      try console.line(text(of: plan, isWhole: failure == nil))
    }
    for warning in plan.warnings { console.note("warning: \(warning)") }
    if let failure { console.failure(failure, showsTraceback: options.has("--verbose")) }
    if failure == nil, let end = plan.end {
      console.failure(Self.failure(end, path: options.value("--out")))
    }
    console.note(Self.counts(statistics))
    if let failure { return failure.kind.exitStatus }
    if let path = options.value("--out"), plan.end == nil {
      console.note("kept in '\(path)'; apply it with 'refold apply \(path)'")
    }
    if plan.end != nil { return Self.partial }
    return options.has("--detailed-exitcode") && !plan.isEmpty ? Self.hasChanges : 0
  }

  /// The exit code of a plan that ends before the script does.
  static let partial: Int32 = 6
  /// The exit code of a plan with changes, when it is asked for.
  static let hasChanges: Int32 = 5

  /// A plan's end as a block of text: what is not known, where, and what to do.
  static func failure(_ end: Plan.End, path: String?) -> RunFailure {
    RunFailure(
      .script, code: Planner.endCode, message: "the plan ends here: \(end.reason)",
      location: end.place.flatMap(Self.location),
      hint: path.map { "apply it so far with 'refold apply \($0) --partial', then plan again" }
        ?? "keep it with '--out FILE', apply it so far with '--partial', then plan again")
  }

  private static func location(_ place: String) -> LuaError.Location? {
    guard let colon = place.lastIndex(of: ":"), let line = Int(place[place.index(after: colon)...])
    else { return nil }
    return LuaError.Location(source: String(place[..<colon]), line: line)
  }

  static func counts(_ statistics: RunStatistics) -> String {
    let (seconds, attoseconds) = statistics.duration.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    return OutcomeReport.counted(statistics.reads, "read") + ", "
      + OutcomeReport.counted(statistics.writes, "write")
      + " captured and not sent, \(milliseconds) ms"
  }

  // MARK: - For people

  /// The writes as a diff, and a line that sums them up.
  func text(of plan: Plan, isWhole: Bool = true) -> String {
    var lines: [String] = []
    var changes = plan.changes[...]
    let state = StateDiff(style: console.style, plan: plan)
    for write in plan.writes {
      let first = changes.prefix { $0.beforeWrite <= write.number }
      lines += first.flatMap(state.lines)
      changes = changes.dropFirst(first.count)
      lines += PlanDiff(style: console.style).lines(of: write)
    }
    lines += changes.flatMap(state.lines)
    if !lines.isEmpty { lines.append("") }
    let summary = Self.summary(of: plan)
    lines.append(
      isWhole ? console.style(.bold, "Plan: \(summary)") : "Before it failed: \(summary)")
    return lines.joined(separator: "\n")
  }

  /// What a plan would do, in a line: `6 to create, 3 to update, 2 unchanged`.
  static func summary(of plan: Plan) -> String {
    var parts = WriteKind.allCases.compactMap { kind in
      let count = plan.count(kind)
      return count == 0 ? nil : "\(count) to \(kind.rawValue)"
    }
    if plan.unchanged > 0 { parts.append("\(plan.unchanged) unchanged") }
    parts += StateDiff.planned(plan)
    return parts.isEmpty ? "nothing to write" : parts.joined(separator: ", ")
  }
}

extension Plan {
  /// The command that makes the plan again, but for its input.
  func making(_ path: String) -> String {
    let script = entry == nil ? "-e …" : self.script
    let account = account == "demo-user-1" ? "" : " --account \(account)"
    return "refold plan \(script)\(account) --out \(path)"
  }
}

/// One write as lines of a diff.
struct PlanDiff {
  let style: TextStyle
  /// How much of a value is shown.
  private static let longestValue = 120

  /// A line that says what is done to what, and one for each field.
  func lines(of write: PlannedWrite) -> [String] {
    let rendition = Self.rendition(of: write)
    let sign = write.isUnchanged ? "=" : Self.signs[write.kind] ?? ">"
    var head = style(rendition, "\(sign) \(write.kind.rawValue) \(write.name)")
    for name in write.identity {
      guard let value = write.parameters[name] else { continue }
      head += "  \(name) \(Self.text(value))"
    }
    if let title = write.title { head += style(.faint, "  \(OneLineText.of(title))") }
    if write.isUnchanged { head += style(.faint, "  unchanged") }
    var lines = [head]
    if let remark = write.remark { lines.append(style(.faint, "    (\(remark))")) }
    let width = write.changes.map(\.field.count).max() ?? 0
    for change in write.changes {
      let gap = String(repeating: " ", count: width - change.field.count)
      lines.append("    \(change.field):\(gap) \(values(of: change, in: write))")
    }
    return lines
  }

  private func values(of change: PlannedWrite.Change, in write: PlannedWrite) -> String {
    let before = change.before.map { Self.text($0) }
    guard let after = change.after.map({ Self.text($0) }) else {
      return style(.failure, before ?? "")
    }
    guard write.kind == .update, write.isBeforeKnown else { return after }
    return "\(before ?? style(.faint, "(none)")) -> \(style(.bold, after))"
  }

  private static let signs: [WriteKind: String] = [
    .create: "+", .update: "~", .delete: "-", .call: ">",
  ]

  private static func rendition(of write: PlannedWrite) -> TextStyle.Rendition {
    if write.isUnchanged { return .faint }
    return switch write.kind {
    case .create: .string
    case .update: .write
    case .delete: .failure
    case .call: .number
    }
  }

  /// A value in a line: JSON, cut when it is long, and what is not known without quotes.
  static func text(_ value: PlanValue) -> String {
    let shown = value.shown
    if case .unknown(let parts) = value, parts.count == 1, case .text(let text) = shown {
      return text
    }
    let text = shown.json
    if text == "\"(known after apply)\"" { return String(text.dropFirst().dropLast()) }
    return text.count <= longestValue ? text : text.prefix(longestValue - 1) + "…"
  }
}
