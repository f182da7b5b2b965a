import Lua
import Posix
import RefoldActions

/// How a run keeps its journal.
extension Run {
  /// Begins the journal of a run, or goes on with that of one that is taken up.
  func openJournal(of generation: Generation) {
    guard let journal = lane.configuration.journal else { return }
    if let resumption = options.resumption {
      self.journal = RunJournal(journal, resuming: resumption, clock: lane.clock)
      return
    }
    let place = lane.place(of: generation)
    var source = options.source
    if source == nil, case .source(let bytes) = generation.entry { source = bytes }
    self.journal = RunJournal(
      journal,
      beginning: RunRecord(
        id: id, script: place.name, path: place.path,
        source: place.path.hasPrefix("(") ? source : nil, account: options.account,
        backend: "\(lane.backend.name) \(lane.backend.location)", input: options.input,
        seed: options.facts.map { Int64(bitPattern: $0.seed) } ?? .random(in: .min ... .max),
        state: .running, started: RunJournal.now() / 1000,
        ended: nil, resumptions: 0, failure: nil, steps: 0, unknownWrites: 0), clock: lane.clock)
  }

  /// Lets the script's clock and random numbers be those that the journal keeps.
  func installJournal(on stack: borrowing LuaStack) throws {
    guard let journal else { return }
    stack.pushGlobals()
    stack.pushField("math", at: -1)
    stack.pushField("randomseed", at: -1)
    stack.push(journal.seed)
    try stack.call(arguments: 1, results: 0)
    stack.pop()
    stack.pushField("os", at: -1)
    for name in ["time", "date"] {
      stack.pushField(name, at: -1)
      stack.setRegistryField(JournalClock.field(name))
    }
    lua.add(lane.libraries.clock, toTableOn: stack)
    stack.pop(2)
  }

  // MARK: - Calls

  /// What the journal knows about a call.
  enum JournalAnswer {
    /// It has to be made; with its step when there is a journal.
    case call(StepRecord?)
    /// It was made by an earlier attempt.
    case result(Result<Reply, ActionError>, StepRecord?)
    /// It is a write of an earlier attempt that may have been applied, and is looked up.
    case lookUp(LookUp)
    /// The run has ended.
    case over
  }

  /// Looks into the journal of an earlier attempt for a call.
  func journalAnswer(to request: ExecRequest, _ style: RefoldLibrary.Style) -> JournalAnswer {
    guard let journal, request.refusal == nil else { return .call(nil) }
    let (app, action, call) = (request.app, request.action, request.call)
    if let lookUp = current?.lookUp {
      return .call(
        journal.step("\(app).\(action)", account: call.account, parameters: call.body, of: lookUp))
    }
    let step = journal.step(
      call.effect == .write ? .write : .read, "\(app).\(action)", account: call.account,
      parameters: call.body, key: call.idempotencyKey, place: request.place?.description)
    do throws(ActionError) {
      switch try journal.verdict(on: step) {
      case .done(let status, let reply, let found):
        statistics.replayed += 1
        return .result(.success(Reply(status: status, body: reply)), found)
      case .failed(let failure):
        guard let error = ActionError(journalText: failure, about: call) else { return .call(step) }
        statistics.replayed += 1
        return .result(.failure(error), nil)
      case .unknown(let found):
        if journal.settle != nil {
          let due = lane.clock.now + journal.timeLeft(for: found).wholeNanoseconds
          return .lookUp(LookUp(request, style, found: found, step: step, due: due))
        }
        end(.unknownWrite(found, of: id, call), at: request.place)
      case .mismatch(let found): end(.mismatch(found, step, call), at: request.place)
      case .fresh, .begun: return .call(step)
      }
    } catch {
      return .result(.failure(error), nil)
    }
    return .over
  }

  /// Records that a call whose reply came, and was kept, turned out to have failed.
  func noteRefusal(_ error: ActionError, in step: StepRecord?) {
    guard let journal, var step else { return }
    step.state = error.kind == .unknownOutcome ? .unknown : .failed
    step.failure = error.journalText
    journal.settle(step)
  }

  /// Makes the intent of a write durable, then lets it leave.
  func intend(
    _ step: StepRecord, _ pending: PendingCall,
    _ completion: @escaping (Result<Reply, ActionError>) -> Void, _ leave: @escaping () -> Void
  ) {
    guard let journal else { return leave() }
    journal.intend(
      step,
      onEnd: lane.answers.expect { [weak self] (result: Result<Void, ActionError>) in
        guard let self else { return }
        if case .failure(let error) = result {
          statistics.writes -= 1
          journal.forget(step)
          return completion(.failure(error))
        }
        guard !pending.isGivenUp, !isOver else {
          statistics.writes -= 1
          var step = step
          step.state = .unsent
          return journal.settle(step)
        }
        leave()
      })
    lane.noteGathering()
  }

  // MARK: - Waits and values

  /// The wait that is left of one that an earlier attempt may have begun, and what to call at its end.
  func beginSleep(
    _ seconds: Double, at place: LuaError.Location?
  ) throws -> (left: Double, onEnd: () -> Void) {
    guard let journal, current?.lookUp == nil else { return (seconds, {}) }
    let parameters = Array("{\"seconds\":\(seconds)}".utf8)
    var step = journal.step(
      .sleep, "sleep", account: "", parameters: parameters, place: place?.description)
    // A short wait is as well waited again.
    if seconds < 1 { return (seconds, {}) }
    let end: () -> Void = {
      step.state = .done
      journal.settle(step)
    }
    switch try journal.verdict(on: step) {
    case .done: return (0, {})
    case .begun(let found):
      step = found
      let passed = Double(journal.now() - found.began) / 1e6
      return (min(seconds, max(0, seconds - passed)), end)
    default:
      journal.begin(step)
      return (seconds, end)
    }
  }

  /// Reads a value of the store, or gives what an earlier attempt read.
  ///
  /// What is given again has a version that no value has, so that nothing is changed that rests on it.
  func storedEntry(
    _ key: String, in store: any StateStore, at place: LuaError.Location?
  ) throws -> StateEntry? {
    guard let journal, current?.lookUp == nil else {
      let entry = try store.entry(key, on: shelf)
      lane.planner?.see(key, entry, on: shelf)
      return entry
    }
    var step = journal.step(
      .get, "store.get", account: options.account,
      parameters: Array("{\"key\":\(JSONText.quoted(key))}".utf8), place: place?.description)
    if case .done(let status, let reply, _) = try journal.verdict(on: step) {
      return status == 404 ? nil : StateEntry(key: key, value: reply, version: -1)
    }
    let entry = try store.entry(key, on: shelf)
    step.state = .done
    (step.status, step.reply) = (entry == nil ? 404 : 200, entry?.value)
    journal.add(step)
    return entry
  }

  /// Sets a value of the store, unless an earlier attempt did.
  func put(
    _ value: [UInt8]?, at key: String, ifVersion version: Int64?, from place: LuaError.Location?,
    _ completion: @escaping (Result<Bool, ActionError>) -> Void
  ) throws {
    try refuseInLookUp("refold.store")
    if let planner = lane.planner {
      return planner.put(value, at: key, ifVersion: version, self, at: place, completion)
    }
    let store = lane.configuration.store
    guard let journal else {
      return store.put(
        value, at: key, on: shelf, ifVersion: version, lane.answers.expect(completion))
    }
    let keyed = "{\"key\":\(JSONText.quoted(key))"
    let step = journal.step(
      .set, value == nil ? "store.delete" : "store.set", account: options.account,
      parameters: Array("\(keyed)}".utf8), hashing: Array(keyed.utf8) + (value ?? []),
      place: place?.description)
    if case .done(_, let reply, _) = try journal.verdict(on: step) {
      return completion(.success(reply == Array("true".utf8)))
    }
    guard let shared = store as? SQLiteStateStore, shared === journal.journal.store else {
      // Two places: the step is added when the value is kept, and may be missing after a crash between the two.
      return store.put(
        value, at: key, on: shelf, ifVersion: version,
        lane.answers.expect { result in
          if case .success(let isChanged) = result {
            var step = step
            (step.state, step.reply) = (.done, Array((isChanged ? "true" : "false").utf8))
            journal.add(step)
          }
          completion(result)
        })
    }
    journal.journal.put(
      value, at: key, on: shelf, ifVersion: version, as: step, of: journal.entry,
      lane.answers.expect(completion))
    lane.noteGathering()
  }

  // MARK: - The end

  /// Makes the end of the run durable; the lane reports the run when that is done.
  ///
  /// - Returns: Whether there is nothing to wait for.
  func isEndRecorded(_ result: Result<[UInt8], RunFailure>) -> Bool {
    guard let journal else { return true }
    if recording != .notBegun { return recording == .done }
    recording = .underWay
    var (state, value, failure): (RunRecord.State, [UInt8]?, [UInt8]?) = (.done, nil, nil)
    switch result {
    case .success(let json):
      value = json
      noteUnmetWrites(journal.unmetWrites)
    case .failure(let reason):
      state = reason.kind == .cancelled ? .interrupted : .failed
      failure = reason.journalText
    }
    journal.journal.end(
      journal.entry, state, result: value, failure: failure, at: RunJournal.now() / 1000,
      onEnd: lane.answers.expect { [weak self] (result: Result<Void, ActionError>) in
        guard let self else { return }
        recording = .done
        if case .failure(let error) = result {
          log(
            LogLine(
              level: .warn, message: "the end of the run is not in the journal: \(error.message)"))
        }
        lane.finish(self)
      })
    lane.noteGathering()
    return false
  }

  /// Records that the run could not start; nobody waits for that.
  func recordFailedStart(_ failure: RunFailure) {
    guard let journal else { return }
    journal.journal.end(
      journal.entry, .failed, result: nil, failure: failure.journalText,
      at: RunJournal.now() / 1000, onEnd: { _ in })
  }

  /// Says which writes an edited script has left behind.
  private func noteUnmetWrites(_ writes: [StepRecord]) {
    for step in writes.prefix(5) {
      log(
        LogLine(
          level: .warn,
          message: "the script did not come again to step \(step.number), "
            + "\(step.name) \(OneLine.text(step.parameters)), which was sent before"))
    }
    if writes.count > 5 {
      log(LogLine(level: .warn, message: "nor to \(writes.count - 5) other writes"))
    }
  }

  /// How far the end of the run is recorded.
  enum Recording { case notBegun, underWay, done }
}

extension Lane {
  /// Where a script is, for the journal; looked up once for each path.
  ///
  /// Of a customer's override it is where the base is: the account leads from there to the override.
  func place(of generation: Generation) -> (name: String, path: String) {
    let given = generation.basePath ?? generation.script
    if let known = places[given] { return known }
    let path = given.hasPrefix("(") ? given : (try? Folders.resolve(given)) ?? given
    let place = (name: Script.stateName(of: given), path: path)
    if places.count < 10_000 { places[given] = place }
    return place
  }
}

extension RunFailure {
  /// A write of an earlier attempt that may have been applied.
  ///
  /// - Parameter finding: What a look-up has found out; nil when there was none.
  static func unknownWrite(
    _ step: StepRecord, of run: String, _ call: ActionCall, finding: String? = nil
  ) -> RunFailure {
    var failure = RunFailure(
      .action(.unknownOutcome), code: "write_unknown",
      message: step.unknownOutcome(finding: finding),
      hint: "look in the app, then say so: "
        + "'refold runs resume \(run) --applied \(step.number)' or '--absent \(step.number)'")
    failure.app = call.app
    failure.action = call.action
    return failure
  }

  /// A step with the caller's key, but other parameters than in the journal.
  static func mismatch(
    _ expected: StepRecord, _ actual: StepRecord, _ call: ActionCall
  ) -> RunFailure {
    var failure = RunFailure(
      .diverged, code: "journal_mismatch",
      message:
        "the script does not do what it did before: \(actual.name), key '\(call.idempotencyKey ?? "")'\n"
        + "  expected \(OneLine.text(expected.parameters)) (step \(expected.number), \(expected.place ?? "?"))\n"
        + "  actual   \(OneLine.text(actual.parameters))",
      hint: "resume with the script as it was, or start a new run")
    failure.app = call.app
    failure.action = call.action
    return failure
  }
}

/// Text of the journal for a message.
private enum OneLine {
  static func text(_ json: [UInt8]) -> String {
    json.count <= 400
      ? String(decoding: json, as: UTF8.self)
      : String(decoding: json.prefix(399), as: UTF8.self) + "…"
  }
}
