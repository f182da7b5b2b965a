import Lua
import RefoldActions
import RefoldRuntime
import RefoldSandbox

/// Runs a test with faults of the sandbox, and judges what must hold whatever fails.
///
/// Nothing is created or changed twice; calls stay bounded; the script either copes, or says that it failed: an assertion
/// that fails although no error was raised means that it took a failure for a success; and a run that failed can be taken up without the
/// fault, and leads to the same as one that met none.
final class FaultMatrix: TestedRunObserver {
  /// What one fault did to one test.
  struct Verdict {
    let test: TestCase
    let fault: Fault
    /// What does not hold; empty when all does.
    var problems: [String] = []
    /// Why the test failed, when it did.
    var failure: RunFailure?
  }

  /// The calls of a test that have faults of their own, at most.
  static let mostCalls = 40

  private let backend: SandboxBackend
  private let worker: TestWorker
  let resumption: FaultResumption
  /// Whether the runs of a test are kept as they begin.
  private var isCapturing = false
  /// How the runs of a test have ended, by their numbers; nil for those that returned.
  private var ends: [Int: RunFailure?] = [:]

  init(_ options: TestOptions, _ context: CommandContext) throws {
    var options = options
    options.refusesNewSnapshots = true
    (worker, backend) = try TestWorker.onSandbox(options)
    resumption = try FaultResumption(options, context)
    worker.observer = self
  }

  func willStart(_ run: TestedRun, number: Int, store: MemoryStateStore) throws {
    guard isCapturing else { return }
    try resumption.capture(
      run, number: number, earlier: backend.faults?.calls ?? [], backend, store)
  }

  func didEnd(number: Int, _ outcome: RunOutcome) {
    if case .failure(let failure) = outcome.result {
      ends[number] = failure
    } else {
      ends[number] = .some(nil)
    }
  }

  func tests(in file: TestFile) throws(RunFailure) -> [TestCase] { try worker.tests(in: file) }

  /// What a test does when nothing fails.
  struct Plain {
    let result: TestResult
    let calls: [String]
    let writes: [Write: Int]
    /// How its runs ended.
    let ends: [Int: RunFailure?]
  }

  /// A write as the ledger knows it.
  struct Write: Hashable {
    let call: String
    let account: String
    let params: [UInt8]

    /// Whether it does no more when it is done twice, by the first word of the action.
    var isIdempotent: Bool {
      let action = call.split(separator: ".").last ?? ""
      let verb = action.split(separator: "_").first ?? ""
      return ["update", "set", "upsert", "put", "delete", "remove", "archive"].contains(verb)
    }
  }

  /// Runs a test without faults.
  func plain(_ test: TestCase, of file: TestFile) throws -> Plain {
    let plan = FaultPlan([])
    backend.faults = plan
    resumption.forget()
    (ends, isCapturing) = ([:], true)
    let result = worker.run(test, of: file)
    isCapturing = false
    if result.failure == nil { try resumption.runPlain() }
    return Plain(result: result, calls: plan.calls, writes: try appliedWrites(), ends: ends)
  }

  /// Runs a test with a fault; nil when no call has met it.
  func run(
    _ test: TestCase, of file: TestFile, with fault: Fault, beside plain: Plain
  ) throws -> Verdict? {
    let plan = FaultPlan([fault])
    backend.faults = plan
    ends = [:]
    let result = worker.run(test, of: file)
    guard !plan.hits.isEmpty else { return nil }
    let writes = try appliedWrites()
    var verdict = Verdict(test: test, fault: fault, failure: result.failure)
    // The first run that has failed because of the fault.
    let failed = ends.keys.sorted().first { number in
      ends[number].flatMap { $0 } != nil && ends[number] != plain.ends[number]
    }
    let problem =
      Self.repeated(writes, beside: plain.writes) ?? Self.unbounded(plan.calls, plain.calls)
      ?? Self.untruthful(result.failure, fault.kind, wasRaised: failed != nil)
    verdict.problems = problem.map { [$0] } ?? []
    if problem == nil, let failed {
      verdict.problems = try resumption.problems(with: fault, inRun: failed)
    }
    return verdict
  }

  private func appliedWrites() throws(ActionError) -> [Write: Int] {
    Self.writes(in: try backend.ledger())
  }

  /// How often each write was applied.
  static func writes(in ledger: [LedgerEntry]) -> [Write: Int] {
    var writes: [Write: Int] = [:]
    for entry in ledger where entry.isApplied {
      let write = Write(
        call: "\(entry.app).\(entry.action)", account: entry.account, params: entry.params)
      writes[write, default: 0] += 1
    }
    return writes
  }

  /// Runs a test without faults, then with each: those that are chosen, or all at each call.
  func examine(
    _ test: TestCase, of file: TestFile, with chosen: [Fault]
  ) throws -> MatrixFinding {
    let start = LuaState.monotonicNanoseconds
    var finding = MatrixFinding(test: test)
    let plain = try plain(test, of: file)
    if let failure = plain.result.failure {
      finding.failure = failure
      return finding
    }
    let calls = min(plain.calls.count, Self.mostCalls)
    let faults =
      chosen.isEmpty
      ? (0..<calls).flatMap { call in Fault.Kind.ofCalls.map { Fault($0, .at(call + 1)) } }
      : chosen
    for fault in faults where !StopSignal.hasArrived {
      guard let verdict = try run(test, of: file, with: fault, beside: plain) else { continue }
      if verdict.problems.isEmpty {
        finding.held += 1
        continue
      }
      finding.problems.append(
        .init(
          place: fault.description, texts: verdict.problems,
          command: "refold test \(ShellWord.of(test.file)) --filter \(ShellWord.of(test.name)) "
            + "--fault '\(fault)'", failure: verdict.failure))
    }
    finding.summary =
      OutcomeReport.counted(plain.calls.count, "call") + ", "
      + OutcomeReport.counted(finding.held + finding.problems.count, "fault")
      + (plain.calls.count > Self.mostCalls ? " at the first \(Self.mostCalls)" : "")
    finding.duration = .nanoseconds(LuaState.monotonicNanoseconds - start)
    return finding
  }

  // MARK: - What must hold

  private static func repeated(_ writes: [Write: Int], beside plain: [Write: Int]) -> String? {
    writes.filter { $0.value > max(1, plain[$0.key] ?? 1) && !$0.key.isIdempotent }
      .map { "\($0.key.call) was applied \($0.value) times with the same parameters" }
      .min()
  }

  private static func unbounded(_ calls: [String], _ plain: [String]) -> String? {
    // Each call may be made four times, and a script may look again before and after.
    let bound = 6 * plain.count + 20
    return calls.count > bound
      ? "\(calls.count) calls were made, where \(plain.count) are made without the fault" : nil
  }

  private static func untruthful(
    _ failure: RunFailure?, _ kind: Fault.Kind, wasRaised: Bool
  ) -> String? {
    guard let failure else { return nil }
    switch failure.code {
    case "test_timeout": return "the test did not end"
    case "assertion_failed":
      // Wrong data is not told from right data; what was not applied is.
      if kind.givesWrongData || wasRaised { return nil }
      return "no error was raised, and the outcome is another one"
    default:
      let isBug = failure.kind == .script && failure.message.contains("attempt to ")
      return isBug ? "the script broke: \(failure.message)" : nil
    }
  }
}

extension Fault.Kind {
  /// Whether a call seems to succeed, with data that is not what is there.
  var givesWrongData: Bool { self == .duplicate || self == .repeatedCursor }
}

extension TestSetting {
  /// Runs the tests with faults, and prints which do not hold; returns the exit code.
  func runFaults(_ context: CommandContext) throws -> Int32 {
    let chosen = try FaultOptions.faults(options)
    try refuse(Self.onceOptions, with: "faults")
    let report = MatrixReport(
      console, reporter, noun: "fault", plural: "faults", cause: "faults",
      isDetailed: options.has("--fault"))
    let matrix = try FaultMatrix(testOptions, context)
    defer { matrix.resumption.close() }
    let isWhole = try eachTest(matrix.tests) { test, file in
      try report.add(matrix.examine(test, of: file, with: chosen))
    }
    guard isWhole else { return 130 }
    let resumption = matrix.resumption
    var lines: [String] = []
    if resumption.resumed > 0 {
      lines.append(
        OutcomeReport.counted(resumption.resumed, "failed run") + " taken up without the fault"
          + (resumption.unchanged > 0
            ? "; \(resumption.unchanged) ended as before, since the script had caught the failure"
            : ""))
    }
    if let line = resumption.reconciled.line { lines.append(line) }
    if resumption.incomparable > 0 {
      lines.append(
        OutcomeReport.counted(resumption.incomparable, "run")
          + " not taken up: undisturbed twice, what they lead to differs")
    }
    return try report.finish(
      lines: lines,
      counts: [
        ("resumed", String(resumption.resumed)), ("ended_as_before", String(resumption.unchanged)),
      ] + resumption.reconciled.members)
  }
}
