import Posix
import RefoldActions

/// What one run writes into the journal, and what it finds there when it is resumed.
///
/// Confined to the lane of the run.
final class RunJournal {
  /// What the journal says about a step that the script comes to.
  enum Verdict {
    /// Nothing: it happens now.
    case fresh
    /// It returned this.
    case done(status: Int, reply: [UInt8], StepRecord)
    /// It failed, and the script went on.
    case failed([UInt8])
    /// It began and has not ended; a wait has its time of beginning.
    case begun(StepRecord)
    /// A write that may have been applied, and nobody knows.
    case unknown(StepRecord)
    /// A step with the caller's key, but other parameters.
    case mismatch(StepRecord)
  }

  let journal: Journal
  let entry: Journal.Entry
  private let clock: LaneClock
  private let past: Resumption?
  private var counts: [String: Int] = [:]
  private var lastNumber: Int
  /// The keys of earlier steps that the script has come to again.
  private var met: Set<String> = []
  private var readings = 0
  private var lastTime: Int64?
  /// The keys of `refold.once` that this attempt has taken over from an earlier one.
  private var takenOver: Set<String> = []
  /// From which the script's random numbers come.
  let seed: Int64
  /// How many steps returned what they had returned before.
  private(set) var replayed = 0
  /// The actions with writes of unknown outcome, and what others of theirs have answered in this attempt.
  private var answers: [StepRecord.Target: [[UInt8]]] = [:]
  /// The writes of this attempt that are announced and have not ended, by the numbers of their steps.
  private var underWay: [Int: StepRecord.Target] = [:]

  /// Adds a run that begins.
  init(_ journal: Journal, beginning run: RunRecord, clock: LaneClock) {
    self.journal = journal
    self.clock = clock
    entry = journal.add(run)
    seed = run.seed
    lastNumber = 0
    past = nil
  }

  /// Goes on with a run that was taken up.
  init(_ journal: Journal, resuming past: Resumption, clock: LaneClock) {
    self.journal = journal
    self.clock = clock
    entry = Journal.Entry(id: past.run.id, number: past.number)
    seed = past.run.seed
    lastNumber = past.lastNumber
    self.past = past
    for step in past.steps.values where step.isUnknownWrite { answers[step.target] = [] }
  }

  /// Whether the run has as many steps as one can have.
  var isFull: Bool { lastNumber >= Journal.mostSteps - 1 }

  /// The step that the script comes to next.
  ///
  /// It is matched by the key that the script gives it, or else by what it does; and by the how-manieth such step it is.
  ///
  /// - Parameter hashed: What the hash is of; the parameters unless it is given.
  func step(
    _ kind: StepRecord.Kind, _ name: String, account: String, parameters: [UInt8],
    hashing hashed: [UInt8]? = nil, key: String? = nil, place: String?
  ) -> StepRecord {
    lastNumber += 1
    var content = ContentHash()
    content.add(hashed ?? parameters)
    let hash = content.hexadecimal(bytes: 16)
    var base = name
    base.reserveCapacity(name.utf8.count + account.utf8.count + 40)
    for part in [" ", account, " ", key.map { "key=\($0)" } ?? hash] { base += part }
    let count = counts[base, default: 0] + 1
    counts[base] = count
    return StepRecord(
      number: lastNumber, key: base + " #\(count)", kind: kind, name: name, account: account,
      parameters: parameters, hash: hash, place: place, readings: readings, state: .begun,
      attempts: 1, began: now())
  }

  /// A step of a look-up, which is no step of the script: nothing is matched with it.
  func step(_ name: String, account: String, parameters: [UInt8], of lookUp: LookUp) -> StepRecord {
    lastNumber += 1
    return StepRecord(
      number: lastNumber, key: "look-up of step \(lookUp.found.number)", kind: .lookUp, name: name,
      account: account, parameters: parameters, hash: "", place: lookUp.found.place,
      readings: readings, state: .begun, attempts: 1, began: now())
  }

  /// What an earlier attempt has left of a step.
  func verdict(on step: StepRecord) throws(ActionError) -> Verdict {
    guard let past, let found = past.steps[step.key] else { return .fresh }
    met.insert(step.key)
    if found.hash != step.hash { return .mismatch(found) }
    switch found.state {
    case .done:
      replayed += 1
      let reply = try journal.reply(of: found.number, run: past.number)
      return .done(status: found.status ?? 200, reply: reply ?? [], found)
    case .failed:
      // The failure that ended the run is what resuming is for; one that the script has caught led it where it went.
      guard !past.triesAgain(found), let failure = found.failure else { return .fresh }
      replayed += 1
      return .failed(failure)
    case .unsent: return .fresh
    case .begun, .unknown:
      guard found.kind == .write else { return .begun(found) }
      switch past.decisions[found.number] {
      case .applied(let reply):
        var settled = found
        (settled.state, settled.status, settled.reply) = (.done, 200, reply)
        settled.knownBy = .person
        settle(settled)
        replayed += 1
        return .done(status: 200, reply: reply, settled)
      case .absent:
        var settled = found
        (settled.state, settled.knownBy) = (.unsent, .person)
        settle(settled)
        return .fresh
      case nil: return .unknown(found)
      }
    }
  }

  /// The writes of earlier attempts that may have been applied, and that the script did not come to again.
  var unmetWrites: [StepRecord] {
    guard let past else { return [] }
    return past.steps.values
      .filter {
        $0.kind == .write && ($0.state == .done || $0.isUnknownWrite) && !met.contains($0.key)
      }
      .sorted { $0.number < $1.number }
  }

  /// Whether a claim of `refold.once` that an earlier attempt held may be taken over: its steps are in the journal.
  func takesOver(_ key: String) -> Bool { past != nil && takenOver.insert(key).inserted }

  /// Adds a step that has ended, with nobody waiting for that.
  func add(_ step: StepRecord) {
    var step = step
    step.ended = step.ended ?? Self.now()
    journal.add(step, to: entry)
  }

  /// Keeps a line that the run has logged, with nobody waiting for that.
  func note(_ line: LogLine) {
    journal.add(line, to: entry, resumptions: past.map { $0.run.resumptions + 1 } ?? 0)
  }

  /// Adds a step that begins, with nobody waiting for that.
  func begin(_ step: StepRecord) { journal.add(step, to: entry) }

  /// Says how a step that was added before has ended.
  func settle(_ step: StepRecord) {
    var step = step
    // What is found out later has ended when it was given up.
    step.ended = step.ended ?? Self.now()
    journal.settle(step, of: entry)
    underWay[step.number] = nil
    if step.kind == .write, step.state == .done, let reply = step.reply {
      answers[step.target]?.append(reply)
    }
  }

  /// Announces a write.
  func intend(_ step: StepRecord, onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void) {
    underWay[step.number] = step.target
    journal.add(step, to: entry, onEnd: onEnd)
  }

  /// Forgets a write whose announcement has failed.
  func forget(_ step: StepRecord) { underWay[step.number] = nil }

  // MARK: - Looking up

  /// How long a write of unknown outcome takes to show at most; nil when none is looked up.
  var settle: Duration? { past?.settle }

  /// How long it takes until a write of an earlier attempt counts as absent when it is not found.
  func timeLeft(for step: StepRecord) -> Duration {
    guard let past, let settle = past.settle else { return .zero }
    return step.timeToSettle(settle, run: past.run, takenUp: past.takenUp)
  }

  /// What the other writes of a step's action have answered in this run, for the same account.
  func answers(beside step: StepRecord) throws(ActionError) -> [[UInt8]] {
    var found = answers[step.target] ?? []
    for other in past?.steps.values.sorted(by: { $0.number < $1.number }) ?? []
    where other.kind == .write && other.state == .done && other.target == step.target {
      if let reply = try journal.reply(of: other.number, run: entry.number) { found.append(reply) }
    }
    return found
  }

  /// Whether another write of a step's action is under way for the same account, whose record may be there before its answer.
  func isUnderWay(beside step: StepRecord) -> Bool { underWay.values.contains(step.target) }

  /// What the clock shows the script, in seconds since 1970: what it showed an earlier attempt, as far as that went.
  func time() -> Int64 {
    readings += 1
    if let known = past?.time(at: readings) { return known }
    let now = clock.sinceEpoch.components.seconds
    if now != lastTime {
      lastTime = now
      var step = step(
        .time, "time", account: "", parameters: Array(String(now).utf8), place: nil)
      step.state = .done
      add(step)
    }
    return now
  }

  /// The time by which the run's waits go, in microseconds since 1970.
  func now() -> Int64 { Self.microseconds(clock.sinceEpoch) }

  /// The machine's time in microseconds since 1970.
  static func now() -> Int64 { microseconds(SystemTime.sinceEpoch()) }

  private static func microseconds(_ time: Duration) -> Int64 {
    let (seconds, attoseconds) = time.components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }
}

extension StepRecord {
  /// How long it takes until a write of unknown outcome counts as absent when it is not found: from zero to `settle`.
  ///
  /// The time counts from the last moment at which the write may have left: when it was given up, or when its run ended. When
  /// the process died, nobody knows when, and a call may have waited for its turn before it left: then it counts from now on.
  ///
  /// - Parameter takenUp: When it was certain that the process of the run had died, in microseconds since 1970.
  func timeToSettle(_ settle: Duration, run: RunRecord, takenUp: Int64) -> Duration {
    let given = state == .unknown ? ended : run.ended.map { $0 * 1000 }
    let left = settle - .microseconds(RunJournal.now() - (given ?? takenUp))
    // The clock may have been set back meanwhile.
    return min(max(left, .zero), settle)
  }

  /// Takes over how a call has ended.
  mutating func take(_ result: Result<Reply, ActionError>) {
    switch result {
    case .success(let reply):
      state = .done
      status = reply.status
      self.reply = reply.body
    case .failure(let error):
      state = error.kind == .unknownOutcome ? .unknown : .failed
      status = error.status
      failure = error.journalText
    }
  }
}
