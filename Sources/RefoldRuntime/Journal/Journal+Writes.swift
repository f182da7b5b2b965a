import RefoldActions
import SQLite

/// A write in the journal, and what is known about its run.
public struct WriteRecord: Sendable, Equatable {
  /// The id of its run.
  public var runID: String
  /// The name of the run's script.
  public var script: String
  /// The word for the run's backend and where it is.
  public var backend: String
  /// How the run stands.
  public var runState: RunRecord.State
  /// The step that the write is.
  public var step: StepRecord

  /// How the write stands: `applied`, `adopted` when it was looked up and found, `failed`, `unknown`, `not sent`, or `under
  /// way` while its run is.
  public var outcome: String {
    switch step.state {
    case .done: step.isAdopted ? "adopted" : "applied"
    case .failed: "failed"
    case .unsent: "not sent"
    case .begun, .unknown: runState == .running ? "under way" : "unknown"
    }
  }

  /// Whether its run comes from a file, to be looked at.
  public var isImported = false

  /// Whether it may have been applied, and nobody knows; where it was made, if the run was imported.
  public var isUnknown: Bool { outcome == "unknown" && !isImported }
}

extension Journal {
  /// Lists writes, the newest first.
  ///
  /// Costs a pass over the steps in question, since it counts the writes of unknown outcome.
  ///
  /// - Parameters:
  ///   - account: Only those for this account; nil for all.
  ///   - run: Only those of the run with this id, or beginning of an id, or `last`; nil for all.
  ///   - onlyUnknown: Whether only those of unknown outcome are listed.
  ///   - limit: How many at most.
  /// - Returns: The writes, and how many of unknown outcome there are among all that was asked for, listed or not.
  /// - Throws: `ActionError` with the code `no_such_run`, or one of the database.
  public func writes(
    account: String? = nil, run: String? = nil, onlyUnknown: Bool = false, limit: Int
  ) throws(ActionError) -> (listed: [WriteRecord], unknown: Int) {
    let number: Int64? = if let run { try find(run).number } else { nil }
    let from = number.map { $0 << 20 } ?? 0
    let to = number.map { ($0 + 1) << 20 } ?? .max
    return try store.read { database in
      var listed: [WriteRecord] = []
      var unknown = 0
      try Self.eachWrite(account, from, to, "AND steps.state IN ('begun', 'unknown')", database) {
        let write = try self.write($0)
        guard write.isUnknown else { return true }
        unknown += 1
        if onlyUnknown, listed.count < limit { listed.append(write) }
        return true
      }
      guard !onlyUnknown else { return (listed, unknown) }
      try Self.eachWrite(account, from, to, "", database) { row in
        listed.append(try self.write(row))
        return listed.count < limit
      }
      return (listed, unknown)
    }
  }

  /// Calls a closure with the rows of writes, the newest first, until it returns false.
  private static func eachWrite(
    _ account: String?, _ from: Int64, _ to: Int64, _ condition: String,
    _ database: SQLiteConnection, _ body: (SQLiteStatement) throws -> Bool
  ) throws {
    let statement = try database.statement(
      """
      SELECT \(stepColumns(withReplies: false)), runs.id, runs.script, runs.backend, runs.state,
        runs.owner
      FROM steps JOIN runs ON runs.number = steps.id >> 20
      WHERE steps.id >= ?1 AND steps.id < ?2 AND kind = 'write'
        AND (?3 IS NULL OR steps.account = ?3) \(condition)
      ORDER BY steps.id DESC
      """)
    defer { statement.reset() }
    statement.bind(1, from)
    statement.bind(2, to)
    if let account { statement.bind(3, account) }
    while try statement.step() {
      guard try body(statement) else { return }
    }
  }

  private func write(_ row: SQLiteStatement) throws -> WriteRecord {
    WriteRecord(
      runID: row.text(19) ?? "", script: row.text(20) ?? "", backend: row.text(21) ?? "",
      runState: try state(row.text(22), owner: row.integer(23)), step: try Self.step(row),
      isImported: row.integer(23) == Self.importer)
  }

  /// Returns one write of a run, with its reply.
  ///
  /// - Throws: `ActionError`: `no_such_run`, or `no_such_step` when the step is none or no write.
  public func write(_ step: Int, of id: String) throws(ActionError) -> WriteRecord {
    let (run, number) = try find(id)
    let steps = try steps(ofRun: number, withReplies: false).filter { $0.kind == .write }
    guard var found = steps.first(where: { $0.number == step }) else {
      throw ActionError(
        kind: .permanent, code: "no_such_step",
        message: "step \(step) of run '\(run.id)' is no write",
        hint: steps.isEmpty ? "it has none" : "see 'refold writes ls --run \(run.id)'")
    }
    found.reply = try reply(of: step, run: number)
    return WriteRecord(
      runID: run.id, script: run.script, backend: run.backend, runState: run.state, step: found,
      isImported: run.isImported)
  }

  /// Keeps what was found out about a write of unknown outcome.
  ///
  /// Waits until that is durable. The run is not resumed; when it is, it goes by this.
  ///
  /// - Parameter witness: Who has found it out.
  /// - Returns: The run's id, and the numbers of its other writes of unknown outcome.
  /// - Throws: `ActionError`: `no_such_run`, `no_such_step`, `run_is_running`, `run_is_imported`.
  public func reconcile(
    _ step: Int, of id: String, _ decision: Resumption.Decision,
    by witness: StepRecord.Witness = .person
  ) throws(ActionError) -> (run: String, open: [Int]) {
    let (run, number) = try find(id)
    let store = store
    let open: [Int] = try ProjectState.wait(store) { onEnd in
      store.writer.write(
        { database in
          try Self.requireIdle(run.id, number, store, database)
          let open = try Self.unknownWrites(of: number, database)
          guard open.contains(step) else { throw Self.notUnknown(step, of: run.id, open: open) }
          let statement = try database.statement(
            """
            UPDATE steps SET state = ?, status = ?, reply = ?, ended = ?, expanded = ?, known_by = ?
            WHERE id = ?
            """)
          switch decision {
          case .applied(let reply):
            statement.bind(1, StepRecord.State.done.rawValue)
            statement.bind(2, 200)
            Self.bind(reply, to: statement, at: 3, 5)
          case .absent: statement.bind(1, StepRecord.State.unsent.rawValue)
          }
          statement.bind(4, RunJournal.now())
          statement.bind(6, witness.rawValue)
          statement.bind(7, number << 20 | Int64(step))
          try statement.run()
          return open.filter { $0 != step }
        }, onEnd)
    }
    return (run.id, open)
  }

  /// Returns what has to be known to look up a write of unknown outcome.
  ///
  /// - Parameter settle: How long a write takes to show at most.
  /// - Returns: The write; what the others of its action have answered in its run; and how long it takes until it counts as
  ///   absent when it is not found.
  /// - Throws: `ActionError`: `no_such_run`, `no_such_step`, `run_is_running`, `run_is_imported`.
  public func lookUp(
    _ step: Int, of id: String, settle: Duration
  ) throws(ActionError) -> (write: WriteRecord, answers: [[UInt8]], left: Duration) {
    let (run, number) = try find(id)
    try run.requireOwn()
    if run.state == .running { throw Self.isRunning(run.id) }
    let write = try write(step, of: run.id)
    let all = try steps(ofRun: number, withReplies: false)
    guard write.isUnknown else {
      throw Self.notUnknown(step, of: run.id, open: all.filter(\.isUnknownWrite).map(\.number))
    }
    var answers: [[UInt8]] = []
    for other in all
    where other.kind == .write && other.state == .done && other.target == write.step.target {
      if let reply = try reply(of: other.number, run: number) { answers.append(reply) }
    }
    let left = write.step.timeToSettle(settle, run: run, takenUp: RunJournal.now())
    return (write, answers, left)
  }

  static func unknownWrites(of number: Int64, _ database: SQLiteConnection) throws -> [Int] {
    let statement = try database.statement(
      """
      SELECT id FROM steps WHERE id >= ?1 << 20 AND id < (?1 + 1) << 20
        AND kind = 'write' AND state IN ('begun', 'unknown') ORDER BY id
      """)
    defer { statement.reset() }
    statement.bind(1, number)
    var found: [Int] = []
    while try statement.step() { found.append(Int(statement.integer(0) & Int64(mostSteps - 1))) }
    return found
  }
}
