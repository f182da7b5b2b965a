import RefoldRuntime

/// How the end of one run is shown, and what exit code it gives.
struct OutcomeReport {
  let console: Console
  let options: Options
  /// Whether the script is the user's: counts of its calls follow, and failures point into it.
  let isUserScript: Bool

  /// Prints the result or the failure, and returns the exit code.
  func show(_ outcome: RunOutcome) throws -> Int32 {
    let isJSON = options.has("--json")
    switch outcome.result {
    case .success(let data):
      let isEnded = data.last == UInt8(ascii: "\n")
      try console.data(isJSON ? Report.success(data) : isEnded ? data : data + [UInt8(ascii: "\n")])
    case .failure(var failure):
      if !isUserScript { (failure.location, failure.traceback) = (nil, nil) }
      failure.addHint(code: options.value("-e"))
      if isJSON { try console.data(Report.failure(failure)) }
      console.failure(failure, showsTraceback: options.has("--verbose"))
    }
    if isUserScript { noteCounts(outcome) }
    noteUnknown(outcome)
    noteResumption(outcome)
    return Self.exitStatus(outcome)
  }

  private func noteCounts(_ outcome: RunOutcome) {
    console.note(Self.counts(outcome.statistics))
    // After a failure it matters what has been done before it.
    guard case .failure = outcome.result, !outcome.statistics.applied.isEmpty else { return }
    console.note("written before that: \(Self.list(of: outcome.statistics.applied))")
  }

  private func noteUnknown(_ outcome: RunOutcome) {
    let unknown = outcome.statistics.unknownWrites
    guard !unknown.isEmpty else { return }
    // The failure itself says so when it is about the only one.
    if case .failure(let failure) = outcome.result, failure.kind.name == "unknown_outcome",
      unknown.count == 1
    {
      return
    }
    console.note(
      "outcome unknown: \(unknown.joined(separator: ", ")); look in the app before sending again")
  }

  /// After a failure that leaves work half done, how to go on.
  private func noteResumption(_ outcome: RunOutcome) {
    let statistics = outcome.statistics
    guard case .failure = outcome.result, outcome.isRecorded,
      !statistics.applied.isEmpty || !statistics.unknownWrites.isEmpty
    else { return }
    console.note("to go on where it stopped: refold runs resume \(outcome.runID)")
  }

  /// The exit code of a run, as docs/cli.md lists them.
  static func exitStatus(_ outcome: RunOutcome) -> Int32 {
    let isUnknown = !outcome.statistics.unknownWrites.isEmpty
    guard case .failure(let failure) = outcome.result else { return isUnknown ? 10 : 0 }
    return isUnknown && failure.kind != .cancelled ? 10 : failure.kind.exitStatus
  }

  /// What a run did, in a line: `2 reads, 1 write, 12 ms`.
  static func counts(_ statistics: RunStatistics) -> String {
    let (seconds, attoseconds) = statistics.duration.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    let repeats = statistics.repeats == 0 ? "" : counted(statistics.repeats, "repeat") + ", "
    let adopted = statistics.adopted == 0 ? "" : "\(statistics.adopted) adopted, "
    let replayed = statistics.replayed == 0 ? "" : "\(statistics.replayed) from the journal, "
    return counted(statistics.reads, "read") + ", " + counted(statistics.writes, "write")
      + ", \(repeats)\(adopted)\(replayed)\(milliseconds) ms"
  }

  static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  /// Counted actions in a line: `hubspot.create_contact (2), hubspot.update_contact`.
  static func list(of actions: [String: Int]) -> String {
    actions.sorted { $0.key < $1.key }
      .map { $0.value == 1 ? $0.key : "\($0.key) (\($0.value))" }.joined(separator: ", ")
  }
}
