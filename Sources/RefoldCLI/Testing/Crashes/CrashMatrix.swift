import Lua
import Posix
import RefoldActions
import RefoldRuntime
import RefoldSandbox

/// Runs each script that a test runs again and again, kills its process at each moment at which something becomes durable or is sent, lets other
/// processes take the run up, and compares what that leads to with the run that nobody disturbed.
final class CrashMatrix: TestedRunObserver {
  /// Which moments are tried.
  struct Choice {
    /// The how-manieth run of a test; nil for all.
    var run: Int?
    /// The number of the moment; nil for all.
    var moment: Int?
    /// How many moments of a run at most.
    var limit = 1000
  }

  /// What was counted over all tests.
  struct Counts {
    var runs = 0
    var moments = 0
    var leftOut = 0
    /// Those at which no process died, since it did not come there again.
    var unmet = 0
    var resumed = 0
    var reconciled = RunCompletion.Reconciled()
  }

  /// A run of the test that is looked at, and the world as it was then.
  private struct Captured {
    let number: Int
    let run: TestedRun
    let world: TestedWorld
  }

  private let options: TestOptions
  private let choice: Choice
  private let jobs: Int
  /// Receives how many crash points of a run have been tried, of how many.
  private let progress: (_ ended: Int, _ all: Int) -> Void
  private let folder: String
  private let program: [String]
  private let environment: [String: String]
  private let backend: SandboxBackend
  private let worker: TestWorker
  private var captured: [Captured] = []
  /// How the runs of the test have ended in it: the code of the failure, or nil.
  private var ends: [Int: String?] = [:]
  private var tests = 0
  private(set) var counts = Counts()

  init(
    _ options: TestOptions, _ choice: Choice, jobs: Int, _ context: CommandContext,
    progress: @escaping (_ ended: Int, _ all: Int) -> Void
  ) throws {
    self.progress = progress
    var options = options
    options.refusesNewSnapshots = true
    self.options = options
    self.choice = choice
    self.jobs = jobs
    environment = context.environment
    program = [try ThisProcess.path(), CrashCase.word]
    folder = try TestedWorld.temporaryFolder(context.environment)
    (worker, backend) = try TestWorker.onSandbox(options)
    worker.observer = self
  }

  /// Removes what lies on the disk.
  func close() { TestedWorld(folder: folder).remove() }

  func tests(in file: TestFile) throws(RunFailure) -> [TestCase] { try worker.tests(in: file) }

  // MARK: - Runs of a test

  func willStart(_ run: TestedRun, number: Int, store: MemoryStateStore) throws {
    guard choice.run.map({ $0 == number }) ?? true else { return }
    let world = try TestedWorld.make(
      at: "\(folder)/test\(tests)-run\(number)", run, options, backend, store)
    captured.append(Captured(number: number, run: run, world: world))
  }

  func didEnd(number: Int, _ outcome: RunOutcome) {
    if case .failure(let failure) = outcome.result {
      ends[number] = failure.code
    } else {
      ends[number] = .some(nil)
    }
  }

  /// Runs a test undisturbed, then each of its runs with a crash at each moment.
  func examine(_ test: TestCase, of file: TestFile) throws -> MatrixFinding {
    let start = LuaState.monotonicNanoseconds
    var finding = MatrixFinding(test: test)
    tests += 1
    (captured, ends) = ([], [:])
    let result = worker.run(test, of: file)
    defer { for run in captured { run.world.remove() } }
    if let failure = result.failure {
      finding.failure = failure
      return finding
    }
    let before = counts
    for run in captured where !StopSignal.hasArrived { try examine(run, &finding) }
    finding.duration = .nanoseconds(LuaState.monotonicNanoseconds - start)
    finding.summary = summary(since: before)
    return finding
  }

  private func summary(since before: Counts) -> String {
    if captured.isEmpty {
      return choice.run.map { "has no run \($0)" }
        ?? "runs no script with t.run, so there is nothing to kill"
    }
    let left = counts.leftOut - before.leftOut
    return OutcomeReport.counted(captured.count, "run") + ", "
      + OutcomeReport.counted(counts.moments - before.moments, "crash point")
      + (left > 0 ? ", \(left) left out" : "")
  }

  // MARK: - One run

  private func examine(_ run: Captured, _ finding: inout MatrixFinding) throws {
    counts.runs += 1
    let before = Set(
      try SandboxBackend(testing: run.world.sandboxPath) { "" }.allRecords().map(\.id))
    let (plain, report) = try undisturbed(run, "plain")
    let (again, _) = try undisturbed(run, "again")
    if StopSignal.hasArrived { return }
    let apart = again.differences(from: plain, before: before)
    if !apart.isEmpty {
      finding.problems.append(
        problem(
          finding.test, run, moment: nil,
          "undisturbed twice, ends differently, so there is nothing to compare with", apart))
      return
    }
    if let apart = differenceFromTest(plain, run) {
      finding.problems.append(
        problem(finding.test, run, moment: nil, "in a process of its own", [apart]))
      return
    }
    let chosen = try moments(of: report, finding.test)
    counts.leftOut += choice.moment == nil ? report.moments.count - chosen.count : 0
    let trials = CrashTrials(
      program: program, environment: environment, options: options, world: run.world,
      run: run.run, plain: plain, before: before)
    let verdicts = try trials.verdicts(on: chosen, jobs: jobs) { progress($0, chosen.count) }
    for (moment, verdict) in zip(chosen, verdicts) {
      guard let verdict else { continue }
      counts.moments += 1
      counts.unmet += verdict.isMet ? 0 : 1
      counts.resumed += verdict.isMet ? 1 : 0
      counts.reconciled += verdict.reconciled
      if verdict.problems.isEmpty {
        finding.held += 1
        continue
      }
      finding.problems.append(
        problem(
          finding.test, run, moment: moment, report.moments[moment - 1], verdict.problems))
    }
  }

  /// Whether a run has failed in the test and not alone, or the other way round.
  private func differenceFromTest(_ plain: TestedEnd, _ run: Captured) -> String? {
    let alone = plain.failureCode
    guard let inTest = ends[run.number], inTest != alone else { return nil }
    func words(_ code: String?) -> String { code.map { "fails with '\($0)'" } ?? "returns" }
    return "the run \(words(alone)), and in the test it \(words(inTest))"
  }

  /// The numbers of the moments that are tried; evenly spread when there are too many.
  private func moments(of report: CrashCase.Report, _ test: TestCase) throws -> [Int] {
    let count = report.moments.count
    if let moment = choice.moment {
      guard moment <= count else {
        throw CommandError.usage(
          "'\(test.name)' has \(count) crash points in that run, and none with the number \(moment)",
          command: TestCommand.name)
      }
      return [moment]
    }
    if count <= choice.limit { return Array(1...max(1, count)) }
    return (0..<choice.limit).map { 1 + $0 * (count - 1) / max(1, choice.limit - 1) }
  }

  private func problem(
    _ test: TestCase, _ run: Captured, moment: Int?, _ place: String, _ texts: [String]
  ) -> MatrixFinding.Problem {
    let number = moment.map { ", crash point \($0)" } ?? ""
    let choice = moment.map { "\(run.number):\($0)" } ?? "\(run.number)"
    let seed = options.seed == 0 ? "" : " --seed \(options.seed)"
    return MatrixFinding.Problem(
      place: "run \(run.number), \(run.run.script)\(number), \(place)", texts: texts,
      command: "refold test \(ShellWord.of(test.file)) --filter \(ShellWord.of(test.name))\(seed) "
        + "--crash-points=\(choice)")
  }

  private func undisturbed(
    _ run: Captured, _ name: String
  ) throws -> (end: TestedEnd, report: CrashCase.Report) {
    let world = try run.world.copy(to: "\(run.world.folder)-\(name)")
    defer { world.remove() }
    let end = try Subprocess.run(
      program + [world.folder], environment: environment, output: world.outputPath)
    guard end == .exited(0) else {
      let output = (try? Files.read(world.outputPath)) ?? []
      throw CommandError(
        code: "crash_case_failed",
        message: "the process for '\(run.run.script)' ended with \(end.words): "
          + String(decoding: output.prefix(2000), as: UTF8.self),
        hint: "report this, please", exitStatus: 1)
    }
    return (
      try TestedEnd(world, run.run, options),
      CrashCase.Report(try JSONTree(Files.read(world.reportPath)))
    )
  }
}

extension Subprocess.End {
  var words: String {
    switch self {
    case .exited(let status): "exit code \(status)"
    case .killed(let signal): "signal \(signal.rawValue)"
    }
  }
}
