import Posix
import RefoldActions
import SQLite
import Synchronization

/// A store that lasts as long as the object, for runs without a state folder and for tests.
public final class MemoryStateStore: StateStore {
  private struct Claimed {
    var token: Int64
    var since: Duration
    var expires: Duration?
    /// Nil while the attempt is under way.
    var end: StateClaim.End?
  }

  private struct Contents {
    var shelves: [StateShelf: [String: StateEntry]] = [:]
    var claims: [String: [String: Claimed]] = [:]
    var letters: [String: DeadLetter] = [:]
  }

  private let contents = Mutex(Contents())
  private let now: @Sendable () -> Duration

  /// Makes an empty store.
  ///
  /// - Parameter now: The time since 1970, by which windows are measured.
  public init(now: @escaping @Sendable () -> Duration = { SystemTime.sinceEpoch() }) {
    self.now = now
  }

  /// True: it is always open.
  public var isOpen: Bool { true }

  /// Answers at once.
  public func open(_ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void) {
    onEnd(.success(()))
  }

  /// Returns the value of a key, nil when it has none.
  public func entry(_ key: String, on shelf: StateShelf) throws(ActionError) -> StateEntry? {
    contents.withLock { $0.shelves[shelf]?[key] }
  }

  /// Returns entries in the order of the bytes of their keys; sorts all of the shelf each time.
  public func entries(
    on shelf: StateShelf, prefix: String, after key: String?, limit: Int
  ) throws(ActionError) -> [StateEntry] {
    let all = contents.withLock { contents in contents.shelves[shelf].map { Array($0.values) } ?? []
    }
    let isAfter = { (entry: StateEntry) in key.map { Self.precedes($0, entry.key) } ?? true }
    return Array(
      all.filter { $0.key.utf8.starts(with: prefix.utf8) && isAfter($0) }
        .sorted { Self.precedes($0.key, $1.key) }.prefix(limit))
  }

  private static func precedes(_ first: String, _ second: String) -> Bool {
    first.utf8.lexicographicallyPrecedes(second.utf8)
  }

  /// Sets the value of a key, or removes it.
  public func put(
    _ value: [UInt8]?, at key: String, on shelf: StateShelf, ifVersion expected: Int64?,
    _ onEnd: @escaping @Sendable (Result<Bool, ActionError>) -> Void
  ) {
    let isChanged = contents.withLock { contents in
      let old = contents.shelves[shelf]?[key]
      if let expected, expected != old?.version ?? 0 { return false }
      contents.shelves[shelf, default: [:]][key] = value.map {
        StateEntry(key: key, value: $0, version: .random(in: 1 ... .max))
      }
      return value != nil || old != nil || expected != nil
    }
    onEnd(.success(isChanged))
  }

  /// Claims a key of an account.
  public func claim(
    _ claim: StateClaim, window: Duration?,
    _ onEnd: @escaping @Sendable (Result<StateClaim.Answer, ActionError>) -> Void
  ) {
    let now = now()
    let answer: StateClaim.Answer = contents.withLock { contents in
      if let earlier = contents.claims[claim.account]?[claim.key] {
        let isOver = earlier.expires.map { $0 <= now } ?? false
        switch earlier.end {
        case nil: return .running(since: earlier.since)
        case .done(let result) where !isOver: return .done(result)
        case .interrupted where !isOver: return .interrupted(since: earlier.since)
        default: break
        }
      }
      contents.claims[claim.account, default: [:]][claim.key] = Claimed(
        token: claim.token, since: now, expires: window.map { now + $0 })
      return .won
    }
    onEnd(.success(answer))
  }

  /// Says how an attempt has ended.
  public func settle(
    _ claim: StateClaim, _ end: StateClaim.End,
    _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    contents.withLock { contents in
      guard let held = contents.claims[claim.account]?[claim.key], held.token == claim.token,
        held.end == nil
      else { return }
      contents.claims[claim.account]?[claim.key]?.end = end
      if end == .released { contents.claims[claim.account]?[claim.key] = nil }
    }
    onEnd(.success(()))
  }

  /// Keeps a record that a script could not deal with.
  public func bury(
    _ letter: DeadLetter, _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    contents.withLock { contents in
      guard var known = contents.letters[letter.id] else {
        contents.letters[letter.id] = letter
        return
      }
      (known.run, known.failure, known.place) = (letter.run, letter.failure, letter.place)
      known.tried = letter.tried
      known.attempts += 1
      contents.letters[letter.id] = known
    }
    onEnd(.success(()))
  }

  /// Writes all that is kept into an empty database; what is under way there is nobody's.
  func copy(to store: SQLiteStateStore) throws(ActionError) {
    let all = contents.withLock { $0 }
    try ProjectState.wait(store) { onEnd in
      store.writer.write(
        { database in
          for (shelf, entries) in all.shelves {
            for entry in entries.values {
              _ = try store.putting(entry.value, at: entry.key, on: shelf, ifVersion: nil)(database)
            }
          }
          for (account, claims) in all.claims {
            for (key, claim) in claims { try Self.insert(claim, key, of: account, database) }
          }
          for letter in all.letters.values { try SQLiteStateStore.insert(letter, database) }
        }, onEnd)
    }
  }

  private static func insert(
    _ claim: Claimed, _ key: String, of account: String, _ database: SQLiteConnection
  ) throws {
    let statement = try database.statement(
      """
      INSERT INTO claims (account, key, token, owner, state, result, since, expires)
      VALUES (?, ?, ?, 0, ?, ?, ?, ?)
      """)
    statement.bind(1, account)
    statement.bind(2, key)
    statement.bind(3, claim.token)
    statement.bind(4, claim.end.map { $0 == .interrupted ? "interrupted" : "done" } ?? "running")
    if case .done(let result)? = claim.end, let result { statement.bind(5, blob: result) }
    statement.bind(6, SQLiteStateStore.milliseconds(claim.since))
    if let expires = claim.expires { statement.bind(7, SQLiteStateStore.milliseconds(expires)) }
    try statement.run()
  }

  /// Returns a dead letter, nil when there is none with this id.
  public func letter(_ id: String) throws(ActionError) -> DeadLetter? {
    contents.withLock { $0.letters[id] }
  }
}
