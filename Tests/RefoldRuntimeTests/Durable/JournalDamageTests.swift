import Foundation
import RefoldActions
import RefoldTesting
import SQLite
import Testing

@testable import RefoldRuntime

/// Journals that are large, damaged, or under a clock that is wrong.
@Suite final class JournalDamageTests: JournalBench {
  @Test func `a run of 100,000 steps is resumed`() throws {
    let code = """
      for i = 1, 100000 do refold.exec("crm", "get_contact", nil, { limit = tostring(i) }) end
      """
    let first = try run(code + " error('stop')", calls: 200_000, timeout: .seconds(600))
    #expect(first.failure?.message == "stop")
    let backend = ScriptedBackend()
    let outcome = try run(
      code, on: backend, resuming: first.runID, calls: 200_000, timeout: .seconds(600))
    #expect(outcome.failure == nil)
    #expect(outcome.statistics.replayed == 100_000)
    #expect(backend.executed.isEmpty)
  }

  @Test func `an answer of 64 MiB is kept and comes back`() throws {
    let count = 64 << 20
    let start = Array(#"{"node_status":"Success","data":""#.utf8)
    let body = start + [UInt8](repeating: UInt8(ascii: "x"), count: count) + Array("\"}".utf8)
    let backend = ScriptedBackend { call in
      guard case .execute = call.operation else { return nil }
      return .success(Reply(status: 200, body: body))
    }
    let code = "local data = refold.exec('crm', 'get_contact').data STOP return #data"
    let first = try run(
      code.replacing("STOP", with: "error('stop')"), on: backend, memory: 1 << 30)
    #expect(first.failure?.message == "stop")
    let again = ScriptedBackend()
    let outcome = try run(
      code.replacing("STOP", with: ""), on: again, resuming: first.runID, memory: 1 << 30)
    #expect(outcome.text == String(count))
    #expect(again.executed.isEmpty)
    #expect(try journal.steps(of: first.runID, withReplies: false)[0].replyBytes == body.count)
  }

  @Test func `a corrupt page is said to be one, and nothing is sent`() throws {
    let code = """
      for i = 1, 500 do refold.exec("crm", "get_contact", nil, { limit = tostring(i) }) end
      STOP
      refold.exec("crm", "create_contact", nil, { email = "a" })
      """
    let id = try run(code.replacing("STOP", with: "error('stop')")).runID
    store.close()
    let path = folder.file("state.db")
    do {
      let database = try SQLiteConnection(path)
      try database.checkpoint(truncatesLog: true)
    }
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    // The first pages hold the schema; those behind them the steps.
    let size = try file.seekToEnd()
    #expect(size > 20 * 4096)
    for page in 12..<(size / 4096) {
      try file.seek(toOffset: page * 4096)
      try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
    }
    try file.close()
    let damaged = Journal(SQLiteStateStore(databasePath: path))
    let error = #expect(throws: ActionError.self) { try damaged.resumption(of: id) }
    #expect(error?.code == "state_corrupt")
    #expect(error?.message == "the state database '\(path)' is damaged or is no database")
    #expect(
      error?.hint
        == "restore it from a copy, or move it away: the next run begins with an empty one")
  }

  @Test func `a clock that is set back an hour makes no wait longer, and shows nothing twice`()
    throws
  {
    let code = """
      local before = os.time()
      refold.exec("crm", "get_contact")
      refold.sleep(100)
      local after = os.time()
      refold.exec("crm", "create_contact", nil, { email = before .. "" })
      return { before = before, waited = os.clock(), went = after - before }
      """
    let hours = Int64(3_600_000_000_000)
    let interrupted = try run(code, at: 2 * hours, timeout: .seconds(60))
    #expect(interrupted.failure?.code == "time_limit")
    let backend = ScriptedBackend()
    let resumed = try run(
      code, at: hours, timeout: .seconds(600), on: backend, resuming: interrupted.runID)
    // The wait takes no longer than it would have from its beginning, and what the script saw it sees again.
    #expect(
      resumed.text == #"{"before":1767276000,"waited":3700,"went":-3500}"#)
    #expect(backend.executed == [#"crm.create_contact {"email":"1767276000"}"#])
    #expect(try journal.run(interrupted.runID).state == .done)
    #expect(try journal.prune(olderThan: .seconds(3_155_760_000)) == 0)
  }

  /// Runs code with a clock that begins at a time, in nanoseconds from that of tests.
  private func run(
    _ code: String, at time: Int64, timeout: Duration,
    on backend: ScriptedBackend = ScriptedBackend(), resuming id: String? = nil
  ) throws -> RunOutcome {
    var configuration = Lane.Configuration(random: { 0 }, store: store)
    configuration.journal = journal
    configuration.clock = .virtual(from: time)
    var options = RunOptions(account: "acme", timeout: timeout)
    options.facts = RunFacts(runID: "run_clock000000000000000", seed: 1, clock: ScriptClock())
    options.resumption = try id.map { try journal.resumption(of: $0) }
    let script = Script(name: "script.lua", source: Array(code.utf8), moduleFolders: [])
    return Lane(backend: backend, configuration).run(script, options)
  }
}
