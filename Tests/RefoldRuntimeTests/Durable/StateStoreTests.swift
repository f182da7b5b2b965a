import Posix
import RefoldActions
import RefoldRuntime
import RefoldTesting
import Synchronization
import Testing

/// What every store does, whichever it is.
@Suite struct StateStoreTests {
  /// The implementations.
  enum Kind: CaseIterable { case memory, file }

  /// A store with a clock that stands still until it is moved.
  final class Bench {
    let store: any StateStore
    private let folder: TemporaryFolder?
    private let clock: Clock

    final class Clock: Sendable {
      private let time = Mutex(Duration.seconds(1_700_000_000))
      func now() -> Duration { time.withLock { $0 } }
      func move(by step: Duration) { time.withLock { $0 += step } }
    }

    init(_ kind: Kind) throws {
      let clock = Clock()
      self.clock = clock
      switch kind {
      case .memory:
        folder = nil
        store = MemoryStateStore { clock.now() }
      case .file:
        let folder = try TemporaryFolder()
        self.folder = folder
        store = SQLiteStateStore(databasePath: folder.file("state.db")) { clock.now() }
      }
      try Answer<Void>().wait { store.open($0) }
    }

    func move(by step: Duration) { clock.move(by: step) }

    func put(
      _ value: String?, at key: String, on shelf: StateShelf = shelf, ifVersion: Int64? = nil
    )
      throws -> Bool
    {
      try Answer<Bool>().wait {
        store.put(value.map { Array($0.utf8) }, at: key, on: shelf, ifVersion: ifVersion, $0)
      }
    }

    func value(_ key: String, on shelf: StateShelf = shelf) throws -> String? {
      try store.entry(key, on: shelf).map { String(decoding: $0.value, as: UTF8.self) }
    }

    func keys(_ prefix: String = "", after: String? = nil, limit: Int = 100) throws -> [String] {
      try store.entries(on: shelf, prefix: prefix, after: after, limit: limit).map(\.key)
    }

    func claim(_ claim: StateClaim, window: Duration? = nil) throws -> StateClaim.Answer {
      try Answer<StateClaim.Answer>().wait { store.claim(claim, window: window, $0) }
    }

    func settle(_ claim: StateClaim, _ end: StateClaim.End) throws {
      try Answer<Void>().wait { store.settle(claim, end, $0) }
    }
  }

  static let shelf = StateShelf(account: "acme", script: "contacts/import")
  private let start = Duration.seconds(1_700_000_000)
  private let key = StateClaim(account: "acme", key: "welcome")
  private var again: StateClaim { StateClaim(account: "acme", key: "welcome") }

  @Test(arguments: Kind.allCases)
  func `a value is what was set last`(kind: Kind) throws {
    let bench = try Bench(kind)
    #expect(try bench.value("a") == nil)
    #expect(try bench.put("1", at: "a"))
    #expect(try bench.put(#"{"x":"é"}"#, at: "a"))
    #expect(try bench.value("a") == #"{"x":"é"}"#)
    #expect(try bench.put(nil, at: "a"))
    #expect(try bench.value("a") == nil)
    #expect(try bench.put(nil, at: "a") == false)
  }

  @Test(arguments: Kind.allCases)
  func `accounts and scripts share nothing`(kind: Kind) throws {
    let bench = try Bench(kind)
    let shelves = [
      StateShelf(account: "acme", script: "a"), StateShelf(account: "acme", script: "b"),
      StateShelf(account: "globex", script: "a"),
    ]
    for (index, shelf) in shelves.enumerated() {
      #expect(try bench.put(String(index), at: "k", on: shelf))
    }
    #expect(try shelves.map { try bench.value("k", on: $0) } == ["0", "1", "2"])
  }

  @Test(arguments: Kind.allCases)
  func `entries come in the order of the bytes of their keys`(kind: Kind) throws {
    let bench = try Bench(kind)
    let keys = ["b", "a/2", "a/10", "é", "a", "Z", "a/", "😀"]
    for key in keys { #expect(try bench.put("1", at: key)) }
    #expect(try bench.keys() == ["Z", "a", "a/", "a/10", "a/2", "b", "é", "😀"])
    #expect(try bench.keys("a/") == ["a/", "a/10", "a/2"])
    #expect(try bench.keys("a/", after: "a/") == ["a/10", "a/2"])
    #expect(try bench.keys(limit: 2) == ["Z", "a"])
    #expect(try bench.keys(after: "b", limit: 2) == ["é", "😀"])
    #expect(try bench.keys("nothing") == [])
  }

  @Test(arguments: Kind.allCases)
  func `a change with a version happens only while nothing else has changed`(kind: Kind) throws {
    let bench = try Bench(kind)
    #expect(try bench.put("1", at: "a", ifVersion: 0))
    #expect(try bench.put("2", at: "a", ifVersion: 0) == false)
    let first = try #require(try bench.store.entry("a", on: Self.shelf)).version
    #expect(try bench.put("2", at: "a", ifVersion: first))
    #expect(try bench.put("3", at: "a", ifVersion: first) == false)
    #expect(try bench.value("a") == "2")
    let second = try #require(try bench.store.entry("a", on: Self.shelf)).version
    #expect(try bench.put(nil, at: "a", ifVersion: second))
    #expect(try bench.put("1", at: "a"))
    // The value is back, but it is another one.
    #expect(try bench.put("9", at: "a", ifVersion: second) == false)
  }

  @Test(arguments: Kind.allCases)
  func `many threads that count lose nothing`(kind: Kind) throws {
    let bench = try Bench(kind)
    let store = bench.store
    let left = Mutex(4)
    let done = Answer<Void>()
    try done.wait { onEnd in
      for _ in 0..<4 {
        try? Threads.start {
          for _ in 0..<50 { Self.increment(store) }
          if left.withLock({ left in
            left -= 1; return left == 0
          }) {
            onEnd(.success(()))
          }
        }
      }
    }
    #expect(try bench.value("n") == "200")
  }

  private static func increment(_ store: any StateStore) {
    while true {
      guard let old = try? store.entry("n", on: shelf).map({ ($0.value, $0.version) }) ?? ([48], 0)
      else { continue }
      let number = (Int(String(decoding: old.0, as: UTF8.self)) ?? 0) + 1
      let isSet = try? Answer<Bool>().wait {
        store.put(Array(String(number).utf8), at: "n", on: shelf, ifVersion: old.1, $0)
      }
      if isSet == true { return }
    }
  }

  // MARK: - Claims

  @Test(arguments: Kind.allCases)
  func `one attempt wins, and the others learn what it did`(kind: Kind) throws {
    let bench = try Bench(kind)
    #expect(try bench.claim(key) == .won)
    #expect(try bench.claim(again) == .running(since: start))
    #expect(try bench.claim(StateClaim(account: "globex", key: "welcome")) == .won)
    try bench.settle(key, .done(Array("5".utf8)))
    #expect(try bench.claim(again) == .done(Array("5".utf8)))
    bench.move(by: .seconds(1_000_000_000))
    #expect(try bench.claim(again) == .done(Array("5".utf8)))
  }

  @Test(arguments: Kind.allCases)
  func `a released claim can be had again, an interrupted one cannot`(kind: Kind) throws {
    let bench = try Bench(kind)
    #expect(try bench.claim(key) == .won)
    try bench.settle(key, .released)
    let second = again
    #expect(try bench.claim(second) == .won)
    // The first attempt has no say any more.
    try bench.settle(key, .done(nil))
    #expect(try bench.claim(again) == .running(since: start))
    try bench.settle(second, .interrupted)
    #expect(try bench.claim(again) == .interrupted(since: start))
    try bench.settle(second, .done(nil))
    #expect(try bench.claim(again) == .interrupted(since: start))
  }

  @Test(arguments: Kind.allCases)
  func `a claim counts for its window`(kind: Kind) throws {
    let bench = try Bench(kind)
    #expect(try bench.claim(key, window: .seconds(60)) == .won)
    // Someone who is at it still is not too late.
    bench.move(by: .seconds(61))
    #expect(try bench.claim(again) == .running(since: start))
    bench.move(by: .seconds(-2))
    try bench.settle(key, .done(nil))
    #expect(try bench.claim(again) == .done(nil))
    bench.move(by: .seconds(1))
    #expect(try bench.claim(again, window: .seconds(60)) == .won)
  }
}

/// Waits on a test's thread for what a store answers.
final class Answer<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, ActionError>?>(nil)

  func wait(_ begin: (@escaping @Sendable (Result<Value, ActionError>) -> Void) throws -> Void)
    throws
    -> Value
  {
    let wakeup = try Wakeup()
    try begin { [self] given in
      result.withLock { $0 = given }
      wakeup.wake()
    }
    for _ in 0..<60 {
      if let given = result.withLock({ $0 }) { return try given.get() }
      wakeup.wait(.seconds(1))
    }
    throw ActionError(kind: .transient, code: "no_answer", message: "no answer came")
  }
}
