import Lua
import RefoldActions
import RefoldRuntime

/// How runs for many accounts are summed up: results on standard output, a line for each account on standard error.
struct FanOutReport {
  let console: Console
  let options: Options
  let accounts: [String]

  /// How many accounts a failure names before it only counts them.
  private static let namedAccounts = 5

  /// Prints the results and the summary, and returns the exit code.
  func show(_ outcomes: [RunOutcome], writingFailed: CommandError?) throws -> Int32 {
    if let writingFailed { throw writingFailed }
    let all = Array(zip(accounts, outcomes))
    if options.has("--json") {
      try console.data(Self.document(all))
    } else if !options.has("--jsonl") {
      try console.data(Self.results(all))
    }
    for line in summary(all) { console.note(line) }
    showFailures(all)
    console.note(total(outcomes))
    return Self.exitStatus(outcomes)
  }

  // MARK: - Data

  /// The results of the runs that succeeded, by account: `{ acme = …, globex = … }`.
  private static func results(_ all: [(String, RunOutcome)]) -> [UInt8] {
    let newLine = UInt8(ascii: "\n")
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    var isFirst = true
    for (account, outcome) in all {
      guard case .success(let data) = outcome.result else { continue }
      bytes += Array("\(isFirst ? "" : ",")\n  \(JSONText.quoted(account)): ".utf8)
      isFirst = false
      // Strings in JSON hold no raw line break, so each of these is one of the layout.
      for (index, line) in data.split(separator: newLine).enumerated() {
        if index > 0 { bytes += Array("\n  ".utf8) }
        bytes += line
      }
    }
    return bytes + Array(isFirst ? "}\n".utf8 : "\n}\n".utf8)
  }

  /// One run as `{ account, run_id, reads, writes, duration_ms, applied?, unknown_writes?, ok, data | error }`.
  static func line(_ account: String, _ outcome: RunOutcome) -> [UInt8] {
    let statistics = outcome.statistics
    let (seconds, attoseconds) = statistics.duration.components
    var head: [(name: String, value: String)] = [
      ("account", JSONText.quoted(account)), ("run_id", JSONText.quoted(outcome.runID)),
      ("reads", String(statistics.reads)), ("writes", String(statistics.writes)),
      ("duration_ms", String(seconds * 1000 + attoseconds / 1_000_000_000_000_000)),
    ]
    if !statistics.applied.isEmpty {
      let counts = statistics.applied.sorted { $0.key < $1.key }
      head.append(
        ("applied", JSONText.object(counts.map { (name: $0.key, value: String($0.value)) })))
    }
    if !statistics.unknownWrites.isEmpty {
      head.append(
        ("unknown_writes", JSONText.array(statistics.unknownWrites.map { JSONText.quoted($0) })))
    }
    switch outcome.result {
    case .success(let data):
      head.append(("ok", "true"))
      let trimmed = data.last == UInt8(ascii: "\n") ? data.dropLast() : data[...]
      return Array(JSONText.object(head).utf8.dropLast()) + Array(",\"data\":".utf8) + trimmed
        + Array("}".utf8)
    case .failure(let failure):
      head += [("ok", "false"), ("error", Report.error(failure))]
      return Array(JSONText.object(head).utf8)
    }
  }

  /// The one document of `--json`.
  private static func document(_ all: [(String, RunOutcome)]) -> [UInt8] {
    let isOK = exitStatus(all.map(\.1)) == 0
    var bytes = Array("{\"format_version\":1,\"ok\":\(isOK),\"data\":[".utf8)
    for (index, (account, outcome)) in all.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += line(account, outcome)
    }
    return bytes + Array("],\"warnings\":[]}\n".utf8)
  }

  // MARK: - Summary

  private func summary(_ all: [(String, RunOutcome)]) -> [String] {
    var table = TextTable(["ACCOUNT", "STATE", "DID"])
    for (account, outcome) in all {
      let state: TextTable.Cell
      switch outcome.result {
      case .success: state = .init(outcome.statistics.unknownWrites.isEmpty ? "ok" : "unknown")
      case .failure(let failure) where failure.kind == .cancelled:
        state = .init("stopped", .failure)
      case .failure: state = .init("failed", .failure)
      }
      table.add([.init(account), state, .init(Self.deeds(outcome))])
    }
    return table.lines(console.noteStyle, columns: nil)
  }

  /// What a run did; for one that did not get to its end, also what it had written.
  private static func deeds(_ outcome: RunOutcome) -> String {
    if outcome.runID.isEmpty { return "not started" }
    let counts = OutcomeReport.counts(outcome.statistics)
    guard case .failure = outcome.result, !outcome.statistics.applied.isEmpty else { return counts }
    return "\(counts); wrote \(OutcomeReport.list(of: outcome.statistics.applied))"
  }

  /// Shows each failure once, with the accounts that it met.
  private func showFailures(_ all: [(String, RunOutcome)]) {
    var groups: [(failure: RunFailure, accounts: [String])] = []
    var unknown: [String] = []
    for (account, outcome) in all {
      unknown += outcome.statistics.unknownWrites.map { "\($0) for \(account)" }
      guard case .failure(var failure) = outcome.result, failure.kind != .cancelled else {
        continue
      }
      failure.addHint(code: options.value("-e"))
      if let index = groups.firstIndex(where: { $0.failure.isAlike(failure) }) {
        groups[index].accounts.append(account)
      } else {
        groups.append((failure, [account]))
      }
    }
    for group in groups {
      let named = group.accounts.prefix(Self.namedAccounts).joined(separator: ", ")
      let others = group.accounts.count - Self.namedAccounts
      console.note("\nfailed for \(named)\(others > 0 ? " and \(others) more" : ""):")
      console.failure(group.failure, showsTraceback: options.has("--verbose"))
    }
    if !unknown.isEmpty {
      console.note(
        "\noutcome unknown: \(unknown.joined(separator: ", ")); look in the app before sending again"
      )
    }
  }

  private func total(_ outcomes: [RunOutcome]) -> String {
    let stopped = outcomes.filter(\.isStopped).count
    let failed = outcomes.filter { (try? $0.result.get()) == nil }.count - stopped
    let parts = [
      "\(outcomes.count - failed - stopped) ok", failed == 0 ? nil : "\(failed) failed",
      stopped == 0 ? nil : "\(stopped) stopped",
    ]
    let reads = outcomes.reduce(0) { $0 + $1.statistics.reads }
    let writes = outcomes.reduce(0) { $0 + $1.statistics.writes }
    return "\(OutcomeReport.counted(outcomes.count, "account")): "
      + parts.compactMap { $0 }.joined(separator: ", ")
      + "; \(OutcomeReport.counted(reads, "read")), \(OutcomeReport.counted(writes, "write"))"
  }

  /// The exit code for all runs together.
  ///
  /// What a person has to do comes first: stopped, writes of unknown outcome, some failed; when all failed in the same way,
  /// it is the code of that.
  static func exitStatus(_ outcomes: [RunOutcome]) -> Int32 {
    let codes = outcomes.map(OutcomeReport.exitStatus)
    if outcomes.contains(where: \.isStopped) { return RunFailure.Kind.cancelled.exitStatus }
    if codes.contains(10) { return 10 }
    guard codes.contains(where: { $0 != 0 }) else { return 0 }
    return Set(codes).count == 1 ? codes[0] : 6
  }
}

extension RunOutcome {
  fileprivate var isStopped: Bool {
    guard case .failure(let failure) = result else { return false }
    return failure.kind == .cancelled
  }
}

extension RunFailure {
  /// Whether two failures say the same, whatever account they are about.
  fileprivate func isAlike(_ other: RunFailure) -> Bool {
    code == other.code && message == other.message && location == other.location
      && hint == other.hint
  }
}
