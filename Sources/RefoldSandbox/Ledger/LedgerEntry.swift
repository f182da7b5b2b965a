import RefoldActions
import SQLite

/// A write that the sandbox received: what an app's own log would say about it.
public struct LedgerEntry: Sendable, Hashable {
  /// Its number, from 1, in the order in which writes came.
  public var number: Int
  /// When it came, as ISO 8601.
  public var time: String
  /// The linked account.
  public var account: String
  /// The app.
  public var app: String
  /// The action.
  public var action: String
  /// The parameters, as the text of a JSON object.
  public var params: [UInt8]
  /// Whether it changed the app's records.
  public var isApplied: Bool
  /// The status that it was answered with; nil when no answer was given.
  public var status: Int?
  /// The fault that it met.
  public var fault: String?
}

extension SandboxEngine {
  /// Returns the writes that came, oldest first.
  ///
  /// - Parameter account: Whose; all accounts' when it is nil.
  /// - Throws: `ActionError` when the database fails.
  public func ledger(of account: String? = nil) throws(ActionError) -> [LedgerEntry] {
    do {
      return try store.ledger(of: account)
    } catch {
      throw .sandbox(error, path: path)
    }
  }
}

extension SandboxStore {
  static let ledgerSchema = """
    CREATE TABLE IF NOT EXISTS ledger (
      number INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, account TEXT NOT NULL,
      app TEXT NOT NULL, action TEXT NOT NULL, params TEXT NOT NULL, applied INTEGER NOT NULL,
      status INTEGER, fault TEXT);
    """

  /// Adds a write to the ledger; within the transaction of the write itself, so that both happen or neither.
  func note(
    _ call: ActionCall, at time: String, applied: Bool, status: Int?, fault: String?
  ) throws(SQLiteError) {
    let statement = try database.statement(
      """
      INSERT INTO ledger (time, account, app, action, params, applied, status, fault)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """)
    statement.bind(1, time)
    statement.bind(2, call.account)
    statement.bind(3, call.app ?? "")
    statement.bind(4, call.action ?? "")
    statement.bind(5, text: call.body.isEmpty ? Array("{}".utf8) : call.body)
    statement.bind(6, applied ? 1 : 0)
    if let status { statement.bind(7, Int64(status)) }
    if let fault { statement.bind(8, fault) }
    try statement.run()
  }

  func ledger(of account: String?) throws(SQLiteError) -> [LedgerEntry] {
    let statement = try database.statement(
      """
      SELECT number, time, account, app, action, params, applied, status, fault FROM ledger
      WHERE ?1 IS NULL OR account = ?1 ORDER BY number
      """)
    defer { statement.reset() }
    if let account { statement.bind(1, account) }
    var entries: [LedgerEntry] = []
    while try statement.step() {
      entries.append(
        LedgerEntry(
          number: Int(statement.integer(0)), time: statement.text(1) ?? "",
          account: statement.text(2) ?? "", app: statement.text(3) ?? "",
          action: statement.text(4) ?? "", params: statement.bytes(5) ?? [],
          isApplied: statement.integer(6) == 1,
          status: statement.isNull(7) ? nil : Int(statement.integer(7)),
          fault: statement.isNull(8) ? nil : statement.text(8)))
    }
    return entries
  }
}
