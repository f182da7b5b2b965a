import SQLite

extension SandboxStore {
  /// Whether an account exists.
  func hasAccount(_ account: String) throws(SQLiteError) -> Bool {
    let statement = try database.statement("SELECT 1 FROM accounts WHERE account = ?")
    defer { statement.reset() }
    statement.bind(1, account)
    return try statement.step()
  }

  /// Whether there is no account at all, as in a new file.
  func isEmpty() throws(SQLiteError) -> Bool {
    let statement = try database.statement("SELECT 1 FROM accounts LIMIT 1")
    defer { statement.reset() }
    return try !statement.step()
  }

  /// Adds an account, or changes the one with its id; the time of creation stays.
  func put(_ account: LinkedAccount) throws(SQLiteError) {
    let statement = try database.statement(
      """
      INSERT INTO accounts (account, name, udf, created, updated) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET name = excluded.name, udf = excluded.udf, updated = excluded.updated
      """)
    statement.bind(1, account.id)
    statement.bind(2, account.name)
    statement.bind(3, account.fields)
    statement.bind(4, account.createdAt)
    statement.bind(5, account.updatedAt)
    try statement.run()
  }

  /// Returns an account, nil when there is none with this id.
  func account(_ id: String) throws(SQLiteError) -> LinkedAccount? {
    let statement = try database.statement(
      "SELECT account, name, udf, created, updated FROM accounts WHERE account = ?")
    statement.bind(1, id)
    return try accounts(of: statement).first
  }

  /// Returns one page of the accounts whose id or name holds `text`, oldest first, and how many there are in all.
  func accounts(
    matching text: String, offset: Int, limit: Int
  ) throws(SQLiteError) -> (page: [LinkedAccount], total: Int) {
    let filter = "WHERE instr(lower(account), lower(?1)) OR instr(lower(name), lower(?1))"
    let count = try database.statement("SELECT count(*) FROM accounts \(filter)")
    defer { count.reset() }
    count.bind(1, text)
    let total = try count.step() ? Int(count.integer(0)) : 0
    let statement = try database.statement(
      """
      SELECT account, name, udf, created, updated FROM accounts \(filter)
      ORDER BY created, account LIMIT ?2 OFFSET ?3
      """)
    statement.bind(1, text)
    statement.bind(2, Int64(limit))
    statement.bind(3, Int64(offset))
    return (try accounts(of: statement), total)
  }

  private func accounts(of statement: SQLiteStatement) throws(SQLiteError) -> [LinkedAccount] {
    defer { statement.reset() }
    var accounts: [LinkedAccount] = []
    while try statement.step() {
      accounts.append(
        LinkedAccount(
          id: statement.text(0) ?? "", name: statement.text(1) ?? "",
          fields: statement.text(2) ?? "[]",
          createdAt: statement.text(3) ?? "", updatedAt: statement.text(4) ?? ""))
    }
    return accounts
  }
}
