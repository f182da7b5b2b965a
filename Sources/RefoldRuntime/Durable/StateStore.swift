import RefoldActions

/// Where the values of `refold.store`, the claims of `refold.once` and dead letters are kept.
///
/// Reads answer at once; they may be made when the store is open. Changes answer when they are durable, on any thread, perhaps before the
/// call returns. Safe to use from any thread. Errors have the codes that docs/state.md lists.
public protocol StateStore: Sendable {
  /// Whether reads can be made.
  var isOpen: Bool { get }

  /// Makes the store ready for reads.
  func open(_ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void)

  /// Returns the value of a key, nil when it has none.
  func entry(_ key: String, on shelf: StateShelf) throws(ActionError) -> StateEntry?

  /// Returns entries in the order of the bytes of their keys.
  ///
  /// - Parameters:
  ///   - prefix: What the keys begin with.
  ///   - key: The entries after this key; nil for those from the first.
  ///   - limit: How many at most.
  func entries(
    on shelf: StateShelf, prefix: String, after key: String?, limit: Int
  ) throws(ActionError) -> [StateEntry]

  /// Sets the value of a key, or removes it.
  ///
  /// - Parameters:
  ///   - value: JSON text; nil to remove the key.
  ///   - expected: When not nil, nothing changes unless the entry still has this version; 0 for none.
  ///   - onEnd: Receives whether the entry was set, or whether there was one to remove.
  func put(
    _ value: [UInt8]?, at key: String, on shelf: StateShelf, ifVersion expected: Int64?,
    _ onEnd: @escaping @Sendable (Result<Bool, ActionError>) -> Void)

  /// Claims a key of an account, so that nobody else does what it stands for.
  ///
  /// - Parameter window: How long the claim counts, from now on; nil for ever.
  func claim(
    _ claim: StateClaim, window: Duration?,
    _ onEnd: @escaping @Sendable (Result<StateClaim.Answer, ActionError>) -> Void)

  /// Says how that which a claim stands for has ended.
  ///
  /// Does nothing when the claim does not exist any more.
  func settle(
    _ claim: StateClaim, _ end: StateClaim.End,
    _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void)

  /// Keeps a record that a script could not deal with.
  ///
  /// When there is a letter with its id, that one gets the run, the error, the place and the time, and one more attempt.
  func bury(
    _ letter: DeadLetter, _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void)

  /// Returns a dead letter, nil when there is none with this id.
  func letter(_ id: String) throws(ActionError) -> DeadLetter?
}

/// Names the values that the runs of one script share for one account.
public struct StateShelf: Sendable, Hashable {
  /// The linked account.
  public var account: String
  /// The script's name in its project, without `.lua`.
  public var script: String

  /// Names a shelf.
  public init(account: String, script: String) {
    self.account = account
    self.script = script
  }
}

/// A value of a store.
public struct StateEntry: Sendable, Equatable {
  /// The key.
  public var key: String
  /// The value as JSON text.
  public var value: [UInt8]
  /// A number that is another one after each change, never 0.
  public var version: Int64

  /// Makes an entry.
  public init(key: String, value: [UInt8], version: Int64) {
    self.key = key
    self.value = value
    self.version = version
  }
}

/// One attempt to do something that is done once for a key and an account.
public struct StateClaim: Sendable, Hashable {
  /// The linked account.
  public var account: String
  /// The key.
  public var key: String
  /// Tells the attempt from all others.
  public var token: Int64
  /// The run that makes the attempt, when its journal keeps what it does.
  public var run: String?
  /// Whether an interrupted attempt of the same run may be taken over: the run is resumed, and its journal knows how far it came.
  public var takesOver = false

  /// Makes a claim with a token of its own.
  public init(account: String, key: String) {
    self.account = account
    self.key = key
    token = .random(in: 1 ... .max)
  }

  /// What became of the wish to claim a key.
  public enum Answer: Sendable, Equatable {
    /// The claim holds: do it, and settle the claim.
    case won
    /// Another attempt, which began at this time since 1970, is under way: ask again later.
    case running(since: Duration)
    /// It has been done; the result is JSON text, nil when it was none.
    case done([UInt8]?)
    /// An attempt began at this time since 1970 and did not end, so nobody knows what it did.
    case interrupted(since: Duration)
  }

  /// How an attempt ended.
  public enum End: Sendable, Equatable {
    /// It was done, with a result as JSON text; nil when the result is none.
    case done([UInt8]?)
    /// It failed, and may be tried again.
    case released
    /// It was stopped in the middle.
    case interrupted
  }
}
