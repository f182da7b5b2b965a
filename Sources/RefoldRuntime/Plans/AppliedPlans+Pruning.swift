import Posix
import RefoldActions
import SQLite

/// Forgetting plans that were applied long ago.
extension AppliedPlans {
  /// Removes plans of which nothing was noted for so long; one with a write of unknown outcome stays.
  ///
  /// A plan that was made before the newest of those is not applied any more: whether it was is not known. See
  /// ``mayBeForgotten(_:)``.
  ///
  /// - Parameters:
  ///   - age: How long plans are remembered.
  ///   - kept: The id of a plan that stays.
  ///   - state: Where the changes of the plans are noted; not opened unless plans are removed.
  /// - Returns: How many were removed.
  public func prune(
    olderThan age: Duration, keeping kept: String, state: SQLiteStateStore
  ) throws(ActionError) -> Int {
    let limit = clock() - age
    let removed = try removePlans(before: UTCTime(limit).description, keeping: kept)
    if removed > 0, (try? Files.status(state.path)) != nil {
      try state.forgetChanges(of: { try self.record(of: $0) == nil }, before: limit)
    }
    return removed
  }

  private func removePlans(
    before limit: String, keeping kept: String
  ) throws(ActionError) -> Int {
    try guarded {
      try database.transaction {
        let old = """
          FROM plans WHERE id <> ?1 AND begun < ?2 AND coalesce(ended, '') < ?2 AND NOT EXISTS (
            SELECT 1 FROM plan_writes WHERE plan = plans.id AND (state = 'sent' OR time >= ?2))
          """
        // The clock may have been set back between making and applying.
        let newest = try database.statement("SELECT max(max(begun, coalesce(made, ''))) \(old)")
        defer { newest.reset() }
        newest.bind(1, kept)
        newest.bind(2, limit)
        guard try newest.step(), let through = newest.text(0) else { return 0 }
        let note = try database.statement("INSERT INTO forgotten (through) VALUES (?)")
        note.bind(1, through)
        try note.run()
        try database.execute(
          "DELETE FROM forgotten WHERE through < (SELECT max(through) FROM forgotten)")
        let plans = try database.statement("DELETE \(old)")
        plans.bind(1, kept)
        plans.bind(2, limit)
        try plans.run()
        let removed = database.changes
        try database.execute("DELETE FROM plan_writes WHERE plan NOT IN (SELECT id FROM plans)")
        return removed
      }
    }
  }

  /// Whether a plan of which nothing is known may have been applied, and forgotten since.
  public func mayBeForgotten(_ plan: Plan) throws(ActionError) -> Bool {
    try guarded {
      let statement = try database.statement("SELECT 1 FROM forgotten WHERE through >= ?")
      defer { statement.reset() }
      statement.bind(1, plan.made)
      return try statement.step()
    }
  }
}
