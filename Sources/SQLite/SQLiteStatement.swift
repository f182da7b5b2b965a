import CSQLite

/// A prepared statement of one connection.
///
/// Parameters and columns are counted from 1 and from 0, as in SQLite.
@safe public final class SQLiteStatement {
  private let raw: OpaquePointer
  private unowned let connection: SQLiteConnection
  private let sql: String
  // SQLITE_TRANSIENT: SQLite copies what is bound before the call returns.
  private static var transient: sqlite3_destructor_type {
    unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }

  init(_ sql: String, on connection: SQLiteConnection) throws(SQLiteError) {
    var handle: OpaquePointer?
    let status = unsafe sqlite3_prepare_v3(
      connection.raw, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard status == SQLITE_OK, let handle = unsafe handle else {
      throw connection.failure(status, sql)
    }
    unsafe raw = unsafe handle
    self.connection = connection
    self.sql = sql
  }

  deinit {
    unsafe sqlite3_finalize(raw)
  }

  /// Binds text to a parameter.
  public func bind(_ position: Int, _ value: String) {
    unsafe sqlite3_bind_text(raw, Int32(position), value, Int32(value.utf8.count), Self.transient)
  }

  /// Binds bytes of UTF-8 text to a parameter.
  public func bind(_ position: Int, text: [UInt8]) {
    unsafe text.withUnsafeBytes { bytes in
      let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      _ = unsafe sqlite3_bind_text(
        raw, Int32(position), start ?? UnsafePointer(sqlite3_libversion()), Int32(bytes.count),
        Self.transient)
    }
  }

  /// Binds bytes of any kind to a parameter.
  public func bind(_ position: Int, blob: [UInt8]) {
    unsafe blob.withUnsafeBytes { bytes in
      // An empty array may have no address, which SQLite would take for NULL.
      let start = unsafe bytes.baseAddress ?? UnsafeRawPointer(sqlite3_libversion())
      _ = unsafe sqlite3_bind_blob(
        raw, Int32(position), start, Int32(bytes.count), Self.transient)
    }
  }

  /// Binds an integer to a parameter.
  public func bind(_ position: Int, _ value: Int64) {
    unsafe sqlite3_bind_int64(raw, Int32(position), value)
  }

  /// Goes to the next row; returns false after the last.
  public func step() throws(SQLiteError) -> Bool {
    switch unsafe sqlite3_step(raw) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let status:
      let error = connection.failure(status, sql)
      reset()
      throw error
    }
  }

  /// Runs the statement to its end, and makes it ready for the next time.
  public func run() throws(SQLiteError) {
    while try step() {}
    reset()
  }

  /// Ends the statement and forgets what was bound.
  ///
  /// A statement that is not reset keeps its locks.
  public func reset() {
    unsafe sqlite3_reset(raw)
    unsafe sqlite3_clear_bindings(raw)
  }

  /// Whether a column of the row is NULL.
  public func isNull(_ column: Int) -> Bool {
    unsafe sqlite3_column_type(raw, Int32(column)) == SQLITE_NULL
  }

  /// Returns a column of the row as an integer.
  public func integer(_ column: Int) -> Int64 { unsafe sqlite3_column_int64(raw, Int32(column)) }

  /// Returns a column of the row as text; nil when it is NULL.
  public func text(_ column: Int) -> String? {
    bytes(column).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Returns a copy of the bytes of a column of the row; nil when it is NULL.
  public func bytes(_ column: Int) -> [UInt8]? {
    // SAFETY: the pointer is valid until the next step; the bytes are copied before.
    guard let start = unsafe sqlite3_column_blob(raw, Int32(column)) else {
      return unsafe sqlite3_column_type(raw, Int32(column)) == SQLITE_NULL ? nil : []
    }
    let count = Int(unsafe sqlite3_column_bytes(raw, Int32(column)))
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
  }
}
