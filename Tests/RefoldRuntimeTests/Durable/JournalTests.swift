import Posix
import RefoldActions
import RefoldTesting
import SQLite
import Testing

@testable import RefoldRuntime

/// What a run leaves in the journal.
@Suite final class JournalTests: JournalBench {
  @Test func `a run and its calls are recorded`() throws {
    let outcome = try run(both)
    #expect(outcome.isRecorded)
    let record = try journal.run("last")
    #expect(record.id == outcome.runID)
    #expect(record.account == "acme")
    #expect(record.script == "script")
    #expect(record.state == .done)
    #expect(record.steps == 2)
    #expect(record.unknownWrites == 0)
    #expect(
      try steps(record.id) == [
        "1 read crm.get_contact done ×1 script.lua:1",
        "2 write crm.create_contact done ×1 script.lua:2",
      ])
    let step = try journal.steps(of: record.id, withReplies: true)[1]
    #expect(String(decoding: step.parameters, as: UTF8.self) == #"{"email":"a@example.com"}"#)
    #expect(String(decoding: step.reply ?? [], as: UTF8.self).contains("create_contact"))
    #expect(step.key == "crm.create_contact acme \(step.hash) #1")
  }

  @Test func `a write leaves after its intent is on the disk`() throws {
    let path = folder.file("state.db")
    var seen: [String] = []
    let backend = ScriptedBackend { call in
      guard call.action == "create_contact", case .execute = call.operation else { return nil }
      // Another connection sees what is committed, and nothing else.
      if let other = try? SQLiteConnection(path),
        let row = try? other.statement("SELECT state FROM steps WHERE kind = 'write'"),
        (try? row.step()) == true
      {
        seen.append(row.text(0) ?? "")
      }
      return nil
    }
    #expect(try run(both, on: backend).text == #"["get_contact","a@example.com"]"#)
    #expect(seen == ["begun"])
  }

  @Test func `a write whose intent cannot be kept does not leave`() throws {
    let other = try SQLiteConnection(folder.file("state.db"))
    let impatient = SQLiteStateStore(
      databasePath: folder.file("state.db"), patience: .milliseconds(10))
    try Answer<Void>().wait { impatient.open($0) }
    try other.execute("BEGIN IMMEDIATE")
    let backend = ScriptedBackend()
    var configuration = Lane.Configuration(store: impatient)
    configuration.journal = Journal(impatient)
    let script = Script(name: "script.lua", source: Array(both.utf8), moduleFolders: [])
    let outcome = Lane(backend: backend, configuration).run(script, RunOptions(account: "acme"))
    #expect(outcome.failure?.code == "state_locked")
    #expect(backend.executed == [#"crm.get_contact {"limit":"1"}"#])
    #expect(outcome.statistics.writes == 0)
    try other.execute("ROLLBACK")
  }

  @Test func `attempts and failures are recorded`() throws {
    let outcome = try run(both, on: failing("create_contact", .transient, times: 2))
    #expect(
      try steps(outcome.runID).last == "2 write crm.create_contact done ×3 script.lua:2")
    let failed = try run(both, on: failing("create_contact", .permanent))
    #expect(
      try steps(failed.runID).last == "2 write crm.create_contact failed ×1 script.lua:2")
    let record = try journal.run(failed.runID)
    #expect(record.state == .failed)
    #expect(
      String(decoding: record.failure ?? [], as: UTF8.self)
        == #"{"kind":"permanent","code":"c","message":"it failed","location":"script.lua:2"}"#)
    let unknown = try run(both, on: failing("create_contact", .unknownOutcome))
    #expect(try journal.run(unknown.runID).unknownWrites == 1)
  }

  @Test func `runs are listed, and found by how their ids begin`() throws {
    let first = try run("return 1").runID
    let second = try run("return 2").runID
    #expect(try journal.runs(limit: 10).map(\.id) == [second, first])
    #expect(try journal.runs(limit: 1).map(\.id) == [second])
    #expect(try journal.runs(account: "globex", limit: 10).isEmpty)
    #expect(try journal.runs(script: "script", limit: 10).count == 2)
    #expect(try journal.run(String(first.dropFirst(4).prefix(12))).id == first)
    for id in ["", "run_", "run_nothing", "%"] {
      #expect(throws: ActionError.self) { try journal.run(id) }
    }
  }

  @Test func `old runs are removed, except those with an unknown outcome`() throws {
    let done = try run(both).runID
    let unknown = try run(both, on: failing("create_contact", .unknownOutcome)).runID
    #expect(try journal.prune(olderThan: .seconds(60)) == 0)
    #expect(try journal.prune(olderThan: .seconds(-60)) == 1)
    #expect(try journal.runs(limit: 10).map(\.id) == [unknown])
    #expect(throws: ActionError.self) { try journal.run(done) }
    let rows = try store.read { database in
      let count = try database.statement("SELECT count(*) FROM steps")
      defer { count.reset() }
      return try count.step() ? count.integer(0) : 0
    }
    #expect(rows == 2)
  }
}
