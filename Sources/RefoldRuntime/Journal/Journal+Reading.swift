import Posix
import RefoldActions
import SQLite

extension Journal {
  private static let runColumns = """
    number, id, script, path, source, account, backend, input, seed, state, owner, started, ended,
      resumptions, failure,
      (SELECT count(*) FROM steps WHERE steps.id >= number << 20 AND steps.id < number + 1 << 20
        AND kind IN ('read', 'write')),
      (SELECT count(*) FROM steps WHERE steps.id >= number << 20 AND steps.id < number + 1 << 20
        AND kind = 'write' AND state IN ('begun', 'unknown'))
    """

  /// Lists runs, the newest first.
  ///
  /// - Parameters:
  ///   - account: Only those of this account; nil for all.
  ///   - script: Only those of the script with this name; nil for all.
  ///   - limit: How many at most.
  public func runs(
    account: String? = nil, script: String? = nil, limit: Int
  ) throws(ActionError) -> [RunRecord] {
    try store.read { database in
      let statement = try database.statement(
        """
        SELECT \(Self.runColumns) FROM runs
        WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR script = ?2)
        ORDER BY number DESC LIMIT ?3
        """)
      defer { statement.reset() }
      if let account { statement.bind(1, account) }
      if let script { statement.bind(2, script) }
      statement.bind(3, Int64(limit))
      var runs: [RunRecord] = []
      while try statement.step() { runs.append(try record(statement).run) }
      return runs
    }
  }

  /// Returns a run.
  ///
  /// - Parameter id: Its id, or the beginning of one that no other begins with; `last` is the newest.
  /// - Throws: `ActionError` with the code `no_such_run`.
  public func run(_ id: String) throws(ActionError) -> RunRecord {
    try find(id).run
  }

  func find(_ id: String) throws(ActionError) -> (run: RunRecord, number: Int64) {
    let found = try store.read { database in
      let statement = try database.statement(
        id == "last"
          ? "SELECT \(Self.runColumns) FROM runs ORDER BY number DESC LIMIT 1"
          : "SELECT \(Self.runColumns) FROM runs WHERE id >= ?1 AND id < ?1 || 'zz' LIMIT 2")
      defer { statement.reset() }
      if id != "last" { statement.bind(1, id.hasPrefix("run_") ? id : "run_\(id)") }
      var found: [(run: RunRecord, number: Int64)] = []
      while try statement.step() { found.append(try record(statement)) }
      return found
    }
    if found.count == 1, !id.isEmpty { return found[0] }
    throw ActionError(
      kind: .permanent, code: "no_such_run",
      message: found.isEmpty || id.isEmpty
        ? "no run '\(id)' in the journal" : "several runs begin with '\(id)'",
      hint: "see 'refold runs ls'")
  }

  private func record(_ row: SQLiteStatement) throws -> (run: RunRecord, number: Int64) {
    let state = try state(row.text(9), owner: row.integer(10))
    let run = RunRecord(
      id: row.text(1) ?? "", script: row.text(2) ?? "", path: row.text(3) ?? "",
      source: row.bytes(4), account: row.text(5) ?? "", backend: row.text(6) ?? "",
      input: row.bytes(7), seed: row.integer(8), state: state, started: row.integer(11),
      ended: row.isNull(12) ? nil : row.integer(12), resumptions: Int(row.integer(13)),
      failure: row.bytes(14), steps: Int(row.integer(15)), unknownWrites: Int(row.integer(16)),
      isImported: row.integer(10) == Self.importer)
    return (run, row.integer(0))
  }

  /// How a run stands: one that is under way for a process that has died was interrupted.
  func state(_ word: String?, owner: Int64) throws -> RunRecord.State {
    let state = word.flatMap(RunRecord.State.init(rawValue:)) ?? .interrupted
    return try state == .running && !store.owner.isAlive(owner) ? .interrupted : state
  }

  /// Returns the steps of a run, in the order in which they began.
  ///
  /// - Parameter withReplies: Whether the replies are read too, which may be large.
  public func steps(of id: String, withReplies: Bool) throws(ActionError) -> [StepRecord] {
    try steps(ofRun: find(id).number, withReplies: withReplies)
  }

  func steps(ofRun number: Int64, withReplies: Bool) throws(ActionError) -> [StepRecord] {
    try store.read { database in
      let statement = try database.statement(
        """
        SELECT \(Self.stepColumns(withReplies: withReplies)) FROM steps WHERE id >= ?1 << 20 AND id < (?1 + 1) << 20 ORDER BY id
        """)
      defer { statement.reset() }
      statement.bind(1, number)
      var steps: [StepRecord] = []
      while try statement.step() { steps.append(try Self.step(statement)) }
      return steps
    }
  }

  /// What ``step(_:)`` reads.
  static func stepColumns(withReplies: Bool) -> String {
    """
    steps.id, key, kind, name, steps.account, parameters, hash, place, readings, steps.state,
      status, \(withReplies ? "reply" : "NULL"), steps.failure, attempts, began, steps.ended,
      coalesce(expanded, length(reply)), expanded, known_by
    """
  }

  static func step(_ row: SQLiteStatement) throws -> StepRecord {
    StepRecord(
      number: Int(row.integer(0) & Int64(mostSteps - 1)), key: row.text(1) ?? "",
      kind: row.text(2).flatMap(StepRecord.Kind.init(rawValue:)) ?? .write,
      name: row.text(3) ?? "", account: row.text(4) ?? "", parameters: row.bytes(5) ?? [],
      hash: row.text(6) ?? "", place: row.text(7), readings: Int(row.integer(8)),
      state: row.text(9).flatMap(StepRecord.State.init(rawValue:)) ?? .begun,
      status: row.isNull(10) ? nil : Int(row.integer(10)), reply: try reply(in: row, at: 11, 17),
      replyBytes: row.isNull(16) ? nil : Int(row.integer(16)),
      failure: row.bytes(12), attempts: Int(row.integer(13)), began: row.integer(14),
      ended: row.isNull(15) ? nil : row.integer(15),
      knownBy: row.text(18).flatMap(StepRecord.Witness.init(rawValue:)))
  }

  /// Returns the reply of one step.
  func reply(of step: Int, run number: Int64) throws(ActionError) -> [UInt8]? {
    try store.read { database in
      let statement = try database.statement("SELECT reply, expanded FROM steps WHERE id = ?")
      defer { statement.reset() }
      statement.bind(1, number << 20 | Int64(step))
      return try statement.step() ? Self.reply(in: statement, at: 0, 1) : nil
    }
  }

  // MARK: - Taking up a run

  /// Takes a run up that did not return, for this process.
  ///
  /// - Parameters:
  ///   - decisions: What a person says about writes of unknown outcome, by the numbers of their steps.
  ///   - settle: How long another one takes to show in the app at most, after which it counts as absent; nil when none is
  ///     looked up.
  /// - Throws: `ActionError`: `run_is_running`, `run_is_done`, `run_is_cancelled`, `run_is_imported`,
  ///   `no_such_step`.
  public func resumption(
    of id: String, decisions: [Int: Resumption.Decision] = [:],
    settle: Duration? = Journal.standardSettle
  ) throws(ActionError) -> Resumption {
    let (run, number) = try find(id)
    try run.requireOwn()
    try Self.requireOpen(run.id, run.state)
    let steps = try steps(ofRun: number, withReplies: false)
    let open = steps.filter(\.isUnknownWrite).map(\.number)
    for step in decisions.keys.sorted() where !open.contains(step) {
      throw Self.notUnknown(step, of: run.id, open: open)
    }
    let store = store
    try ProjectState.wait(store) { onEnd in
      store.writer.write(
        { database in
          try Self.requireOpen(run.id, Self.requireIdle(run.id, number, store, database))
          let statement = try database.statement(
            """
            UPDATE runs SET state = 'running', owner = ?, ended = NULL, result = NULL,
              failure = NULL, resumptions = resumptions + 1 WHERE number = ?
            """)
          statement.bind(1, try store.owner.number())
          statement.bind(2, number)
          try statement.run()
        }, onEnd)
    }
    return Resumption(
      run: run, number: number, steps: steps, decisions: decisions, settle: settle)
  }

  static func notUnknown(_ step: Int, of run: String, open: [Int]) -> ActionError {
    let list = open.map(String.init).joined(separator: ", ")
    return ActionError(
      kind: .permanent, code: "no_such_step",
      message: "step \(step) of run '\(run)' is no write of unknown outcome",
      hint: open.isEmpty ? "there is none" : "those are: \(list)")
  }

  /// Removes runs that ended longer ago than this; those with writes of unknown outcome stay, but for imported ones.
  ///
  /// Waits until it is done.
  ///
  /// - Returns: How many were removed.
  public func prune(olderThan age: Duration) throws(ActionError) -> Int {
    let limit = limit(age)
    let store = store
    var removed = 0
    while true {
      let some: Int = try ProjectState.wait(store) { onEnd in
        store.writer.write(
          { try Self.prune(before: limit, atMost: 500, imported: true, $0) }, onEnd)
      }
      removed += some
      if some < 500 { return removed }
    }
  }
}

extension StepRecord {
  /// Whether the step is a write that may have been applied, and nobody knows.
  public var isUnknownWrite: Bool { kind == .write && (state == .begun || state == .unknown) }
}

/// A run that is taken up again: what its earlier attempts did.
public struct Resumption: Sendable {
  /// What a person has found out about a write of unknown outcome.
  public enum Decision: Sendable, Equatable {
    /// It was applied; the bytes are what the action would have answered.
    case applied([UInt8])
    /// It was not, and may be sent.
    case absent
  }

  /// The run.
  public let run: RunRecord
  let number: Int64
  /// The last step of each key.
  let steps: [String: StepRecord]
  let lastNumber: Int
  /// The first step whose failure is not given again, but tried again, whatever it was.
  let firstTriedAgain: Int
  /// The kind, code and message of the failure that ended the run.
  private let ending: [String]?
  /// How often the clock was looked at, and what it showed from which look on.
  let readings: Int
  let times: [(reading: Int, seconds: Int64)]
  let decisions: [Int: Decision]
  /// How long a write of unknown outcome takes to show at most; nil when none is looked up.
  let settle: Duration?
  /// When the run was taken up, in microseconds since 1970: no earlier attempt sends anything from then on.
  let takenUp = RunJournal.now()

  init(
    run: RunRecord, number: Int64, steps: [StepRecord], decisions: [Int: Decision],
    triesLastAgain: Bool = true, settle: Duration? = nil
  ) {
    self.run = run
    self.number = number
    self.decisions = decisions
    self.settle = settle
    let own = steps.filter { $0.kind != .lookUp }
    self.steps = Dictionary(own.map { ($0.key, $0) }) { _, later in later }
    lastNumber = steps.last?.number ?? 0
    let last = own.last?.number ?? 0
    firstTriedAgain = triesLastAgain ? last : last + 1
    ending = triesLastAgain ? run.failure.flatMap(Self.essence) : nil
    readings = steps.map(\.readings).max() ?? 0
    times = steps.filter { $0.kind == .time }.compactMap { step in
      Int64(String(decoding: step.parameters, as: UTF8.self)).map { (step.readings, $0) }
    }
  }

  /// Whether a step that failed is tried again, instead of failing as it did: the last one, and what ended the run, which is not the
  /// last when several were under way.
  func triesAgain(_ step: StepRecord) -> Bool {
    if step.number >= firstTriedAgain { return true }
    guard let ending, let failure = step.failure else { return false }
    return Self.essence(of: failure) == ending
  }

  private static func essence(of failure: [UInt8]) -> [String]? {
    guard let tree = try? JSONTree(failure) else { return nil }
    return ["kind", "code", "message"].map { tree[$0]?.string ?? "" }
  }

  /// What the clock showed at a look, counted from 1; nil when the run had not looked so often.
  func time(at reading: Int) -> Int64? {
    guard reading <= readings else { return nil }
    return times.last { $0.reading <= reading }?.seconds
  }
}
