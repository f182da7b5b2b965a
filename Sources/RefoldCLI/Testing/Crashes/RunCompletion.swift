import RefoldActions
import RefoldRuntime
import RefoldSandbox

/// Takes an interrupted run of a test up until it has ended.
///
/// What the run itself finds out about writes of unknown outcome comes first. Where it cannot, somebody has to look in the app: here
/// that is the app's own ledger.
struct RunCompletion {
  /// What became of the writes whose outcome was unknown.
  struct Reconciled: Equatable {
    var lookedUpApplied = 0
    var lookedUpAbsent = 0
    var toldApplied = 0
    var toldAbsent = 0
    /// Those that the script did not come to again.
    var left = 0

    var total: Int { lookedUpApplied + lookedUpAbsent + toldApplied + toldAbsent + left }

    static func += (sum: inout Reconciled, other: Reconciled) {
      sum.lookedUpApplied += other.lookedUpApplied
      sum.lookedUpAbsent += other.lookedUpAbsent
      sum.toldApplied += other.toldApplied
      sum.toldAbsent += other.toldAbsent
      sum.left += other.left
    }
  }

  let run: RecordedTestRun
  let world: TestedWorld
  private(set) var reconciled = Reconciled()
  /// The failure that said that an outcome is unknown, the first of them.
  private(set) var stop: RunFailure?
  /// The calls that were made.
  private(set) var calls = 0

  init(_ run: RecordedTestRun, _ world: TestedWorld) {
    self.run = run
    self.world = world
  }

  /// Takes it up, as often as it ends with a write of unknown outcome that can be told.
  ///
  /// - Returns: How the last attempt ended.
  mutating func perform() throws -> RunOutcome {
    let open = Set(try unknown().map(\.number))
    var told: [Int: Resumption.Decision] = [:]
    var decisions: [Int: Resumption.Decision] = [:]
    while true {
      let outcome = try run.perform(on: world.backend(run.clock), decisions: decisions)
      calls += outcome.statistics.reads + outcome.statistics.writes
      guard case .failure(let failure) = outcome.result, failure.code == "write_unknown" else {
        try count(open, told)
        return outcome
      }
      stop = stop ?? failure
      decisions = try self.decisions(about: "\(failure.app ?? "").\(failure.action ?? "")")
      if decisions.isEmpty {
        try count(open, told)
        return outcome
      }
      told.merge(decisions) { $1 }
    }
  }

  private func unknown() throws -> [StepRecord] { try run.steps().filter(\.isUnknownWrite) }

  /// What the ledger says about the writes of unknown outcome with a name.
  private func decisions(about name: String) throws -> [Int: Resumption.Decision] {
    let steps = try run.steps()
    let applied = try world.applied()
    var decisions: [Int: Resumption.Decision] = [:]
    var spoken: [Write: Int] = [:]
    for step in steps where step.kind == .write && step.state == .done {
      spoken[Write(step), default: 0] += 1
    }
    for step in steps where step.isUnknownWrite && step.name == name {
      let write = Write(step)
      let found = applied.filter { Write($0) == write }
      let number = spoken[write, default: 0]
      spoken[write] = number + 1
      decisions[step.number] =
        number < found.count ? .applied(Array(found[number].reply.utf8)) : .absent
    }
    return decisions
  }

  private mutating func count(_ open: Set<Int>, _ told: [Int: Resumption.Decision]) throws {
    for step in try run.steps() where open.contains(step.number) || told[step.number] != nil {
      switch (told[step.number], step.state) {
      case (.applied?, _): reconciled.toldApplied += 1
      case (.absent?, _): reconciled.toldAbsent += 1
      case (nil, .done): reconciled.lookedUpApplied += 1
      case (nil, .unsent): reconciled.lookedUpAbsent += 1
      case (nil, _): reconciled.left += 1
      }
    }
  }

  private struct Write: Hashable {
    let name: String
    let account: String
    let params: String

    init(_ step: StepRecord) {
      (name, account) = (step.name, step.account)
      params = String(decoding: step.parameters, as: UTF8.self)
    }

    init(_ write: AppliedWrite) {
      (name, account, params) = (write.name, write.account, write.params)
    }
  }
}
