import Posix
import RefoldActions
import SQLite
import Testing

@testable import RefoldRuntime

/// What a run has logged, as the journal keeps it.
@Suite final class LogJournalTests: JournalBench {
  private func lines(_ id: String) throws -> [String] {
    try journal.logs(of: id).map { line in
      let fields = line.fields.map { " " + String(decoding: $0, as: UTF8.self) } ?? ""
      return "\(line.resumptions) \(line.level) \(line.message)\(fields) \(line.place ?? "-")"
    }
  }

  private let script = """
    print("first", 1)
    refold.log.warn("second", { n = 2 })
    local made = refold.exec("crm", "create_contact", nil, { email = "a@example.com" })
    refold.log.info("third\\n", { email = made.data.sent.email })
    """

  @Test func `lines and repeated attempts are kept in their order`() throws {
    var shown: [String] = []
    let outcome = try run(script, on: failing("create_contact", .transient, times: 2)) {
      shown.append($0.message)
    }
    #expect(
      try lines(outcome.runID) == [
        "0 plain first\t1 -", #"0 warn second {"n":2} script.lua:2"#,
        "0 debug attempt 1 at crm.create_contact failed: it failed; again in 0.0 s script.lua:3",
        "0 debug attempt 2 at crm.create_contact failed: it failed; again in 0.0 s script.lua:3",
        "0 info third\n {\"email\":\"a@example.com\"} script.lua:4",
      ])
    // Attempts are told apart from what the script logs.
    #expect(shown == ["first\t1", "second", "third\n"])
    let record = try journal.run("last")
    for line in try journal.logs(of: outcome.runID) {
      #expect(line.time >= record.started * 1000 && line.time <= RunJournal.now())
    }
  }

  @Test func `a run that is resumed logs anew, and both can be told apart`() throws {
    let outcome = try run(script, on: failing("create_contact", .permanent))
    #expect(outcome.failure != nil)
    #expect(try run(script, resuming: outcome.runID).failure == nil)
    #expect(
      try lines(outcome.runID).map { $0.prefix(8) } == [
        "0 plain ", "0 warn s", "1 plain ", "1 warn s", "1 info t",
      ])
  }

  @Test func `the lines of a run are its own, and go with it`() throws {
    let first = try run(script).runID
    let second = try run("refold.log.error('other')").runID
    #expect(try lines(first).count == 3)
    #expect(try lines(second) == ["0 error other script.lua:1"])
    #expect(try journal.prune(olderThan: .seconds(-60)) == 2)
    store.close()
    let database = try SQLiteConnection(folder.file("state.db"))
    let count = try database.statement("SELECT count(*) FROM logs")
    #expect(try count.step())
    #expect(count.integer(0) == 0)
    count.reset()
  }

  @Test func `what is logged before a process dies is kept with the next step`() throws {
    let path = folder.file("state.db")
    var seen: [String] = []
    let backend = ScriptedBackend { call in
      guard call.action == "create_contact", case .execute = call.operation else { return nil }
      // Another connection sees what is committed, and nothing else.
      if let other = try? SQLiteConnection(path),
        let rows = try? other.statement("SELECT message FROM logs ORDER BY number")
      {
        while (try? rows.step()) == true { seen.append(rows.text(0) ?? "") }
        rows.reset()
      }
      return nil
    }
    #expect(try run(script, on: backend).failure == nil)
    #expect(seen == ["first\t1", "second"])
  }
}
