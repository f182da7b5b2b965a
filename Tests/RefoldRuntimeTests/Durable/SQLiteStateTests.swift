import Foundation
import Posix
import RefoldActions
import RefoldTesting
import SQLite
import Synchronization
import Testing

@testable import RefoldRuntime

/// What can happen to the file of a state database.
@Suite struct SQLiteStateTests {
  private let folder: TemporaryFolder
  private var path: String { folder.file("state/state.db") }
  private let shelf = StateStoreTests.shelf

  init() throws { folder = try TemporaryFolder() }

  private func put(
    _ value: String, at key: String = "a", in store: SQLiteStateStore
  ) throws -> Bool {
    try Answer<Bool>().wait {
      store.put(Array(value.utf8), at: key, on: shelf, ifVersion: nil, $0)
    }
  }

  private func value(_ key: String = "a", in store: SQLiteStateStore) throws -> String? {
    try Answer<Void>().wait { store.open($0) }
    return try store.entry(key, on: shelf).map { String(decoding: $0.value, as: UTF8.self) }
  }

  private func failure(_ body: () throws -> Void) -> ActionError? {
    do { try body() } catch { return error as? ActionError }
    return nil
  }

  @Test func `nothing is made before something is kept`() throws {
    let store = SQLiteStateStore(databasePath: path)
    #expect(!store.isOpen)
    store.close()
    #expect(!FileManager.default.fileExists(atPath: folder.file("state")))
  }

  @Test func `what was kept is there for the next, and only for its owner`() throws {
    let first = SQLiteStateStore(databasePath: path)
    #expect(try put("1", in: first))
    let second = SQLiteStateStore(databasePath: path)
    #expect(try value(in: second) == "1")
    #expect(try put("2", in: second))
    #expect(try value(in: first) == "2")
    #expect(try Files.status(path)?.mode == 0o600)
    first.close()
    second.close()
    #expect(try value(in: SQLiteStateStore(databasePath: path)) == "2")
  }

  @Test func `the death of an owner is noticed, whatever the clock says`() throws {
    let key = StateClaim(account: "acme", key: "k")
    let second = SQLiteStateStore(databasePath: path) { .seconds(1) }
    do {
      let first = SQLiteStateStore(databasePath: path) { .seconds(1_700_000_000) }
      #expect(try Answer().wait { first.claim(key, window: nil, $0) } == .won)
      let answer = try Answer().wait { second.claim(key, window: nil, $0) }
      #expect(answer == .running(since: .seconds(1_700_000_000)))
      first.close()
    }
    let answer = try Answer().wait { second.claim(key, window: nil, $0) }
    #expect(answer == .interrupted(since: .seconds(1_700_000_000)))
  }

  @Test func `expired claims do not pile up`() throws {
    let clock = StateStoreTests.Bench.Clock()
    let store = SQLiteStateStore(databasePath: path) { clock.now() }
    for index in 0..<40 {
      let claim = StateClaim(account: "acme", key: "k\(index)")
      #expect(try Answer().wait { store.claim(claim, window: .seconds(1), $0) } == .won)
      try Answer<Void>().wait { store.settle(claim, .done(nil), $0) }
      clock.move(by: .seconds(1))
    }
    let state = ProjectState(databasePath: path)
    #expect(try state.claims(account: nil).count == 1)
  }

  @Test func `a change that fails takes no other with it`() throws {
    let store = SQLiteStateStore(databasePath: path)
    let results = Mutex<[String]>([])
    let answer = Answer<Void>()
    try answer.wait { onEnd in
      // The first opens the file, so that the others come together.
      for index in 0..<20 {
        store.writer.write(
          { database in
            let key = index == 7 ? 6 : index
            try database.execute(
              "INSERT INTO entries VALUES ('acme', 's', 'k\(key)', '1', 1, 0)")
          },
          { result in
            let text = if case .failure(let error) = result { error.message } else { "ok" }
            let count = results.withLock {
              $0.append(text); return $0.count
            }
            if count == 20 { onEnd(.success(())) }
          })
      }
    }
    let failed = "the state database '\(path)' failed: UNIQUE constraint failed: "
    #expect(results.withLock { $0.filter { $0 == "ok" }.count } == 19)
    #expect(results.withLock { $0.first { $0 != "ok" } }?.hasPrefix(failed) == true)
    let state = ProjectState(databasePath: path)
    #expect(try state.listing(account: nil, script: "s").count == 19)
  }

  @Test func `a file that is removed meanwhile is made anew`() throws {
    let store = SQLiteStateStore(databasePath: path)
    #expect(try put("1", in: store))
    #expect(try value(in: store) == "1")
    try FileManager.default.removeItem(atPath: folder.file("state"))
    #expect(!store.isOpen)
    #expect(try value(in: store) == nil)
    #expect(try put("2", in: store))
    #expect(try value(in: SQLiteStateStore(databasePath: path)) == "2")
  }

  @Test func `the log that is left behind is read by the next, and is never long`() throws {
    let large = "\"" + String(repeating: "x", count: 700_000) + "\""
    for (key, text, isKept) in [("a", "1", true), ("b", large, false), ("c", "2", true)] {
      let store = SQLiteStateStore(databasePath: path)
      #expect(try put(text, at: key, in: store))
      store.close()
      let left = try Files.status(path + "-wal")?.size ?? 0
      #expect((left > 0) == isKept)
      let next = SQLiteStateStore(databasePath: path)
      #expect(try value(key, in: next) == text)
      next.close()
    }
  }

  // MARK: - Faults

  @Test func `a newer schema is refused`() throws {
    let store = SQLiteStateStore(databasePath: path)
    #expect(try put("1", in: store))
    store.close()
    let other = try SQLiteConnection(path)
    try other.execute("PRAGMA user_version = 99")
    let error = failure { _ = try put("2", in: SQLiteStateStore(databasePath: path)) }
    #expect(error?.code == "state_newer")
    #expect(
      error?.message
        == "the state database '\(path)' has schema version 99, and this refold knows versions up to \(StateDatabase.version)"
    )
    #expect(error?.hint == "use the newer refold, or another folder with REFOLD_STATE_DIR")
  }

  @Test(arguments: 0..<StateDatabase.version)
  func `an older schema is brought up to date`(version: Int) throws {
    try Folders.create(folder.file("state"))
    let old = try SQLiteConnection(path)
    for migration in StateDatabase.migrations.prefix(version) { try old.execute(migration) }
    try old.execute("PRAGMA user_version = \(version)")
    if version > 0 {
      try old.execute(
        """
        PRAGMA application_id = 0x52464C44;
        INSERT INTO entries VALUES ('acme', 'contacts/import', 'a', '"old"', 7, 0)
        """)
    }
    let store = SQLiteStateStore(databasePath: path)
    #expect(try value(in: store) == (version > 0 ? "\"old\"" : nil))
    #expect(try old.userVersion() == StateDatabase.version)
  }

  @Test func `a database of another program is left alone`() throws {
    try Folders.create(folder.file("state"))
    let other = try SQLiteConnection(path)
    try other.execute("CREATE TABLE theirs (x)")
    let error = failure { _ = try put("2", in: SQLiteStateStore(databasePath: path)) }
    #expect(error?.code == "state_foreign")
    #expect(error?.message == "'\(path)' is the database of another program")
  }

  @Test func `a damaged file is said to be one, and is not touched`() throws {
    try Folders.create(folder.file("state"))
    let garbage = Data(repeating: 7, count: 8192)
    try garbage.write(to: URL(fileURLWithPath: path))
    let error = failure { _ = try put("2", in: SQLiteStateStore(databasePath: path)) }
    #expect(error?.code == "state_corrupt")
    #expect(error?.message == "the state database '\(path)' is damaged or is no database")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == garbage)
  }

  @Test func `the lock of another process ends in an error that may pass`() throws {
    let store = SQLiteStateStore(databasePath: path, patience: .milliseconds(20))
    #expect(try put("1", in: store))
    let other = try SQLiteConnection(path)
    try other.execute("BEGIN IMMEDIATE")
    let error = failure { _ = try put("2", in: store) }
    #expect(error?.code == "state_locked")
    #expect(error?.kind == .transient)
    #expect(error?.retryable == true)
    #expect(try value(in: SQLiteStateStore(databasePath: path, patience: .zero)) == "1")
    try other.execute("ROLLBACK")
    #expect(try put("2", in: store))
    #expect(try value(in: store) == "2")
  }

  @Test func `a folder that is a file is said`() throws {
    try Data().write(to: URL(fileURLWithPath: folder.file("state")))
    let error = failure { _ = try put("2", in: SQLiteStateStore(databasePath: path)) }
    #expect(error?.code == "state_unreadable")
    #expect(
      error?.message == "the state database '\(path)' cannot be opened: not a directory")
  }
}
