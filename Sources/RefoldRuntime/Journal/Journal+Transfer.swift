import RefoldActions
import SQLite

extension RunRecord {
  /// Refuses a run that was imported.
  ///
  /// - Throws: `ActionError` with the code `run_is_imported`.
  public func requireOwn() throws(ActionError) {
    if isImported { throw Journal.isImported(id) }
  }
}

extension Journal {
  /// The owner of runs that were imported, which no process is.
  static let importer: Int64 = -1

  /// Reads a run with all its steps, to be kept elsewhere.
  ///
  /// - Throws: `ActionError`: `no_such_run`, or `run_is_running` while it is under way.
  public func export(_ id: String) throws(ActionError) -> ExportedRun {
    let (run, number) = try find(id)
    if run.state == .running { throw Self.isRunning(run.id) }
    return ExportedRun(run: run, steps: try steps(ofRun: number, withReplies: true))
  }

  /// Adds a run that was exported elsewhere, to be looked at; all of it or nothing.
  ///
  /// Waits until it is durable. It stays until it is pruned by hand.
  ///
  /// - Throws: `ActionError` with the code `run_exists`.
  public func add(_ exported: ExportedRun) throws(ActionError) {
    let run = exported.run
    let store = store
    try ProjectState.wait(store) { onEnd in
      store.writer.write(
        { database in
          let known = try database.statement("SELECT 1 FROM runs WHERE id = ?")
          defer { known.reset() }
          known.bind(1, run.id)
          if try known.step() {
            throw ActionError(
              kind: .permanent, code: "run_exists",
              message: "run '\(run.id)' is in the journal already",
              hint: "see 'refold runs show \(run.id)'")
          }
          let entry = Entry(id: run.id)
          try Self.insert(run, owner: Self.importer, as: entry, database)
          for step in exported.steps { try Self.insert(step, entry, database) }
        }, onEnd)
    }
  }

  /// Adds a run as it is, and gives its entry the number that it got; on the writer's thread.
  static func insert(
    _ run: RunRecord, owner: Int64, as entry: Entry, _ database: SQLiteConnection
  ) throws {
    let statement = try database.statement(
      """
      INSERT INTO runs (id, script, path, source, account, backend, input, seed, state, owner,
        started, ended, resumptions, failure)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number
      """)
    defer { statement.reset() }
    statement.bind(1, run.id)
    statement.bind(2, run.script)
    statement.bind(3, run.path)
    if let source = run.source { statement.bind(4, blob: source) }
    statement.bind(5, run.account)
    statement.bind(6, run.backend)
    if let input = run.input { statement.bind(7, blob: input) }
    statement.bind(8, run.seed)
    statement.bind(9, run.state.rawValue)
    statement.bind(10, owner)
    statement.bind(11, run.started)
    if let ended = run.ended { statement.bind(12, ended) }
    statement.bind(13, Int64(run.resumptions))
    if let failure = run.failure { statement.bind(14, blob: failure) }
    if try statement.step() { entry.number = statement.integer(0) }
  }

  static func isRunning(_ id: String) -> ActionError {
    ActionError(
      kind: .permanent, code: "run_is_running",
      message: "run '\(id)' is under way in another process",
      hint: "wait until it has ended, or stop that process")
  }

  static func isImported(_ id: String) -> ActionError {
    ActionError(
      kind: .permanent, code: "run_is_imported",
      message: "run '\(id)' was imported, to be looked at", hint: "do that where it was made")
  }
}
