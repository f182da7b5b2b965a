import Testing

@testable import SQLite

@Test func `values survive a round trip and statements are reused`() throws {
  let database = try SQLiteConnection(":memory:")
  try database.execute("CREATE TABLE t (n INTEGER, s TEXT)")
  for number in [Int64.min, 0, Int64.max] {
    let insert = try database.statement("INSERT INTO t VALUES (?, ?)")
    insert.bind(1, number)
    insert.bind(2, text: Array("grö\u{0}ße \(number)".utf8))
    try insert.run()
  }
  let select = try database.statement("SELECT n, s, NULL, '' FROM t ORDER BY n")
  let hasRow = try select.step()
  #expect(hasRow)
  #expect(select.integer(0) == Int64.min)
  #expect(select.text(1) == "grö\u{0}ße \(Int64.min)")
  #expect(select.text(2) == nil)
  #expect(select.text(3) == "")
}

private func failure(_ body: () throws -> Void) -> SQLiteError? {
  do {
    try body()
    return nil
  } catch {
    return error as? SQLiteError
  }
}

@Test func `a statement that does not parse says why`() throws {
  let database = try SQLiteConnection(":memory:")
  let error = failure { _ = try database.statement("SELECT * FROM t") }
  #expect(error?.message == "no such table: t")
  #expect(error?.sql == "SELECT * FROM t")
}

@Test func `a folder that does not exist cannot be opened`() {
  #expect(failure { _ = try SQLiteConnection("/nonexistent-folder/x.db") }?.code == .cannotOpen)
}

@Test func `a transaction that fails leaves nothing`() throws {
  struct Stop: Error {}
  let database = try SQLiteConnection(":memory:")
  try database.execute("CREATE TABLE t (n INTEGER)")
  do {
    try database.transaction {
      try database.execute("INSERT INTO t VALUES (1)")
      throw Stop()
    }
  } catch is Stop {}
  let count = try database.statement("SELECT count(*) FROM t")
  let hasCount = try count.step()
  #expect(hasCount)
  #expect(count.integer(0) == 0)
}
