import CSQLite

/// A failure that SQLite reports.
public struct SQLiteError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What went wrong, to branch on: SQLite's primary result code.
  public struct Code: Sendable, Hashable {
    /// The number of the result code.
    public let rawValue: Int32

    init(_ rawValue: Int32) { self.rawValue = rawValue & 0xFF }

    /// Another connection holds a lock that did not go away in time.
    public static let busy = Code(SQLITE_BUSY)
    /// The file or its folder cannot be written.
    public static let readOnly = Code(SQLITE_READONLY)
    /// The file is damaged.
    public static let corrupt = Code(SQLITE_CORRUPT)
    /// The disk is full.
    public static let full = Code(SQLITE_FULL)
    /// The file is something else than a database.
    public static let notADatabase = Code(SQLITE_NOTADB)
    /// The file cannot be opened or created.
    public static let cannotOpen = Code(SQLITE_CANTOPEN)
    /// A constraint of the schema was broken.
    public static let constraint = Code(SQLITE_CONSTRAINT)
    /// The system failed to read or write the file.
    public static let inputOutput = Code(SQLITE_IOERR)
  }

  /// What went wrong, to branch on.
  public var code: Code
  /// SQLite's own message.
  public var message: String
  /// The statement that failed.
  public var sql: String?

  /// SQLite's own message.
  public var description: String { message }
}
