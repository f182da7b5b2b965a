import Lua
import Posix
import RefoldRuntime

extension TestSetting {
  /// The options that say how tests are run once, and mean nothing when they are run many times.
  static let onceOptions = ["--coverage", "--lcov", "--update", "--watch"]

  /// Kills the runs of the tests at each moment, and prints where that makes a difference; returns the exit code.
  func runCrashPoints(_ context: CommandContext) throws -> Int32 {
    let choice = try crashChoice()
    try refuse(Self.onceOptions + ["--fault", "--faults"], with: "'--crash-points'")
    let report = MatrixReport(
      console, reporter, noun: "crash point", plural: "crash points",
      cause: "a crash", isDetailed: choice.moment != nil)
    let showsProgress = Descriptor.standardError.isTerminal
    let matrix = try CrashMatrix(testOptions, choice, jobs: jobs, context) { ended, all in
      if showsProgress { console.fragment("\r\(ended) of \(all) crash points") }
    }
    defer { matrix.close() }
    if try !eachTest(
      matrix.tests,
      {
        let finding = try matrix.examine($0, of: $1)
        if showsProgress { console.fragment("\r\u{1B}[K") }
        try report.add(finding)
      })
    {
      return 130
    }
    let counts = matrix.counts
    if let run = choice.run, counts.runs == 0 {
      throw CommandError(
        code: "no_run", message: "no test has a run \(run)",
        hint: "'--crash-points=1' names the first script that a test runs with t.run")
    }
    return try report.finish(lines: Self.lines(about: counts), counts: Self.members(of: counts))
  }

  private func crashChoice() throws -> CrashMatrix.Choice {
    var choice = CrashMatrix.Choice()
    if let text = options.value("--crash-limit") {
      guard options.has("--crash-points"), let limit = Int(text), limit > 0 else {
        throw CommandError.usage(
          options.has("--crash-points")
            ? "'\(text)' is no number of crash points: use 1 or more"
            : "'--crash-limit' goes with '--crash-points'", command: TestCommand.name)
      }
      choice.limit = limit
    }
    guard let text = options.value("--crash-points"), !text.isEmpty else { return choice }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard parts.count <= 2, parts.allSatisfy({ $0 > 0 }) else {
      throw CommandError.usage(
        "'--crash-points=\(text)' names no crash point: write RUN or RUN:NUMBER, as in 1:7",
        command: TestCommand.name)
    }
    choice.run = parts[0]
    choice.moment = parts.count > 1 ? parts[1] : nil
    return choice
  }

  private static func lines(about counts: CrashMatrix.Counts) -> [String] {
    var lines: [String] = []
    if let line = counts.reconciled.line { lines.append(line) }
    if counts.leftOut > 0 {
      lines.append(
        "\(counts.leftOut) crash points were left out; '--crash-limit NUMBER' raises the limit for each run"
      )
    }
    if counts.unmet > 0 {
      lines.append(
        "\(OutcomeReport.counted(counts.unmet, "crash point")) not met a second time, so nothing was killed there"
      )
    }
    return lines
  }

  private static func members(of counts: CrashMatrix.Counts) -> [(name: String, value: String)] {
    [
      ("runs", String(counts.runs)), ("killed", String(counts.resumed)),
      ("left_out", String(counts.leftOut)), ("not_met", String(counts.unmet)),
    ] + counts.reconciled.members
  }
}

extension RunCompletion.Reconciled {
  /// What became of the writes, for people; nil when there were none.
  var line: String? {
    guard total > 0 else { return nil }
    var parts: [String] = []
    func add(_ what: String, _ applied: Int, _ absent: Int) {
      let counts = [(applied, "applied"), (absent, "absent")].filter { $0.0 > 0 }
      if counts.isEmpty { return }
      parts.append("\(what) \(counts.map { "\($0.0) \($0.1)" }.joined(separator: ", "))")
    }
    add("looked up by the run", lookedUpApplied, lookedUpAbsent)
    add("told from the app's ledger", toldApplied, toldAbsent)
    if left > 0 { parts.append("\(left) never met again") }
    return OutcomeReport.counted(total, "write") + " of unknown outcome: "
      + parts.joined(separator: "; ")
  }

  /// The same for programs.
  var members: [(name: String, value: String)] {
    [
      ("looked_up_applied", String(lookedUpApplied)), ("looked_up_absent", String(lookedUpAbsent)),
      ("told_applied", String(toldApplied)), ("told_absent", String(toldAbsent)),
      ("never_met_again", String(left)),
    ]
  }
}

extension TestSetting {
  func refuse(_ names: [String], with what: String) throws(CommandError) {
    for option in names where options.has(option) {
      throw CommandError.usage("'\(option)' does not go with \(what)", command: TestCommand.name)
    }
  }

  /// Calls a function with each test that was asked for; returns false when a stop ended it.
  func eachTest(
    _ tests: (TestFile) throws -> [TestCase], _ body: (TestCase, TestFile) throws -> Void
  ) throws -> Bool {
    let filter = options.value("--filter")
    var count = 0
    for path in try TestPaths.find(options.words) where !path.hasSuffix(Replay.suffix) {
      let file = try TestFile(path)
      for test in try tests(file)
      where filter.map({ "\(test.file): \(test.name)".contains($0) }) ?? true {
        if StopSignal.hasArrived { break }
        count += 1
        try body(test, file)
      }
    }
    if StopSignal.hasArrived {
      console.note("stopped; what had not begun is left out")
      return false
    }
    guard count > 0 else {
      throw CommandError(
        code: "no_tests", message: "no test whose name or file holds '\(filter ?? "")'",
        hint: "'--filter' compares letter by letter, capitals and all")
    }
    return true
  }
}
