import Lua
import Posix
import RefoldActions
import RefoldRuntime
import RefoldSandbox

/// Takes up the runs of a test that a fault has made fail, without the fault, and compares what that leads to with the run that met none.
final class FaultResumption {
  /// A run of the test, and the world as it was then.
  private struct Captured {
    let run: TestedRun
    let world: TestedWorld
    let before: Set<String>
    /// The calls that had been made before it.
    let earlier: [String]
    /// What it leads to without faults; nil when that is not the same each time.
    var plain: TestedEnd?
  }

  private let options: TestOptions
  private let folder: String
  private var captured: [Int: Captured] = [:]
  private var lastCase = 0
  /// How many runs were taken up.
  private(set) var resumed = 0
  /// Those that did nothing more and ended as before: a failure that a script has caught is returned to it again.
  private(set) var unchanged = 0
  /// What became of the writes of unknown outcome.
  private(set) var reconciled = RunCompletion.Reconciled()
  /// The runs that were not, since two of them without faults end differently.
  private(set) var incomparable = 0

  init(_ options: TestOptions, _ context: CommandContext) throws {
    self.options = options
    folder = try TestedWorld.temporaryFolder(context.environment)
  }

  /// Removes what lies on the disk.
  func close() { TestedWorld(folder: folder).remove() }

  /// Forgets the runs of the test before.
  func forget() {
    for run in captured.values { run.world.remove() }
    captured = [:]
  }

  /// Keeps the world as a run finds it.
  ///
  /// - Parameter earlier: The calls that the test has made so far.
  func capture(
    _ run: TestedRun, number: Int, earlier: [String], _ backend: SandboxBackend,
    _ store: MemoryStateStore
  ) throws {
    let world = try TestedWorld.make(at: next(), run, options, backend, store)
    captured[number] = Captured(
      run: run, world: world, before: Set(try backend.allRecords().map(\.id)), earlier: earlier)
  }

  private func next() -> String {
    lastCase += 1
    return "\(folder)/\(lastCase)"
  }

  /// Finds out what the captured runs lead to without faults.
  func runPlain() throws {
    for (number, run) in captured {
      let ends = try (1...2).map { _ in
        try inCopy(of: run) { world, recorded in
          _ = try recorded.perform(on: world.backend(recorded.clock))
          return try TestedEnd(world, recorded)
        }
      }
      if ends[0].differences(from: ends[1], before: run.before).isEmpty {
        captured[number]?.plain = ends[0]
      } else {
        incomparable += 1
      }
    }
  }

  private func inCopy<Value>(
    of run: Captured, _ body: (TestedWorld, RecordedTestRun) throws -> Value
  ) throws -> Value {
    let world = try run.world.copy(to: next())
    defer { world.remove() }
    let recorded = try RecordedTestRun(run.run, options, statePath: world.statePath)
    defer { recorded.close() }
    return try body(world, recorded)
  }

  /// Runs a run with the fault, takes it up without, and says what does not hold then.
  func problems(with fault: Fault, inRun number: Int) throws -> [String] {
    guard let run = captured[number], let plain = run.plain, !fault.kind.givesWrongData else {
      return []
    }
    return try inCopy(of: run) { world, recorded in
      let plan = FaultPlan([fault.beginning(after: run.earlier)])
      let outcome = try recorded.perform(on: world.backend(recorded.clock, faults: plan))
      guard case .failure(let failure) = outcome.result else { return [] }
      resumed += 1
      var completion = RunCompletion(recorded, world)
      let end = try completion.perform()
      reconciled += completion.reconciled
      if let stop = completion.stop, stop.hint == nil || stop.kind.exitStatus != 10 {
        return ["the outcome of a write is unknown, and the run does not say what to do"]
      }
      if case .failure(let again) = end.result, again.code == failure.code,
        again.message == failure.message, completion.calls == 0
      {
        unchanged += 1
        return []
      }
      return try TestedEnd(world, recorded).differences(from: plain, before: run.before)
        .map { "taken up without the fault: \($0)" }
    }
  }
}

extension Fault {
  /// The fault for one run of a test, after other calls have been made.
  fileprivate func beginning(after earlier: [String]) -> Fault {
    let count = earlier.count { call in
      let parts = call.split(separator: ".", maxSplits: 1).map(String.init)
      return (app ?? parts[0]) == parts[0] && (action ?? parts[1]) == parts[1]
    }
    var fault = self
    switch occasion {
    case .at(let number): fault.occasion = .at(max(1, number - count))
    case .from(let number): fault.occasion = .from(max(1, number - count))
    case .share: break
    }
    return fault
  }
}
