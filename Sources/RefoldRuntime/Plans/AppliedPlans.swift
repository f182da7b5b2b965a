import Posix
import RefoldActions
import SQLite

/// The record of what plans have been applied, and of each write that was sent for them: a SQLite file.
///
/// Each change is on the disk when the call returns. One object at a time may hold a file; it belongs to one thread.
public final class AppliedPlans {
  /// What is known of a write.
  public enum State: String, Sendable {
    /// It is about to leave, or has left, and what became of it was not noted.
    case sent
    /// It was applied.
    case applied
    /// It was refused, and is not applied.
    case refused
  }

  /// A write of a plan, as far as it was sent.
  public struct Entry: Sendable, Equatable {
    /// What is known of it.
    public var state: State
    /// What the app answered.
    public var answer: [UInt8]
    /// When that was noted, as ISO 8601 text.
    public var time: String
    /// The same since 1970, in whole seconds.
    var moment: Duration = .zero
    /// When the call was given up whose outcome is unknown, since 1970; nil when nobody noted that, since the process died.
    var givenUp: Duration?
  }

  /// What is known of a plan.
  public struct Record: Sendable, Equatable {
    /// When its first write was about to leave.
    public var begun: String
    /// When its last write had been applied; nil before.
    public var ended: String?
    /// Its writes by their numbers.
    public var writes: [Int: Entry] = [:]
  }

  private let path: String
  let database: SQLiteConnection
  private let lock: LockFile
  let clock: () -> Duration

  /// What leads from each version of the schema to the next, the first from an empty file.
  private static let migrations = [
    """
    CREATE TABLE plans (
      id TEXT PRIMARY KEY, script TEXT NOT NULL, account TEXT NOT NULL, begun TEXT NOT NULL, ended TEXT);
    CREATE TABLE plan_writes (
      plan TEXT NOT NULL REFERENCES plans, number INTEGER NOT NULL, state TEXT NOT NULL,
      answer BLOB, time TEXT NOT NULL, PRIMARY KEY (plan, number));
    """,
    // 2: when a call was given up, and which plans are not remembered any more: those made until then that are not in the table.
    """
    ALTER TABLE plans ADD COLUMN made TEXT;
    ALTER TABLE plan_writes ADD COLUMN given_up TEXT;
    CREATE TABLE forgotten (through TEXT NOT NULL);
    """,
  ]

  /// Opens the file, and makes it when there is none.
  ///
  /// - Parameter now: The time since 1970.
  /// - Throws: `ActionError`; with the code `plan_busy` while another process applies a plan of the project.
  public init(
    databasePath: String, now: @escaping () -> Duration = { SystemTime.sinceEpoch() }
  ) throws(ActionError) {
    path = databasePath
    clock = now
    do {
      lock = try LockFile(databasePath + "-lock")
      guard try lock.hold(1) else { throw Self.busy }
      try Files.append([], to: databasePath, mode: 0o600)
      database = try SQLiteConnection(databasePath)
      try database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
      let found = try database.userVersion()
      let version = Self.migrations.count
      if found > version { throw Self.newer(databasePath, found) }
      if found < version {
        try database.transaction {
          for migration in Self.migrations.dropFirst(found) { try database.execute(migration) }
          try database.execute("PRAGMA user_version = \(version)")
        }
      }
    } catch {
      throw Self.failure(error, databasePath)
    }
  }

  private static func failure(_ error: any Error, _ path: String) -> ActionError {
    var failure = StateDatabase.failure(error, path: path)
    if failure.code == "state_corrupt" {
      failure.message = "the record of applied plans, '\(path)', is damaged or is no database"
      failure.hint = "restore it from a copy; without it nobody knows what was sent of which plan"
    }
    return failure
  }

  private static var busy: ActionError {
    ActionError(
      kind: .transient, code: "plan_busy",
      message: "another 'refold apply' is under way in this project",
      hint: "wait until it has ended, then try again", retryable: true)
  }

  private static func newer(_ path: String, _ version: Int) -> ActionError {
    ActionError(
      kind: .permanent, code: "state_newer",
      message:
        "'\(path)' has schema version \(version), and this refold knows versions up to \(migrations.count)",
      hint: "use the newer refold, or another folder with REFOLD_STATE_DIR")
  }

  // MARK: - What is known

  /// Returns what is known of a plan; nil when none of its writes was about to leave.
  public func record(of id: String) throws(ActionError) -> Record? {
    try guarded {
      let plan = try database.statement("SELECT begun, ended FROM plans WHERE id = ?")
      defer { plan.reset() }
      plan.bind(1, id)
      guard try plan.step() else { return nil }
      var record = Record(begun: plan.text(0) ?? "", ended: plan.text(1))
      let writes = try database.statement(
        """
        SELECT number, state, answer, time, strftime('%s', time), strftime('%s', given_up)
        FROM plan_writes WHERE plan = ?
        """)
      defer { writes.reset() }
      writes.bind(1, id)
      while try writes.step() {
        record.writes[Int(writes.integer(0))] = Entry(
          state: writes.text(1).flatMap(State.init(rawValue:)) ?? .sent,
          answer: writes.bytes(2) ?? [], time: writes.text(3) ?? "",
          moment: Self.moment(writes, 4) ?? .zero, givenUp: Self.moment(writes, 5))
      }
      return record
    }
  }

  private static func moment(_ row: SQLiteStatement, _ column: Int) -> Duration? {
    row.text(column).flatMap { Int64($0) }.map { .seconds($0) }
  }

  // MARK: - Changes

  /// Notes that a plan is being applied.
  func begin(_ plan: Plan, id: String) throws(ActionError) {
    try guarded {
      let statement = try database.statement(
        "INSERT OR IGNORE INTO plans (id, script, account, begun, made) VALUES (?, ?, ?, ?, ?)")
      statement.bind(1, id)
      statement.bind(2, plan.script)
      statement.bind(3, plan.account)
      statement.bind(4, now)
      statement.bind(5, plan.made)
      try statement.run()
    }
  }

  /// Notes what is known of a write; before it leaves, that it is sent.
  public func note(
    _ state: State, _ number: Int, of id: String, answer: [UInt8] = []
  ) throws(ActionError) {
    try guarded {
      let statement = try database.statement(
        "INSERT OR REPLACE INTO plan_writes (plan, number, state, answer, time) VALUES (?, ?, ?, ?, ?)"
      )
      statement.bind(1, id)
      statement.bind(2, Int64(number))
      statement.bind(3, state.rawValue)
      statement.bind(4, blob: answer)
      statement.bind(5, now)
      try statement.run()
    }
  }

  /// Notes that the call of a write was given up, and that nobody knows what came of it.
  func noteGivenUp(_ number: Int, of id: String) throws(ActionError) {
    try guarded {
      let statement = try database.statement(
        "UPDATE plan_writes SET given_up = ? WHERE plan = ? AND number = ?")
      statement.bind(1, now)
      statement.bind(2, id)
      statement.bind(3, Int64(number))
      try statement.run()
    }
  }

  /// Notes that all writes of a plan have been applied.
  func finish(id: String) throws(ActionError) {
    try guarded {
      let statement = try database.statement("UPDATE plans SET ended = ? WHERE id = ?")
      statement.bind(1, now)
      statement.bind(2, id)
      try statement.run()
    }
  }

  private var now: String { UTCTime(clock()).description }

  func guarded<Value>(_ body: () throws -> Value) throws(ActionError) -> Value {
    do {
      return try body()
    } catch {
      throw Self.failure(error, path)
    }
  }
}
