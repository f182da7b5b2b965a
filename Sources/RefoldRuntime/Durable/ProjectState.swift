import Posix
import RefoldActions
import SQLite
import Synchronization

/// What the scripts of a project keep, for people who look at it or put it right.
///
/// Each call waits until it is done; nothing here belongs on a thread that runs scripts.
public final class ProjectState: Sendable {
  /// One value in a listing.
  public struct Listed: Sendable, Equatable {
    /// The linked account.
    public var account: String
    /// The script's name.
    public var script: String
    /// The key.
    public var key: String
    /// How long the value is as JSON.
    public var bytes: Int
    /// When it was set, in UTC.
    public var changed: String
  }

  /// One key of `refold.once` in a listing.
  public struct ListedClaim: Sendable, Equatable {
    /// The linked account.
    public var account: String
    /// The key.
    public var key: String
    /// `done`, `running` or `interrupted`.
    public var state: String
    /// When the function began, in UTC.
    public var since: String
    /// When it may run again, in UTC; nil for never.
    public var until: String?
  }

  private let store: SQLiteStateStore

  /// Looks at a database file, which need not exist.
  public init(databasePath: String) {
    store = SQLiteStateStore(databasePath: databasePath)
  }

  /// Closes the database.
  public func close() { store.close() }

  // MARK: - Values

  /// Lists values by account, script and key.
  ///
  /// - Parameters:
  ///   - account: Only those of this account; nil for all.
  ///   - script: Only those of this script; nil for all.
  public func listing(account: String?, script: String?) throws(ActionError) -> [Listed] {
    guard try openIfThere() else { return [] }
    return try store.read { database in
      let statement = try database.statement(
        """
        SELECT account, script, key, length(value), changed FROM entries
        WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR script = ?2)
        ORDER BY account, script, key
        """)
      defer { statement.reset() }
      if let account { statement.bind(1, account) }
      if let script { statement.bind(2, script) }
      var rows: [Listed] = []
      while try statement.step() {
        rows.append(
          Listed(
            account: statement.text(0) ?? "", script: statement.text(1) ?? "",
            key: statement.text(2) ?? "", bytes: Int(statement.integer(3)),
            changed: UTCTime(.milliseconds(statement.integer(4))).description))
      }
      return rows
    }
  }

  /// Returns a value as JSON text; nil when there is none.
  public func value(of key: String, on shelf: StateShelf) throws(ActionError) -> [UInt8]? {
    guard try openIfThere() else { return nil }
    return try store.entry(key, on: shelf)?.value
  }

  /// Sets a value, which must be JSON text.
  public func set(
    _ value: [UInt8], at key: String, on shelf: StateShelf
  ) throws(ActionError) {
    _ = try wait { store.put(value, at: key, on: shelf, ifVersion: nil, $0) }
  }

  /// Removes a value; returns whether there was one.
  public func delete(_ key: String, on shelf: StateShelf) throws(ActionError) -> Bool {
    guard try openIfThere() else { return false }
    return try wait { store.put(nil, at: key, on: shelf, ifVersion: nil, $0) }
  }

  // MARK: - Claims

  /// Lists the keys of `refold.once` by account and key; nil for all accounts.
  public func claims(account: String?) throws(ActionError) -> [ListedClaim] {
    guard try openIfThere() else { return [] }
    let store = store
    return try store.read { database in
      let statement = try database.statement(
        """
        SELECT account, key, state, owner, since, expires FROM claims
        WHERE ?1 IS NULL OR account = ?1 ORDER BY account, key
        """)
      defer { statement.reset() }
      if let account { statement.bind(1, account) }
      var rows: [ListedClaim] = []
      while try statement.step() {
        var state = statement.text(2) ?? ""
        if state == "running", try !store.owner.isAlive(statement.integer(3)) {
          state = "interrupted"
        }
        rows.append(
          ListedClaim(
            account: statement.text(0) ?? "", key: statement.text(1) ?? "", state: state,
            since: UTCTime(.milliseconds(statement.integer(4))).description,
            until: statement.isNull(5)
              ? nil : UTCTime(.milliseconds(statement.integer(5))).description))
      }
      return rows
    }
  }

  /// Forgets a key of `refold.once`, so that its function may run again; returns whether there was one.
  ///
  /// - Throws: `ActionError` with the code `once_running` when the function is under way.
  public func allowAgain(_ key: String, account: String) throws(ActionError) -> Bool {
    guard try openIfThere() else { return false }
    let store = store
    return try wait { onEnd in
      store.writer.write(
        { database in
          let found = try database.statement(
            "SELECT state, owner FROM claims WHERE account = ? AND key = ?")
          defer { found.reset() }
          found.bind(1, account)
          found.bind(2, key)
          guard try found.step() else { return false }
          if found.text(0) == "running", try store.owner.isAlive(found.integer(1)) {
            throw ActionError(
              kind: .permanent, code: "once_running",
              message: "the function of refold.once('\(key)') is running now",
              hint: "wait until it has ended", account: account)
          }
          let statement = try database.statement(
            "DELETE FROM claims WHERE account = ? AND key = ?")
          statement.bind(1, account)
          statement.bind(2, key)
          try statement.run()
          return true
        }, onEnd)
    }
  }

  // MARK: - Waiting

  /// Opens the database, unless there is none: looking makes no file.
  private func openIfThere() throws(ActionError) -> Bool {
    do throws(PosixError) {
      guard try Files.status(store.path) != nil else { return false }
    } catch {
      throw StateDatabase.failure(error, path: store.path)
    }
    try wait { store.open($0) }
    return true
  }

  /// Waits for the answer of the writer.
  private func wait<Value: Sendable>(
    _ begin: (@escaping @Sendable (Result<Value, ActionError>) -> Void) -> Void
  ) throws(ActionError) -> Value {
    try Self.wait(store, begin)
  }

  /// Waits for the answer of a store's writer.
  static func wait<Value: Sendable>(
    _ store: SQLiteStateStore,
    _ begin: (@escaping @Sendable (Result<Value, ActionError>) -> Void) -> Void
  ) throws(ActionError) -> Value {
    let slot = Slot<Result<Value, ActionError>>()
    let wakeup: Wakeup
    do throws(PosixError) {
      wakeup = try Wakeup()
    } catch {
      throw StateDatabase.failure(error, path: store.path)
    }
    begin { result in
      slot.put(result)
      wakeup.wake()
    }
    while true {
      if let result = slot.take() { return try result.get() }
      wakeup.wait(.seconds(1))
    }
  }
}
