import Posix
import RefoldActions
import SQLite

/// The dead letters of a project, for people who look at them or try them again.
///
/// Each call waits until it is done; nothing here belongs on a thread that runs scripts.
public final class DeadLetters: Sendable {
  /// What became of an attempt.
  public enum Attempt: Sendable, Equatable {
    /// The letter is gone: the run succeeded.
    case removed
    /// The run failed, or gave the same record up again: this is the letter now.
    case kept(DeadLetter)
  }

  private let store: SQLiteStateStore
  private let isThere: Bool

  /// Looks at the database of a store, which need not exist: looking makes no file.
  public init(_ store: SQLiteStateStore) throws(ActionError) {
    self.store = store
    isThere = (try? Files.status(store.path)) != nil
    if isThere { try store.openAndWait() }
  }

  // MARK: - Looking

  /// Lists letters without their records, the oldest first.
  ///
  /// - Parameters:
  ///   - account: Only those of this account; nil for all.
  ///   - script: Only those of the script with this name; nil for all.
  public func list(account: String? = nil, script: String? = nil) throws(ActionError)
    -> [DeadLetter]
  {
    guard isThere else { return [] }
    return try store.read { database in
      let statement = try database.statement(
        """
        SELECT \(SQLiteStateStore.letterColumns) FROM dead_letters
        WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR script = ?2) ORDER BY number
        """)
      defer { statement.reset() }
      if let account { statement.bind(1, account) }
      if let script { statement.bind(2, script) }
      var letters: [DeadLetter] = []
      while try statement.step() {
        letters.append(SQLiteStateStore.letter(in: statement, withRecord: false))
      }
      return letters
    }
  }

  /// Returns a letter with its record; nil when somebody removed it.
  public func letter(_ id: String) throws(ActionError) -> DeadLetter? {
    isThere ? try store.letter(id) : nil
  }

  /// Returns the id of a letter.
  ///
  /// - Parameter word: An id, or the beginning of one that no other begins with; `last` is the newest.
  /// - Throws: `ActionError` with the code `no_such_letter`.
  public func find(_ word: String) throws(ActionError) -> String {
    var found: [String] = []
    if isThere, !word.isEmpty {
      found = try store.read { database in
        let statement = try database.statement(
          word == "last"
            ? "SELECT id FROM dead_letters ORDER BY number DESC LIMIT 1"
            : "SELECT id FROM dead_letters WHERE id >= ?1 AND id < ?1 || 'zz' LIMIT 2")
        defer { statement.reset() }
        if word != "last" { statement.bind(1, word.hasPrefix("dl_") ? word : "dl_\(word)") }
        var ids: [String] = []
        while try statement.step() { ids.append(statement.text(0) ?? "") }
        return ids
      }
    }
    if found.count == 1 { return found[0] }
    throw ActionError(
      kind: .permanent, code: "no_such_letter",
      message: found.isEmpty
        ? "no dead letter '\(word)'" : "several dead letters begin with '\(word)'",
      hint: "see 'refold dlq ls'")
  }

  // MARK: - Trying again

  /// Takes a letter, so that no other process tries it meanwhile; one whose process died can be taken.
  ///
  /// - Throws: `ActionError` with the code `letter_busy`, or `no_such_letter` when it is gone.
  public func take(_ id: String) throws(ActionError) -> DeadLetter {
    let store = store
    return try ProjectState.wait(store) { onEnd in
      store.writer.write(
        { database in
          let found = try database.statement("SELECT owner FROM dead_letters WHERE id = ?")
          defer { found.reset() }
          found.bind(1, id)
          if try found.step(), !found.isNull(0), try store.owner.isAlive(found.integer(0)) {
            throw ActionError(
              kind: .permanent, code: "letter_busy", message: "dead letter '\(id)' is being tried",
              hint: "wait until the other 'refold dlq retry' has ended")
          }
          guard let letter = try SQLiteStateStore.letter(id, database) else {
            throw ActionError(
              kind: .permanent, code: "no_such_letter", message: "no dead letter '\(id)'",
              hint: "see 'refold dlq ls'")
          }
          let statement = try database.statement("UPDATE dead_letters SET owner = ? WHERE id = ?")
          statement.bind(1, try store.owner.number())
          statement.bind(2, id)
          try statement.run()
          return letter
        }, onEnd)
    }
  }

  /// Gives a letter back that was not tried.
  public func release(_ letter: DeadLetter) throws(ActionError) {
    try change("UPDATE dead_letters SET owner = NULL WHERE id = ?", letter)
  }

  /// Removes a letter that was taken after its run succeeded, unless that run gave the record up again.
  public func succeed(_ letter: DeadLetter) throws(ActionError) -> Attempt {
    try change("DELETE FROM dead_letters WHERE id = ?1 AND attempts = ?2", letter)
    return try end(letter)
  }

  /// Counts the attempt of a letter that was taken, with the failure of its run.
  ///
  /// - Parameters:
  ///   - error: A JSON object with a `message`, of which secrets are taken out.
  ///   - place: Where the run failed, as `file:line`; nil when that is not known.
  ///   - run: The id of the run.
  public func fail(
    _ letter: DeadLetter, error: [UInt8], at place: String?, run: String
  ) throws(ActionError) -> Attempt {
    // The script itself may have counted it already.
    try change(
      """
      UPDATE dead_letters SET attempts = attempts + 1, failure = ?3, run = ?4, tried = ?5,
        place = coalesce(?6, place)
      WHERE id = ?1 AND attempts = ?2
      """, letter, Redaction.redact(error: error), place, run)
    return try end(letter)
  }

  private func end(_ letter: DeadLetter) throws(ActionError) -> Attempt {
    guard let left = try store.letter(letter.id) else { return .removed }
    try release(letter)
    return .kept(left)
  }

  private func change(
    _ sql: String, _ letter: DeadLetter, _ failure: [UInt8]? = nil, _ place: String? = nil,
    _ run: String = ""
  ) throws(ActionError) {
    let store = store
    let now = RunJournal.now() / 1000
    let hasAttempts = sql.contains("attempts = ?2")
    try ProjectState.wait(store) { onEnd in
      store.writer.write(
        { database in
          let statement = try database.statement(sql)
          statement.bind(1, letter.id)
          if hasAttempts { statement.bind(2, Int64(letter.attempts)) }
          if let failure {
            statement.bind(3, blob: failure)
            statement.bind(4, run)
            statement.bind(5, now)
            if let place { statement.bind(6, place) }
          }
          try statement.run()
        }, onEnd)
    }
  }

  /// Removes a letter; one that is being tried stays.
  ///
  /// - Throws: `ActionError` with the code `letter_busy`, or `no_such_letter` when it is gone.
  public func drop(_ id: String) throws(ActionError) {
    try change("DELETE FROM dead_letters WHERE id = ?", take(id))
  }
}
