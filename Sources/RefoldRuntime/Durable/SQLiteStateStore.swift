import Posix
import RefoldActions
import SQLite
import Synchronization

/// A store in a SQLite file, which several processes may use at once.
///
/// Nothing is opened or made before it is used. A change costs one wait for the disk, shared by all that are made at the same time.
public final class SQLiteStateStore: StateStore {
  let path: String
  let writer: StateWriter
  private let reader = Mutex<Reader?>(nil)
  let owner: ClaimOwner
  let now: @Sendable () -> Duration

  private struct Reader {
    let connection: SQLiteConnection
    let file: FileStatus.Identity
  }

  /// Makes a store on a database file, which need not exist.
  ///
  /// - Parameters:
  ///   - patience: How long a change waits for the lock of another process, which holds up no script.
  ///   - now: The time since 1970, by which windows are measured.
  ///   - points: Counts the moments before and after each change; nil for all but tests of crashes.
  public convenience init(
    databasePath: String, patience: Duration = .seconds(5),
    now: @escaping @Sendable () -> Duration = { SystemTime.sinceEpoch() },
    points: CrashPoints? = nil
  ) {
    self.init(
      databasePath: databasePath, ownersPath: databasePath + "-owners", patience: patience,
      now: now, points: points)
  }

  /// Makes a store whose claims are those of another database's processes.
  init(
    databasePath: String, ownersPath: String, patience: Duration = .seconds(5),
    now: @escaping @Sendable () -> Duration = { SystemTime.sinceEpoch() },
    points: CrashPoints? = nil, isDurable: Bool = true
  ) {
    path = databasePath
    writer = StateWriter(
      path: databasePath, patience: patience, points: points, isDurable: isDurable)
    owner = ClaimOwner(path: ownersPath)
    self.now = now
  }

  /// Waits until all changes are durable, and closes the database.
  public func close() {
    reader.withLock { $0 = nil }
    writer.close()
  }

  /// Whether reads can be made.
  public var isOpen: Bool { writer.isOpen }

  /// Opens the database, or makes it.
  public func open(_ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void) {
    writer.open(onEnd)
  }

  /// Opens the database, or makes it, and waits for that; not for threads that run scripts.
  public func openAndWait() throws(ActionError) {
    try ProjectState.wait(self) { open($0) }
  }

  // MARK: - Reads

  /// Reads with a connection that all threads share, one after the other.
  func read<Value: Sendable>(
    _ body: (SQLiteConnection) throws -> Value
  ) throws(ActionError) -> Value {
    do {
      return try reader.withLock { reader in
        let file = try Files.status(path)?.identity
        if reader?.file != file { reader = nil }
        if let reader { return try body(reader.connection) }
        let connection = try StateDatabase.openForReading(path)
        if let file { reader = Reader(connection: connection, file: file) }
        return try body(connection)
      }
    } catch {
      throw StateDatabase.failure(error, path: path)
    }
  }

  /// Returns the value of a key, nil when it has none.
  public func entry(_ key: String, on shelf: StateShelf) throws(ActionError) -> StateEntry? {
    try read { try entry(key, on: shelf, $0) }
  }

  /// Returns the value of a key in a transaction, nil when it has none.
  func value(
    of key: String, on shelf: StateShelf, _ database: SQLiteConnection
  ) throws -> [UInt8]? {
    try entry(key, on: shelf, database)?.value
  }

  private func entry(
    _ key: String, on shelf: StateShelf, _ database: SQLiteConnection
  ) throws -> StateEntry? {
    let statement = try database.statement(
      "SELECT value, version FROM entries WHERE account = ? AND script = ? AND key = ?")
    defer { statement.reset() }
    bind(key, on: shelf, to: statement)
    guard try statement.step() else { return nil }
    return StateEntry(
      key: key, value: statement.bytes(0) ?? [], version: statement.integer(1))
  }

  /// Returns entries in the order of the bytes of their keys.
  public func entries(
    on shelf: StateShelf, prefix: String, after key: String?, limit: Int
  ) throws(ActionError) -> [StateEntry] {
    try read { database in
      let statement = try database.statement(
        """
        SELECT key, value, version FROM entries
        WHERE account = ? AND script = ? AND key >= ? AND (?4 IS NULL OR key > ?4)
        ORDER BY key LIMIT ?
        """)
      defer { statement.reset() }
      bind(prefix, on: shelf, to: statement)
      if let key { statement.bind(4, key) }
      statement.bind(5, Int64(limit))
      var entries: [StateEntry] = []
      while try statement.step() {
        let key = statement.text(0) ?? ""
        guard key.utf8.starts(with: prefix.utf8) else { break }
        entries.append(
          StateEntry(key: key, value: statement.bytes(1) ?? [], version: statement.integer(2)))
      }
      return entries
    }
  }

  private func bind(_ key: String, on shelf: StateShelf, to statement: SQLiteStatement) {
    statement.bind(1, shelf.account)
    statement.bind(2, shelf.script)
    statement.bind(3, key)
  }

  // MARK: - Changes

  /// Sets the value of a key, or removes it.
  public func put(
    _ value: [UInt8]?, at key: String, on shelf: StateShelf, ifVersion expected: Int64?,
    _ onEnd: @escaping @Sendable (Result<Bool, ActionError>) -> Void
  ) {
    writer.write(putting(value, at: key, on: shelf, ifVersion: expected), onEnd)
  }

  /// The change that sets or removes a value.
  func putting(
    _ value: [UInt8]?, at key: String, on shelf: StateShelf, ifVersion expected: Int64?
  ) -> @Sendable (SQLiteConnection) throws -> Bool {
    let changed = Self.milliseconds(now())
    return { [self] database in
      if let expected {
        let found = try database.statement(
          "SELECT version FROM entries WHERE account = ? AND script = ? AND key = ?")
        defer { found.reset() }
        bind(key, on: shelf, to: found)
        guard try (found.step() ? found.integer(0) : 0) == expected else { return false }
      }
      guard let value else {
        let statement = try database.statement(
          "DELETE FROM entries WHERE account = ? AND script = ? AND key = ?")
        bind(key, on: shelf, to: statement)
        try statement.run()
        return database.changes > 0 || expected != nil
      }
      let statement = try database.statement(
        """
        INSERT INTO entries (account, script, key, value, version, changed)
        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
          value = excluded.value, version = excluded.version, changed = excluded.changed
        """)
      bind(key, on: shelf, to: statement)
      statement.bind(4, blob: value)
      statement.bind(5, .random(in: 1 ... .max))
      statement.bind(6, changed)
      try statement.run()
      return true
    }
  }

  // MARK: - Claims

  /// Claims a key of an account.
  public func claim(
    _ claim: StateClaim, window: Duration?,
    _ onEnd: @escaping @Sendable (Result<StateClaim.Answer, ActionError>) -> Void
  ) {
    let now = now()
    do throws(ActionError) {
      // Whoever waits for another asks often, and shall not keep the writer busy.
      if isOpen, let answer = try read({ try standing(claim, $0, now) }) {
        if case .interrupted = answer {} else { return onEnd(.success(answer)) }
      }
    } catch {
      return onEnd(.failure(error))
    }
    writer.write(
      { [self] database in
        if let answer = try standing(claim, database, now) {
          if case .interrupted = answer { try markInterrupted(claim, database) }
          return answer
        }
        try insert(claim, window, database, now)
        return .won
      }, as: .claim, onEnd)
  }

  /// Makes a claim that nothing stands in the way of.
  func insert(
    _ claim: StateClaim, _ window: Duration?, _ database: SQLiteConnection, _ now: Duration
  ) throws {
    try removeExpired(database, now)
    let statement = try database.statement(
      """
      INSERT OR REPLACE INTO claims
        (account, key, token, owner, state, result, since, expires, run)
      VALUES (?, ?, ?, ?, 'running', NULL, ?, ?, ?)
      """)
    statement.bind(1, claim.account)
    statement.bind(2, claim.key)
    statement.bind(3, claim.token)
    statement.bind(4, try owner.number())
    statement.bind(5, Self.milliseconds(now))
    if let window { statement.bind(6, Self.milliseconds(now + window)) }
    if let run = claim.run { statement.bind(7, run) }
    try statement.run()
  }

  /// What stands in the way of a claim; nil when nothing does.
  func standing(
    _ claim: StateClaim, _ database: SQLiteConnection, _ now: Duration
  ) throws -> StateClaim.Answer? {
    let statement = try database.statement(
      "SELECT owner, state, result, since, expires, run FROM claims WHERE account = ? AND key = ?")
    defer { statement.reset() }
    statement.bind(1, claim.account)
    statement.bind(2, claim.key)
    guard try statement.step() else { return nil }
    let since = Duration.milliseconds(statement.integer(3))
    let state = statement.text(1)
    // Someone who is at it still is not too late.
    if state == "running", try owner.isAlive(statement.integer(0)) { return .running(since: since) }
    if !statement.isNull(4), statement.integer(4) <= Self.milliseconds(now) { return nil }
    // What the earlier attempt of this very run did is in its journal.
    if state != "done", claim.takesOver, let run = claim.run, statement.text(5) == run {
      return nil
    }
    return state == "done" ? .done(statement.bytes(2)) : .interrupted(since: since)
  }

  private func markInterrupted(_ claim: StateClaim, _ database: SQLiteConnection) throws {
    let statement = try database.statement(
      "UPDATE claims SET state = 'interrupted' WHERE account = ? AND key = ? AND state = 'running'")
    statement.bind(1, claim.account)
    statement.bind(2, claim.key)
    try statement.run()
  }

  /// Removes a few claims that do not count any more, so that they do not pile up.
  private func removeExpired(_ database: SQLiteConnection, _ now: Duration) throws {
    let statement = try database.statement(
      """
      DELETE FROM claims WHERE rowid IN (
        SELECT rowid FROM claims WHERE expires <= ? AND state <> 'running' LIMIT 8)
      """)
    statement.bind(1, Self.milliseconds(now))
    try statement.run()
  }

  /// Says how an attempt has ended.
  public func settle(
    _ claim: StateClaim, _ end: StateClaim.End,
    _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    writer.write({ try self.settle(claim, end, $0) }, as: .claim, onEnd)
  }

  func settle(
    _ claim: StateClaim, _ end: StateClaim.End, _ database: SQLiteConnection
  ) throws {
    let isReleased = end == .released
    let statement = try database.statement(
      isReleased
        ? "DELETE FROM claims WHERE account = ?1 AND key = ?2 AND token = ?3 AND state = 'running'"
        : """
        UPDATE claims SET state = ?4, result = ?5
        WHERE account = ?1 AND key = ?2 AND token = ?3 AND state = 'running'
        """)
    statement.bind(1, claim.account)
    statement.bind(2, claim.key)
    statement.bind(3, claim.token)
    if case .done(let result) = end, let result { statement.bind(5, blob: result) }
    if !isReleased { statement.bind(4, end == .interrupted ? "interrupted" : "done") }
    try statement.run()
  }

  static func milliseconds(_ time: Duration) -> Int64 {
    let (seconds, attoseconds) = time.components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }
}
