import Posix
import RefoldActions
import SQLite
import Zlib

/// The file in which a project keeps its state: its schema, how it is opened, and what can be wrong with it.
enum StateDatabase {
  /// `RFLD`, by which the file is known from a database of another program.
  private static let applicationID: Int64 = 0x5246_4C44

  /// How long the log may be that is left behind, and that is begun anew: 512 KiB.
  static let largestLog = 512 << 10

  /// What leads from each version of the schema to the next, the first from an empty file.
  static let migrations = [
    // 1: values and claims. Rows of entries may be large, so they are no part of the index.
    """
    CREATE TABLE entries (
      account TEXT NOT NULL, script TEXT NOT NULL, key TEXT NOT NULL,
      value BLOB NOT NULL, version INTEGER NOT NULL, changed INTEGER NOT NULL,
      PRIMARY KEY (account, script, key));
    CREATE TABLE claims (
      account TEXT NOT NULL, key TEXT NOT NULL, token INTEGER NOT NULL, owner INTEGER NOT NULL,
      state TEXT NOT NULL, result BLOB, since INTEGER NOT NULL, expires INTEGER,
      PRIMARY KEY (account, key));
    CREATE INDEX claims_by_expiry ON claims (expires) WHERE expires IS NOT NULL;
    """,
    // 2: the journal. The id of a step is the number of its run, times 2^20, plus its own number, so the steps of a run lie together.
    """
    ALTER TABLE claims ADD COLUMN run TEXT;
    CREATE TABLE runs (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, script TEXT NOT NULL,
      path TEXT NOT NULL, source BLOB, account TEXT NOT NULL, backend TEXT NOT NULL, input BLOB,
      seed INTEGER NOT NULL, state TEXT NOT NULL, owner INTEGER NOT NULL, started INTEGER NOT NULL,
      ended INTEGER, resumptions INTEGER NOT NULL DEFAULT 0, result BLOB, failure BLOB);
    CREATE INDEX runs_by_end ON runs (ended) WHERE ended IS NOT NULL;
    CREATE TABLE steps (
      id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
      account TEXT NOT NULL, parameters BLOB NOT NULL, hash TEXT NOT NULL, place TEXT,
      readings INTEGER NOT NULL, state TEXT NOT NULL, status INTEGER, reply BLOB, expanded INTEGER, failure BLOB,
      attempts INTEGER NOT NULL, began INTEGER NOT NULL, ended INTEGER);
    """,
    // 3: dead letters. The owner is the process that retries one.
    """
    CREATE TABLE dead_letters (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, run TEXT NOT NULL, script TEXT NOT NULL,
      path TEXT NOT NULL, source BLOB, account TEXT NOT NULL, backend TEXT NOT NULL, place TEXT,
      attempts INTEGER NOT NULL, created INTEGER NOT NULL, tried INTEGER NOT NULL, owner INTEGER,
      failure BLOB NOT NULL, record BLOB NOT NULL);
    """,
    // 4: how the outcome of a write is known that no answer has told.
    "ALTER TABLE steps ADD COLUMN known_by TEXT;",
    // 5: which changes of the state an applied plan has made; its writes are in a file of their own.
    """
    CREATE TABLE plan_changes (
      plan TEXT NOT NULL, number INTEGER NOT NULL, made INTEGER NOT NULL, PRIMARY KEY (plan, number)
    ) WITHOUT ROWID;
    """,
    // 6: what runs have logged.
    """
    CREATE TABLE logs (
      number INTEGER PRIMARY KEY, run INTEGER NOT NULL, resumptions INTEGER NOT NULL,
      time INTEGER NOT NULL, level TEXT NOT NULL, message TEXT NOT NULL, fields BLOB, place TEXT);
    CREATE INDEX logs_by_run ON logs (run);
    """,
  ]

  /// The schema of this program.
  static var version: Int { migrations.count }

  /// Opens the database for changes; makes it, and its folder, when there is none, and brings an older one up to date.
  ///
  /// - Throws: `SQLiteError`, `PosixError`, or `ActionError` for a database of a newer program or of another one.
  static func open(_ path: String, patience: Duration) throws -> SQLiteConnection {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    if !folder.isEmpty { try Folders.create(folder.joined(separator: "/")) }
    // The values are customers' data: nobody else's to read. SQLite gives its other files the same mode.
    try Files.append([], to: path, mode: 0o600)
    let database = try SQLiteConnection(path, busyTimeout: patience)
    database.keepLogOnClose()
    try database.enterWAL(patience: patience)
    // FULL: a commit is on the disk when it returns. The log is tidied up by the writer, when it has nothing else to do.
    try database.execute(
      "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = \(largestLog)"
    )
    try check(database, path)
    if try database.userVersion() < version { try migrate(database, path) }
    return database
  }

  /// Opens the database for reads only.
  static func openForReading(_ path: String) throws -> SQLiteConnection {
    let database = try SQLiteConnection(path)
    database.keepLogOnClose()
    try database.execute("PRAGMA query_only = 1")
    return database
  }

  private static func pragma(_ name: String, _ database: SQLiteConnection) throws -> String {
    let statement = try database.statement("PRAGMA \(name)")
    defer { statement.reset() }
    return try statement.step() ? statement.text(0) ?? "" : ""
  }

  /// Refuses what another program, or a newer version of this one, has made.
  private static func check(_ database: SQLiteConnection, _ path: String) throws {
    // Tables first: whoever makes them sets the id with them, so a process that is faster is not taken for a stranger.
    let tables = try database.statement("SELECT count(*) FROM sqlite_schema")
    let isEmpty = try !tables.step() || tables.integer(0) == 0
    tables.reset()
    let found = try database.userVersion()
    let application = Int64(try pragma("application_id", database)) ?? 0
    if found > version, application == applicationID {
      throw ActionError(
        kind: .permanent, code: "state_newer",
        message:
          "the state database '\(path)' has schema version \(found), and this refold knows versions up to \(version)",
        hint: "use the newer refold, or another folder with REFOLD_STATE_DIR")
    }
    guard application != applicationID, !isEmpty else { return }
    throw ActionError(
      kind: .permanent, code: "state_foreign",
      message: "'\(path)' is the database of another program",
      hint: "move it away, or use another folder with REFOLD_STATE_DIR")
  }

  private static func migrate(_ database: SQLiteConnection, _ path: String) throws {
    try database.transaction {
      // Another process may have been faster.
      let found = try database.userVersion()
      for migration in migrations.dropFirst(found) { try database.execute(migration) }
      if found < version {
        try database.execute(
          "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
      }
    }
  }

  /// Whether an error is about the file, so that every change would meet it.
  static func isAboutFile(_ error: any Error) -> Bool {
    guard let error = error as? SQLiteError else { return false }
    let codes: [SQLiteError.Code] = [
      .busy, .readOnly, .full, .corrupt, .notADatabase, .cannotOpen, .inputOutput,
    ]
    return codes.contains(error.code)
  }

  /// Turns what went wrong into an error for people and scripts.
  static func failure(_ error: any Error, path: String) -> ActionError {
    if let error = error as? ActionError { return error }
    let (code, problem, hint): (String, String, String)
    switch error {
    case let error as SQLiteError: (code, problem, hint) = describe(error)
    case let error as PosixError where error.code == .diskFull:
      (code, problem, hint) = describe(full: ())
    case let error as PosixError where error.code == .readOnly:
      (code, problem, hint) = describe(readOnly: ())
    case let error as PosixError:
      (code, problem, hint) = (
        "state_unreadable", "cannot be opened: \(error.reason)",
        "set REFOLD_STATE_DIR to a folder that you may write"
      )
    case is ZlibError:
      (code, problem, hint) = (
        "state_corrupt", "holds damaged bytes", "restore it from a copy, or move it away"
      )
    default: (code, problem, hint) = ("state_failed", "failed: \(error)", "report this, please")
    }
    let isBusy = code == "state_locked"
    return ActionError(
      kind: isBusy ? .transient : .permanent, code: code,
      message: "the state database '\(path)' \(problem)", hint: hint, retryable: isBusy)
  }

  private static func describe(readOnly: Void) -> (String, String, String) {
    ("state_read_only", "cannot be written", "check who may write the file and its folder")
  }

  private static func describe(full: Void) -> (String, String, String) {
    ("state_disk_full", "cannot grow: the disk is full", "free some space, then run again")
  }

  private static func describe(_ error: SQLiteError) -> (String, String, String) {
    switch error.code {
    case .busy:
      ("state_locked", "is locked by another process", "wait for it to finish, or stop it")
    case .readOnly: describe(readOnly: ())
    case .full: describe(full: ())
    case .corrupt, .notADatabase:
      (
        "state_corrupt", "is damaged or is no database",
        "restore it from a copy, or move it away: the next run begins with an empty one"
      )
    case .cannotOpen:
      (
        "state_unreadable", "cannot be opened",
        "check that its folder exists and that you may write there"
      )
    case .inputOutput:
      (
        "state_unreadable", "cannot be read or written: \(error.message)",
        "check the disk that it is on"
      )
    default: ("state_failed", "failed: \(error.message)", "report this, please")
    }
  }
}
