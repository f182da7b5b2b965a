import RefoldActions
import SQLite

/// The records of all accounts in one SQLite file.
final class SandboxStore {
  let database: SQLiteConnection
  let path: String

  private static let schema = """
    CREATE TABLE IF NOT EXISTS accounts (
      account TEXT PRIMARY KEY, name TEXT NOT NULL, udf TEXT NOT NULL,
      created TEXT NOT NULL, updated TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS records (
      account TEXT NOT NULL, app TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
      position INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (account, app, kind, id)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS records_in_order ON records (account, app, kind, position);
    CREATE TABLE IF NOT EXISTS keys (
      account TEXT NOT NULL, app TEXT NOT NULL, kind TEXT NOT NULL, field TEXT NOT NULL,
      value TEXT NOT NULL, id TEXT NOT NULL,
      PRIMARY KEY (account, app, kind, field, value, id)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS counters (
      account TEXT NOT NULL, app TEXT NOT NULL, kind TEXT NOT NULL, last INTEGER NOT NULL,
      PRIMARY KEY (account, app, kind)) WITHOUT ROWID;
    PRAGMA user_version = 2;
    """

  /// Opens the file, and creates the tables when it is new.
  init(path: String) throws(SQLiteError) {
    self.path = path
    database = try SQLiteConnection(path)
    try database.enterWAL()
    try database.execute("PRAGMA synchronous = NORMAL")
    // Several lanes and processes may come at once: the lock is taken before the first look that counts. All statements
    // may be run again.
    if try database.userVersion() < 2 {
      try database.execute("BEGIN IMMEDIATE; \(Self.schema) \(Self.ledgerSchema) COMMIT")
    }
  }

  func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    try database.transaction(body)
  }

  // MARK: - Records

  /// Names the records of one kind.
  struct Shelf: Hashable {
    var account: String
    var app: String
    var kind: String
  }

  private func prepare(_ sql: String, _ shelf: Shelf) throws(SQLiteError) -> SQLiteStatement {
    let statement = try database.statement(sql)
    statement.bind(1, shelf.account)
    statement.bind(2, shelf.app)
    statement.bind(3, shelf.kind)
    return statement
  }

  func record(_ id: String, on shelf: Shelf) throws(SQLiteError) -> [UInt8]? {
    let statement = try prepare(
      "SELECT body FROM records WHERE account = ? AND app = ? AND kind = ? AND id = ?", shelf)
    defer { statement.reset() }
    statement.bind(4, id)
    return try statement.step() ? statement.bytes(0) : nil
  }

  func records(on shelf: Shelf) throws(SQLiteError) -> [[UInt8]] {
    let statement = try prepare(
      "SELECT body FROM records WHERE account = ? AND app = ? AND kind = ? ORDER BY position", shelf
    )
    return try bodies(of: statement)
  }

  func records(
    on shelf: Shelf, where field: String, is value: String
  ) throws(SQLiteError) -> [[UInt8]] {
    let statement = try prepare(
      """
      SELECT body FROM keys JOIN records USING (account, app, kind, id)
      WHERE account = ? AND app = ? AND kind = ? AND field = ? AND value = ? ORDER BY position
      """, shelf)
    statement.bind(4, field)
    statement.bind(5, value)
    return try bodies(of: statement)
  }

  private func bodies(of statement: SQLiteStatement) throws(SQLiteError) -> [[UInt8]] {
    defer { statement.reset() }
    var bodies: [[UInt8]] = []
    while try statement.step() { bodies.append(statement.bytes(0) ?? []) }
    return bodies
  }

  func put(
    _ id: String, _ body: [UInt8], keys: [(field: String, value: String)], on shelf: Shelf
  ) throws(SQLiteError) {
    let insert = try prepare(
      """
      INSERT INTO records (account, app, kind, id, position, body)
      VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(position), 0) + 1 FROM records
        WHERE account = ?1 AND app = ?2 AND kind = ?3), ?5)
      ON CONFLICT DO UPDATE SET body = excluded.body
      """, shelf)
    insert.bind(4, id)
    insert.bind(5, text: body)
    try insert.run()
    try dropKeys(of: id, on: shelf)
    for key in keys {
      let statement = try prepare(
        "INSERT INTO keys (account, app, kind, field, value, id) VALUES (?, ?, ?, ?, ?, ?)", shelf)
      statement.bind(4, key.field)
      statement.bind(5, key.value)
      statement.bind(6, id)
      try statement.run()
    }
  }

  private func dropKeys(of id: String, on shelf: Shelf) throws(SQLiteError) {
    let statement = try prepare(
      "DELETE FROM keys WHERE account = ? AND app = ? AND kind = ? AND id = ?", shelf)
    statement.bind(4, id)
    try statement.run()
  }

  func delete(_ id: String, on shelf: Shelf) throws(SQLiteError) -> Bool {
    let statement = try prepare(
      "DELETE FROM records WHERE account = ? AND app = ? AND kind = ? AND id = ?", shelf)
    statement.bind(4, id)
    try statement.run()
    let isDeleted = database.changes > 0
    try dropKeys(of: id, on: shelf)
    return isDeleted
  }

  /// Returns the next number of a kind; the first is 1001, above all seed rows.
  func nextNumber(on shelf: Shelf) throws(SQLiteError) -> Int64 {
    let statement = try prepare(
      """
      INSERT INTO counters (account, app, kind, last) VALUES (?, ?, ?, 1001)
      ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last
      """, shelf)
    defer { statement.reset() }
    guard try statement.step() else { return 0 }
    let number = statement.integer(0)
    while try statement.step() {}
    return number
  }

  // MARK: - Accounts

  /// Removes everything that an account holds; every account when it is nil.
  func clear(_ account: String?) throws(SQLiteError) {
    for table in ["records", "keys", "counters", "accounts", "ledger"] {
      let filter = account == nil ? "" : " WHERE account = ?"
      let statement = try database.statement("DELETE FROM \(table)\(filter)")
      if let account { statement.bind(1, account) }
      try statement.run()
    }
  }
}
