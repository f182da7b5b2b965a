import CSQLite
import Glibc

/// A connection to one database file.
///
/// Confined to the thread that uses it, one at a time.
@safe public final class SQLiteConnection {
  let raw: OpaquePointer
  private var statements: [String: SQLiteStatement] = [:]

  /// Lets SQLite count no memory, for which every allocation of every thread would take one lock.
  ///
  /// The counts are for `sqlite3_memory_used` and the heap limits, which nothing here uses. A host that has used SQLite before
  /// keeps its settings. See sqlite.org/c3ref/c_config_covering_index_scan.html, `SQLITE_CONFIG_MEMSTATUS`.
  private static let countsNoMemory = rs_count_no_memory() == SQLITE_OK

  /// Opens a database, and creates the file when there is none.
  ///
  /// - Parameters:
  ///   - path: The file, or `:memory:`.
  ///   - busyTimeout: How long a statement waits for another connection's lock.
  /// - Throws: ``SQLiteError``; a file that is no database shows only when it is first read.
  public init(_ path: String, busyTimeout: Duration = .seconds(5)) throws(SQLiteError) {
    _ = Self.countsNoMemory
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    // SAFETY: the path is lent as a C string for the call. A handle is given even on most failures, and is closed.
    let status = unsafe sqlite3_open_v2(path, &handle, flags, nil)
    guard status == SQLITE_OK, let handle = unsafe handle else {
      let message = unsafe handle.map { unsafe String(cString: sqlite3_errmsg($0)) }
      unsafe sqlite3_close_v2(handle)
      throw SQLiteError(code: .init(status), message: message ?? "out of memory")
    }
    unsafe raw = unsafe handle
    let (seconds, attoseconds) = busyTimeout.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    unsafe sqlite3_busy_timeout(handle, Int32(clamping: milliseconds))
  }

  deinit {
    statements.removeAll()
    // SAFETY: close_v2 waits for statements that are still alive elsewhere.
    unsafe sqlite3_close_v2(raw)
  }

  /// Runs statements that take no parameters and give no rows.
  public func execute(_ sql: String) throws(SQLiteError) {
    let status = unsafe sqlite3_exec(raw, sql, nil, nil, nil)
    guard status == SQLITE_OK else { throw failure(status, sql) }
  }

  /// Returns a statement, prepared once and kept: reset, and without bound values.
  public func statement(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
    if let statement = statements[sql] {
      statement.reset()
      return statement
    }
    let statement = try SQLiteStatement(sql, on: self)
    statements[sql] = statement
    return statement
  }

  /// Puts the database into WAL mode, in which readers do not wait for a writer; does nothing when it is.
  ///
  /// Changing the mode asks for a lock without the patience of other statements, so it is asked for again.
  ///
  /// - Throws: ``SQLiteError`` of code `busy` when others hold the lock for longer than `patience`.
  public func enterWAL(patience: Duration = .seconds(5)) throws(SQLiteError) {
    let pause: Int64 = 10
    let (seconds, attoseconds) = patience.components
    var milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    while true {
      do throws(SQLiteError) {
        let mode = try statement("PRAGMA journal_mode")
        defer { mode.reset() }
        if try mode.step(), mode.text(0) == "wal" { return }
        mode.reset()
        return try execute("PRAGMA journal_mode = WAL")
      } catch {
        guard error.code == .busy, milliseconds > 0 else { throw error }
        milliseconds -= pause
        sqlite3_sleep(Int32(pause))
      }
    }
  }

  /// Runs a statement without parameters and rows that is prepared once and kept.
  private func run(_ sql: String) throws(SQLiteError) {
    try statement(sql).run()
  }

  /// Runs a closure inside `BEGIN IMMEDIATE` and `COMMIT`; rolls back when it throws.
  public func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    try run("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      // The first error is the one to report; a failed rollback leaves nothing to roll back.
      try? run("ROLLBACK")
      throw error
    }
  }

  /// Lets the write-ahead log be when the last connection is closed, which costs four waits for the disk less.
  ///
  /// Whoever opens the database next reads the log; ``checkpoint()`` keeps it small.
  public func keepLogOnClose() {
    // It can only fail for a number that SQLite does not know; then the log is moved as ever.
    _ = unsafe rs_keep_log_on_close(raw)
  }

  /// Moves what the write-ahead log holds into the database, as far as no reader needs it there; waits for nobody.
  ///
  /// - Parameter truncatesLog: Whether the log is emptied as well, unless others use it now.
  public func checkpoint(truncatesLog: Bool = false) throws(SQLiteError) {
    if truncatesLog { try execute("PRAGMA busy_timeout = 0") }
    let statement = try statement("PRAGMA wal_checkpoint(\(truncatesLog ? "TRUNCATE" : "PASSIVE"))")
    defer { statement.reset() }
    _ = try statement.step()
  }

  /// The number of rows that the last statement changed.
  public var changes: Int { Int(unsafe sqlite3_changes(raw)) }

  /// The schema's version, `PRAGMA user_version`.
  public func userVersion() throws(SQLiteError) -> Int {
    let statement = try statement("PRAGMA user_version")
    defer { statement.reset() }
    return try statement.step() ? Int(statement.integer(0)) : 0
  }

  func failure(_ status: Int32, _ sql: String?) -> SQLiteError {
    // SQLite calls a full disk an input or output error when a file beside the database could not grow.
    let reason = unsafe sqlite3_system_errno(raw)
    let isFull = SQLiteError.Code(status) == .inputOutput && reason == ENOSPC
    return SQLiteError(
      code: isFull ? .full : .init(status), message: unsafe String(cString: sqlite3_errmsg(raw)),
      sql: sql)
  }
}
