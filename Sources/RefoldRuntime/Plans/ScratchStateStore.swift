import Posix
import RefoldActions
import SQLite
import Synchronization

/// The store of a run that shall change nothing: a copy of another database, made when it is first used and removed at the end.
public final class ScratchStateStore: StateStore {
  private let original: String
  private let path: String
  private let copy = Mutex<Result<SQLiteStateStore, ActionError>?>(nil)
  private let changeCount = Mutex(0)
  private let letterCount = Mutex(0)

  /// Makes a store that is a copy of a database.
  ///
  /// - Parameters:
  ///   - databasePath: The database, which need not exist and is not changed.
  ///   - copyPath: Where the copy is made; nothing else may be there.
  public init(of databasePath: String, at copyPath: String) {
    original = databasePath
    path = copyPath
  }

  /// How often a value was set or removed.
  public var changes: Int { changeCount.withLock { $0 } }

  /// How many records were given up.
  public var letters: Int { letterCount.withLock { $0 } }

  /// Removes the copy.
  public func close() {
    let made = copy.withLock { copy in
      defer { copy = nil }
      return copy
    }
    guard let made else { return }
    if case .success(let store) = made { store.close() }
    // What cannot be removed is in nobody's way: the next plan has a copy of its own.
    for suffix in ["", "-wal", "-shm"] { try? Files.remove(path + suffix) }
  }

  private func store() -> Result<SQLiteStateStore, ActionError> {
    copy.withLock { copy in
      if let copy { return copy }
      let made: Result<SQLiteStateStore, ActionError>
      do {
        try makeCopy()
        made = .success(
          SQLiteStateStore(databasePath: path, ownersPath: original + "-owners"))
      } catch {
        made = .failure(StateDatabase.failure(error, path: original))
      }
      copy = made
      return made
    }
  }

  private func makeCopy() throws {
    guard try Files.status(original) != nil else { return }
    // Brings an older one up to date, and refuses one that cannot be used, as a run would.
    _ = try StateDatabase.open(original, patience: .seconds(5))
    let copy = try StateDatabase.open(path, patience: .seconds(5))
    let quoted = original.replacing("'", with: "''")
    // Not the journal, which may be large, and says nothing to a script.
    try copy.execute("ATTACH '\(quoted)' AS original")
    for table in ["entries", "claims"] {
      try copy.execute("INSERT INTO main.\(table) SELECT * FROM original.\(table)")
    }
    try copy.execute("DETACH original")
  }

  // MARK: - The store

  /// Whether reads can be made.
  public var isOpen: Bool {
    copy.withLock { if case .success(let store) = $0 { store.isOpen } else { false } }
  }

  /// Makes the copy, and opens it.
  public func open(_ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void) {
    switch store() {
    case .success(let store): store.open(onEnd)
    case .failure(let error): onEnd(.failure(error))
    }
  }

  /// Returns the value of a key, nil when it has none.
  public func entry(_ key: String, on shelf: StateShelf) throws(ActionError) -> StateEntry? {
    try store().get().entry(key, on: shelf)
  }

  /// Returns entries in the order of the bytes of their keys.
  public func entries(
    on shelf: StateShelf, prefix: String, after key: String?, limit: Int
  ) throws(ActionError) -> [StateEntry] {
    try store().get().entries(on: shelf, prefix: prefix, after: key, limit: limit)
  }

  /// Sets the value of a key in the copy, or removes it there.
  public func put(
    _ value: [UInt8]?, at key: String, on shelf: StateShelf, ifVersion expected: Int64?,
    _ onEnd: @escaping @Sendable (Result<Bool, ActionError>) -> Void
  ) {
    changeCount.withLock { $0 += 1 }
    switch store() {
    case .success(let store): store.put(value, at: key, on: shelf, ifVersion: expected, onEnd)
    case .failure(let error): onEnd(.failure(error))
    }
  }

  /// Claims a key in the copy.
  public func claim(
    _ claim: StateClaim, window: Duration?,
    _ onEnd: @escaping @Sendable (Result<StateClaim.Answer, ActionError>) -> Void
  ) {
    switch store() {
    case .success(let store): store.claim(claim, window: window, onEnd)
    case .failure(let error): onEnd(.failure(error))
    }
  }

  /// Settles a claim in the copy.
  public func settle(
    _ claim: StateClaim, _ end: StateClaim.End,
    _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    switch store() {
    case .success(let store): store.settle(claim, end, onEnd)
    case .failure(let error): onEnd(.failure(error))
    }
  }

  /// Keeps a dead letter in the copy.
  public func bury(
    _ letter: DeadLetter, _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    letterCount.withLock { $0 += 1 }
    switch store() {
    case .success(let store): store.bury(letter, onEnd)
    case .failure(let error): onEnd(.failure(error))
    }
  }

  /// Returns a dead letter of the copy, nil when there is none with this id.
  public func letter(_ id: String) throws(ActionError) -> DeadLetter? {
    try store().get().letter(id)
  }
}
