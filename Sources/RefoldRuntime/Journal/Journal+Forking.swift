import RefoldActions
import SQLite

extension Journal {
  /// Begins a run that has what another one did before a step behind it.
  ///
  /// It has the other's account, input, clock and random numbers. Waits until the copy of the steps is durable.
  ///
  /// - Parameters:
  ///   - id: The other run, which has ended; it stays as it is.
  ///   - step: The first step that is not taken over.
  ///   - script: The name of the new run's script, its path, and its code when that is in no file.
  ///   - repeatsWrites: Whether the other run may have written from that step on, which can be written again.
  /// - Throws: `ActionError`: `no_such_run`, `no_such_step`, `run_is_running`, `run_is_imported`, `write_unknown`, `fork_repeats_writes`.
  public func fork(
    _ id: String, from step: Int, script: (name: String, path: String), repeatsWrites: Bool
  ) throws(ActionError) -> Resumption {
    let (run, number) = try find(id)
    try run.requireOwn()
    if run.state == .running { throw Self.isRunning(run.id) }
    let all = try steps(ofRun: number, withReplies: false)
    guard step > 0, step <= (all.last?.number ?? 0) + 1 else {
      throw ActionError(
        kind: .permanent, code: "no_such_step", message: "run '\(run.id)' has no step \(step)",
        hint: all.last.map { "its last one is \($0.number)" } ?? "it has none")
    }
    let kept = all.filter { $0.number < step }
    try Self.check(kept, all.filter { $0.number >= step }, of: run.id, repeatsWrites)
    var fork = run
    fork.id = RunID.make()
    (fork.script, fork.path, fork.source) = (script.name, script.path, nil)
    (fork.state, fork.started, fork.ended) = (.running, RunJournal.now() / 1000, nil)
    (fork.resumptions, fork.failure) = (0, nil)
    let (store, made) = (store, fork)
    let forked: Int64 = try ProjectState.wait(store) { onEnd in
      store.writer.write(
        { database in
          let entry = Entry(id: made.id)
          try Self.insert(made, owner: store.owner.number(), as: entry, database)
          let statement = try database.statement(
            """
            INSERT INTO steps (id, key, kind, name, account, parameters, hash, place, readings,
              state, status, reply, expanded, failure, attempts, began, ended, known_by)
            SELECT (?1 << 20) | (id & 1048575), key, kind, name, account, parameters, hash, place,
              readings, state, status, reply, expanded, failure, attempts, began, ended, known_by
            FROM steps WHERE id >= ?2 << 20 AND id < (?2 << 20) + ?3
            """)
          statement.bind(1, entry.number)
          statement.bind(2, number)
          statement.bind(3, Int64(step))
          try statement.run()
          return entry.number
        }, onEnd)
    }
    return Resumption(
      run: fork, number: forked, steps: kept, decisions: [:], triesLastAgain: false)
  }

  private static func check(
    _ kept: [StepRecord], _ left: [StepRecord], of id: String, _ repeatsWrites: Bool
  ) throws(ActionError) {
    if let open = kept.first(where: \.isUnknownWrite) {
      throw ActionError(
        kind: .unknownOutcome, code: "write_unknown",
        message: "step \(open.number) of run '\(id)', \(open.name), may have been applied or not",
        hint: "look in the app, then say so with 'refold writes reconcile \(id) \(open.number)'")
    }
    let writes = left.filter { $0.kind == .write && ($0.state == .done || $0.isUnknownWrite) }
    guard !writes.isEmpty, !repeatsWrites else { return }
    let list = writes.prefix(5).map { "\($0.name) (step \($0.number))" }.joined(separator: ", ")
    let more = writes.count > 5 ? " and \(writes.count - 5) more" : ""
    throw ActionError(
      kind: .permanent, code: "fork_repeats_writes",
      message:
        "run '\(id)' has written from there on, and a fork may write it again: \(list)\(more)",
      hint: "fork from a later step, or add '--yes' when that is meant")
  }
}
