import RefoldActions
import SQLite

/// A record of the sandbox, as it lies there.
public struct SandboxRecord: Sendable, Hashable {
  /// The linked account.
  public var account: String
  /// The app.
  public var app: String
  /// The kind of record, such as `contacts`.
  public var kind: String
  /// Its id.
  public var id: String
  /// The record as JSON text.
  public var body: [UInt8]
}

extension SandboxEngine {
  /// Copies all that the sandbox holds, its ledger included, to a new file.
  ///
  /// - Throws: `ActionError` when the database fails, or the file exists.
  public func copy(to path: String) throws(ActionError) {
    do {
      try store.database.execute("VACUUM INTO '\(path.replacing("'", with: "''"))'")
    } catch {
      throw .sandbox(error, path: path)
    }
  }

  /// Returns every record of every account, by account, app, kind and id.
  ///
  /// - Throws: `ActionError` when the database fails.
  public func allRecords() throws(ActionError) -> [SandboxRecord] {
    do {
      return try store.allRecords()
    } catch {
      throw .sandbox(error, path: path)
    }
  }
}

extension SandboxStore {
  fileprivate func allRecords() throws(SQLiteError) -> [SandboxRecord] {
    let statement = try database.statement(
      "SELECT account, app, kind, id, body FROM records ORDER BY account, app, kind, id")
    defer { statement.reset() }
    var records: [SandboxRecord] = []
    while try statement.step() {
      records.append(
        SandboxRecord(
          account: statement.text(0) ?? "", app: statement.text(1) ?? "",
          kind: statement.text(2) ?? "", id: statement.text(3) ?? "",
          body: statement.bytes(4) ?? []))
    }
    return records
  }
}
