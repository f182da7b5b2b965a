import RefoldActions
import RefoldRuntime

/// How the application of a plan is shown, and what exit code it gives.
struct ApplyReport {
  let console: Console
  let options: Options
  let plan: Plan
  let path: String

  /// The exit code when an app has moved since the plan was made.
  static let moved: Int32 = 3

  private var isJSON: Bool { options.has("--json") }
  private var again: String { plan.making(path) }

  /// Why a plan that ends before its script is not applied without being asked for.
  var partial: CommandError {
    let place = plan.end?.place.map { " at \($0)" } ?? ""
    return CommandError(
      code: "plan_partial",
      message: "the plan '\(path)' ends\(place), before the script does: \(plan.end?.reason ?? "")",
      hint: "apply it so far with '--partial', then plan again")
  }

  /// Why a plan is not applied that may have been, longer ago than is remembered.
  var forgotten: CommandError {
    CommandError(
      code: "plan_forgotten",
      message: "the plan '\(path)' was made at \(plan.made), and what was applied then is not "
        + "remembered any more",
      hint: "make the plan again with '\(again)'")
  }

  /// Says that there is nothing to do.
  func showApplied(earlier time: String) throws -> Int32 {
    if isJSON {
      try console.data(
        Report.success(
          summary(sent: 0, applied: plan.effective.count, changed: 0, state: "applied")))
    } else {
      try console.line("Nothing to do: the plan was applied at \(time)")
    }
    return 0
  }

  /// Writes a line about a write that was applied.
  func progress(_ write: PlannedWrite) {
    let title = write.title ?? Self.title(of: write)
    console.note(
      "\(write.number)/\(plan.writes.count) \(write.kind.rawValue) \(write.name)"
        + (title.map { "  \(OneLineText.of($0))" } ?? ""))
  }

  /// Writes a line about a change of the state that was made.
  func progress(_ change: PlannedChange) {
    console.note("\(StateDiff.words[change.kind] ?? "") \(change.title)")
  }

  private static func title(of write: PlannedWrite) -> String? {
    ["email", "Email", "name", "Name", "dealname", "hs_task_subject", "channel"].lazy
      .compactMap { write.parameters[$0] }
      .compactMap { value in
        if case .text(let text) = value { return text }
        return nil
      }.first
  }

  // MARK: - Drift

  /// Shows what moved since the plan was made.
  func showDrift(_ drift: [PlanDrift]) throws -> Int32 {
    let failure = RunFailure(
      .script, code: "plan_moved",
      message: "nothing was sent: \(OutcomeReport.counted(drift.count, "answer")) "
        + "that the plan rests on \(drift.count == 1 ? "has" : "have") moved",
      hint: "look at what moved, and make the plan again with '\(again)'")
    if isJSON {
      let reads = drift.map { moved in
        let changes = JSONText.array(moved.changes.map(Self.json))
        return switch moved.subject {
        case .read(let read):
          JSONText.object([
            "app": JSONText.quoted(read.app), "action": JSONText.quoted(read.action),
            "parameters": read.parameters.json, "changes": changes,
          ])
        case .state(let sight):
          JSONText.object([
            "state": JSONText.quoted(sight.name), "key": JSONText.quoted(sight.key),
            "changes": changes,
          ])
        }
      }
      let error = Report.error(failure).dropLast() + ",\"moved\":\(JSONText.array(reads))}"
      let document = JSONText.object([
        "format_version": "1", "ok": "false", "error": String(error), "warnings": "[]",
      ])
      try console.data(Array("\(document)\n".utf8))
    } else {
      try console.line(drift.flatMap(lines).joined(separator: "\n"))
    }
    console.failure(failure)
    return Self.moved
  }

  private static func json(_ change: PlanDrift.Change) -> String {
    JSONText.object([
      "field": JSONText.quoted(change.field), "before": change.before?.json ?? "null",
      "now": change.now?.json ?? "null",
    ])
  }

  /// How many fields of one answer are shown.
  private static let mostFields = 20

  private func lines(of drift: PlanDrift) -> [String] {
    let (name, asked) =
      switch drift.subject {
      case .read(let read): (read.name, read.parameters.json)
      case .state(let sight): (sight.name, JSONText.quoted(sight.key))
      }
    var lines = [
      console.style(.write, "! \(name)")
        + "  \(asked.count <= 100 ? asked : asked.prefix(99) + "…")"
    ]
    for change in drift.changes.prefix(Self.mostFields) {
      let before = change.before.map(Self.text) ?? "(none)"
      let now = change.now.map(Self.text) ?? "(none)"
      lines.append("    \(change.field): \(before) -> \(console.style(.bold, now))")
    }
    if drift.changes.count > Self.mostFields {
      lines.append("    and \(drift.changes.count - Self.mostFields) more")
    }
    if drift.changes.isEmpty { lines.append("    (the earlier answer was too large to be kept)") }
    return lines
  }

  /// A value that moved: records by how many fields they have, and lists by their length.
  private static func text(_ value: PlanValue) -> String {
    switch value {
    case .object(let members): "a record with \(OutcomeReport.counted(members.count, "field"))"
    case .array(let elements): "a list of \(elements.count)"
    default: PlanDiff.text(value)
    }
  }

  // MARK: - The end

  /// Says how it ended, and returns the exit code.
  func show(
    _ end: PlanApplication.End, _ application: PlanApplication, applied before: Int
  ) throws -> Int32 {
    let applied = before + application.adopted
    let (failure, status, state) = describe(end)
    if isJSON {
      let summary = summary(
        sent: application.sent, applied: applied + application.sent,
        changed: application.changed, state: state)
      if let failure {
        let error =
          Report.error(failure).dropLast()
          + ",\"applied\":\(applied + application.sent)}"
        let document = JSONText.object([
          "format_version": "1", "ok": "false", "error": String(error), "warnings": "[]",
        ])
        try console.data(Array("\(document)\n".utf8))
      } else {
        try console.data(Report.success(summary))
      }
    }
    if let failure {
      console.failure(failure)
      let goesOn = ["refused", "stopped"].contains(state)
      console.note(
        "\(applied + application.sent) of \(OutcomeReport.counted(plan.effective.count, "write")) applied"
          + (goesOn ? "; 'refold apply \(path)' goes on from there" : ""))
      return status
    }
    if !isJSON { try console.line("Applied: \(done(applied))") }
    return status
  }

  private func done(_ applied: Int) -> String {
    var parts = WriteKind.allCases.compactMap { kind in
      let count = plan.count(kind)
      return count == 0 ? nil : "\(count) \(Self.participles[kind] ?? "")"
    }
    if plan.unchanged > 0 { parts.append("\(plan.unchanged) unchanged") }
    parts += StateDiff.done(plan)
    if applied > 0 { parts.append("\(applied) of them before") }
    return parts.isEmpty ? "nothing to write" : parts.joined(separator: ", ")
  }

  private static let participles: [WriteKind: String] = [
    .create: "created", .update: "updated", .delete: "deleted", .call: "called",
  ]

  private func summary(sent: Int, applied: Int, changed: Int, state: String) -> [UInt8] {
    Array(
      JSONText.object([
        "state": JSONText.quoted(state), "sent": String(sent), "applied": String(applied),
        "writes": String(plan.effective.count), "changed": String(changed),
        "changes": String(plan.changes.count), "account": JSONText.quoted(plan.account),
      ]).utf8)
  }

  private func describe(_ end: PlanApplication.End) -> (RunFailure?, Int32, String) {
    switch end {
    case .applied: return (nil, 0, "applied")
    case .stopped:
      let failure = RunFailure(.cancelled, code: "stopped", message: "stopped")
      return (failure, failure.kind.exitStatus, "stopped")
    case .refused(let write, let error):
      var failure = RunFailure(error)
      failure.message = "write \(write.number), \(write.name), failed: \(error.message)"
      return (failure, failure.kind.exitStatus, "refused")
    case .surprised(let write, let reason):
      let failure = RunFailure(
        .script, code: "plan_surprised", message: "stopped at write \(write.number): \(reason)",
        hint: "plan again: the new plan sees what is there now")
      return (failure, Self.moved, "surprised")
    case .moved(let change, let reason):
      let failure = RunFailure(
        .script, code: "plan_moved", message: "stopped at \(change.title): \(reason)",
        hint: "plan again: the new plan sees what is there now")
      return (failure, Self.moved, "moved")
    case .unknown(let write, let error, let finding):
      var because =
        error.map { ": \($0.message)" } ?? ": it left, and what came of it was not noted"
      if let finding { because += "; looked up: \(finding)" }
      let isTried = error == nil || options.has("--no-look-up")
      var failure = RunFailure(
        .action(.unknownOutcome), code: "unknown_outcome",
        message: "the outcome of write \(write.number), \(write.name), is unknown\(because)",
        hint: (isTried ? "" : "'refold apply \(path)' looks it up where the app is known; or ")
          + "look in the app whether it was applied, then say so with "
          + "'refold apply \(path) --mark \(write.number)=applied', or '--mark \(write.number)=unsent'"
      )
      (failure.app, failure.action) = (write.app, write.action)
      return (failure, failure.kind.exitStatus, "unknown")
    }
  }
}
