import Posix
import RefoldActions
import SQLite
import Synchronization

/// The store of a run that shall change nothing: a copy of another database, made when it is first used and removed at the end.
public final class ScratchStateStore: StateStore {
  private let original: String
  private let path: String
  private let copy = Mutex<Result<SQLiteStateStore, ActionError>?>(nil)

  /// Makes a store that is a copy of a database.
  ///
  /// - Parameters:
  ///   - databasePath: The database, which need not exist and is not changed.
  ///   - copyPath: Where the copy is made; nothing else may be there.
  public init(of databasePath: String, at copyPath: String) {
    original = databasePath
    path = copyPath
  }

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
          SQLiteStateStore(
            databasePath: path, ownersPath: original + "-owners", isDurable: false))
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

  /// Whether reads can be made: the copy is made and opened when somebody asks.
  public var isOpen: Bool {
    guard case .success(let store) = store() else { return false }
    return store.isOpen || (try? store.openAndWait()) != nil
  }

  /// Makes the copy, and opens it.
  public func open(_ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void) {
    change(onEnd) { $0.open($1) }
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

  /// Makes a change and waits for it: so what tasks change at once has an order that no disk has a part in.
  private func change<Value: Sendable>(
    _ onEnd: @Sendable (Result<Value, ActionError>) -> Void,
    _ body: (SQLiteStateStore, @escaping @Sendable (Result<Value, ActionError>) -> Void) -> Void
  ) {
    let result: Result<Value, ActionError>
    do throws(ActionError) {
      let store = try store().get()
      result = .success(try ProjectState.wait(store) { body(store, $0) })
    } catch {
      result = .failure(error)
    }
    onEnd(result)
  }

  /// Sets the value of a key in the copy, or removes it there.
  public func put(
    _ value: [UInt8]?, at key: String, on shelf: StateShelf, ifVersion expected: Int64?,
    _ onEnd: @escaping @Sendable (Result<Bool, ActionError>) -> Void
  ) {
    change(onEnd) { $0.put(value, at: key, on: shelf, ifVersion: expected, $1) }
  }

  /// Claims a key in the copy.
  public func claim(
    _ claim: StateClaim, window: Duration?,
    _ onEnd: @escaping @Sendable (Result<StateClaim.Answer, ActionError>) -> Void
  ) {
    change(onEnd) { $0.claim(claim, window: window, $1) }
  }

  /// Settles a claim in the copy.
  public func settle(
    _ claim: StateClaim, _ end: StateClaim.End,
    _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    change(onEnd) { $0.settle(claim, end, $1) }
  }

  /// Keeps a dead letter in the copy.
  public func bury(
    _ letter: DeadLetter, _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    change(onEnd) { $0.bury(letter, $1) }
  }

  /// Returns a dead letter of the copy, nil when there is none with this id.
  public func letter(_ id: String) throws(ActionError) -> DeadLetter? {
    try store().get().letter(id)
  }
}
