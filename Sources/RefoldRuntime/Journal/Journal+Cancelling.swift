import RefoldActions
import SQLite

extension Journal {
  /// Marks a run that did not return as one that shall not be resumed.
  ///
  /// Waits until that is durable. Cancelling a run again changes nothing.
  ///
  /// - Returns: The run as it is now; its writes of unknown outcome are no better known than before.
  /// - Throws: `ActionError`: `no_such_run`, `run_is_done`, `run_is_running`, `run_is_imported`.
  public func cancel(_ id: String) throws(ActionError) -> RunRecord {
    let (run, number) = try find(id)
    let store = store
    try ProjectState.wait(store) { onEnd in
      store.writer.write(
        { database in
          let state = try Self.requireIdle(run.id, number, store, database)
          if state == .cancelled { return }
          try Self.requireOpen(run.id, state)
          let statement = try database.statement(
            "UPDATE runs SET state = 'cancelled', ended = coalesce(ended, ?) WHERE number = ?")
          statement.bind(1, RunJournal.now() / 1000)
          statement.bind(2, number)
          try statement.run()
        }, onEnd)
    }
    return try self.run(run.id)
  }

  /// Refuses a run that is under way in a process that is alive; on the writer's thread.
  ///
  /// - Returns: How the run stands.
  @discardableResult
  static func requireIdle(
    _ id: String, _ number: Int64, _ store: SQLiteStateStore, _ database: SQLiteConnection
  ) throws -> RunRecord.State {
    let found = try database.statement("SELECT state, owner FROM runs WHERE number = ?")
    defer { found.reset() }
    found.bind(1, number)
    guard try found.step() else { return .interrupted }
    let state = found.text(0).flatMap(RunRecord.State.init(rawValue:)) ?? .interrupted
    if found.integer(1) == importer { throw isImported(id) }
    guard state == .running else { return state }
    guard try !store.owner.isAlive(found.integer(1)) else { throw isRunning(id) }
    return .interrupted
  }

  /// Refuses a run that has returned, or was cancelled.
  static func requireOpen(_ id: String, _ state: RunRecord.State) throws(ActionError) {
    guard state == .done || state == .cancelled else { return }
    throw ActionError(
      kind: .permanent, code: "run_is_\(state.rawValue)",
      message: "run '\(id)' \(state == .done ? "has returned" : "was cancelled")",
      hint: "there is nothing to resume; start a new run with 'refold run'")
  }
}
