import RefoldActions
import RefoldTesting
import SQLite
import Synchronization
import Testing

@testable import RefoldRuntime

/// How the thread that changes a state database gathers changes.
@Suite struct StateWriterTests {
  private let folder: TemporaryFolder
  private let writer: StateWriter
  private var path: String { folder.file("state.db") }

  init() throws {
    folder = try TemporaryFolder()
    writer = StateWriter(path: folder.file("state.db"), patience: .seconds(5))
    try Answer<Void>().wait { writer.open($0) }
  }

  private static func change(_ database: SQLiteConnection, _ account: String) throws {
    let statement = try database.statement(
      """
      INSERT INTO entries (account, script, key, value, version, changed)
      VALUES (?, 's', (SELECT count(*) FROM entries), x'00', 1, 0)
      """)
    statement.bind(1, account)
    try statement.run()
  }

  private static func count(_ path: String) throws -> Int64 {
    let database = try StateDatabase.openForReading(path)
    let statement = try database.statement("SELECT count(*) FROM entries")
    defer { statement.reset() }
    return try statement.step() ? statement.integer(0) : -1
  }

  private static func problems(
    with number: Int, _ result: Result<Void, ActionError>, _ path: String
  ) -> [String] {
    do {
      try result.get()
      return try count(path) < number ? ["\(number) is not there"] : []
    } catch {
      return ["\(number): \(error)"]
    }
  }

  @Test func `a change that gathers is made although nobody hurries`() throws {
    try Answer<Void>().wait { onEnd in
      writer.write(gathers: true, { try Self.change($0, "a") }, onEnd)
    }
    #expect(try Self.count(path) == 1)
  }

  @Test func `those who are in a hurry take along those who gather`() throws {
    try Answer<Void>().wait { onEnd in
      writer.write(gathers: true, { try Self.change($0, "a") }) { _ in }
      writer.write({ try Self.change($0, "b") }, onEnd)
    }
    // The first was asked for first, so it is durable when the second is.
    #expect(try Self.count(path) == 2)
  }

  @Test func `each change is durable when its end is called, in a hurry or not`() throws {
    let path = path
    let problems = Mutex<[String]>([])
    try Answer<Void>().wait { onEnd in
      for number in 1...400 {
        writer.write(gathers: number % 3 != 0, { try Self.change($0, "a") }) { result in
          problems.withLock { $0 += Self.problems(with: number, result, path) }
          if number == 400 { onEnd(.success(())) }
        }
        if number % 50 == 0 { writer.hurry() }
      }
    }
    #expect(problems.withLock { $0 } == [])
    #expect(try Self.count(path) == 400)
  }
}
