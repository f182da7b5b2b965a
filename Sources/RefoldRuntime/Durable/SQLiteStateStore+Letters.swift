import RefoldActions
import SQLite

/// Dead letters in the database.
extension SQLiteStateStore {
  /// Keeps a record that a script could not deal with.
  public func bury(
    _ letter: DeadLetter, _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    writer.write({ try Self.insert(letter, $0) }, onEnd)
  }

  /// Returns a dead letter, nil when there is none with this id.
  public func letter(_ id: String) throws(ActionError) -> DeadLetter? {
    try read { try Self.letter(id, $0) }
  }

  static func insert(_ letter: DeadLetter, _ database: SQLiteConnection) throws {
    let statement = try database.statement(
      """
      INSERT INTO dead_letters (id, run, script, path, source, account, backend, place, attempts,
        created, tried, failure, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET run = excluded.run, place = excluded.place,
        attempts = attempts + 1, tried = excluded.tried, failure = excluded.failure
      """)
    statement.bind(1, letter.id)
    statement.bind(2, letter.run)
    statement.bind(3, letter.script)
    statement.bind(4, letter.path)
    if let source = letter.source { statement.bind(5, blob: source) }
    statement.bind(6, letter.account)
    statement.bind(7, letter.backend)
    if let place = letter.place { statement.bind(8, place) }
    statement.bind(9, Int64(letter.attempts))
    statement.bind(10, letter.created)
    statement.bind(11, letter.tried)
    statement.bind(12, blob: letter.failure)
    statement.bind(13, blob: letter.record)
    try statement.run()
  }

  static func letter(_ id: String, _ database: SQLiteConnection) throws -> DeadLetter? {
    let statement = try database.statement(
      "SELECT \(letterColumns), record FROM dead_letters WHERE id = ?")
    defer { statement.reset() }
    statement.bind(1, id)
    return try statement.step() ? letter(in: statement, withRecord: true) : nil
  }

  static let letterColumns = """
    id, run, script, path, source, account, backend, place, attempts, created, tried, failure,
      length(record)
    """

  /// Reads a row of ``letterColumns``, and the record behind it when it was asked for.
  static func letter(in row: SQLiteStatement, withRecord: Bool) -> DeadLetter {
    DeadLetter(
      id: row.text(0) ?? "", run: row.text(1) ?? "", script: row.text(2) ?? "",
      path: row.text(3) ?? "", source: row.bytes(4), account: row.text(5) ?? "",
      backend: row.text(6) ?? "", record: withRecord ? row.bytes(13) ?? [] : [],
      recordBytes: Int(row.integer(12)), failure: row.bytes(11) ?? [], place: row.text(7),
      attempts: Int(row.integer(8)), created: row.integer(9), tried: row.integer(10))
  }
}
