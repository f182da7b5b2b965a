import Posix
import RefoldActions
import RefoldTesting
import SQLite
import Testing

@testable import RefoldRuntime

/// When a write of unknown outcome counts as absent, what is whose, and what the journal keeps of a look-up.
@Suite final class LookUpJournalTests: JournalBench {
  // MARK: - Waits

  @Test func `what shows late is waited for`() throws {
    let code = looking("seen = (seen or 0) + 1 return seen > 3 and { id = seen } or nil")
    let id = try unknown(code)
    var lines: [String] = []
    let backend = ScriptedBackend()
    let outcome = try run(
      code, on: backend, resuming: id, settle: .seconds(30), isVirtual: true
    ) { lines.append($0.message) }
    #expect(outcome.text == #"[{"id":4},"Success","get_contact"]"#)
    #expect(
      lines == [
        "step 2, crm.create_contact: 'find' has found nothing; looking again, for 30 s, before it counts as absent",
        "step 2, crm.create_contact: 'find' has found it; adopted",
      ])
    #expect(!backend.executed.contains { $0.hasPrefix("crm.create_contact") })
  }

  @Test func `the time of the run bounds the waits`() throws {
    let code = looking("return nil")
    let id = try unknown(code)
    let outcome = try run(
      code, resuming: id, settle: .seconds(30), isVirtual: true, timeout: .seconds(20))
    #expect(outcome.failure?.code == "write_unknown")
    #expect(
      outcome.failure?.message.hasSuffix(
        "looked up: 'find' has found nothing, but the time of the run (--timeout) is up before that is certain"
      )
        == true)
  }

  @Test func `the time to settle counts from when the write may have left last`() {
    var run = RunRecord(
      id: "r", script: "s", path: "s", source: nil, account: "a", backend: "b", input: nil, seed: 0,
      state: .failed, started: 0, ended: nil, resumptions: 0, failure: nil, steps: 0,
      unknownWrites: 1)
    var step = StepRecord(
      number: 1, key: "k", kind: .write, name: "n", account: "a", parameters: [], hash: "",
      readings: 0, state: .begun, attempts: 1, began: 0)
    let (now, settle) = (RunJournal.now(), Duration.seconds(30))
    func left(_ takenUp: Int64) -> Int64 {
      let left = step.timeToSettle(settle, run: run, takenUp: takenUp)
      return Int64((left / .seconds(1)).rounded())
    }
    // The process died: nobody knows when.
    #expect(left(now) == 30)
    // Its run ended 10 s ago, with a write that was abandoned.
    run.ended = now / 1000 - 10_000
    #expect(left(now) == 20)
    // The write itself was given up 25 s ago.
    (step.state, step.ended) = (.unknown, now - 25_000_000)
    #expect(left(now) == 5)
    step.ended = now - 3_600_000_000
    #expect(left(now) == 0)
    // The clock was set back by an hour since then.
    step.ended = now + 3_600_000_000
    #expect(left(now) == 30)
  }

  // MARK: - What belongs to whom

  @Test func `what another write of the run has made is not adopted twice`() throws {
    // Four equal calls: the second and the fourth have an unknown outcome, and one record is there beside those known.
    let code = """
      local ids = {}
      for i = 1, 4 do
        local made, err = refold.try("crm", "create_contact", nil, { email = "a" }, {
          find = function() return refold.exec("crm", "get_contact").data end,
        })
        if not made and FIRST then made = { data = { id = "?" } } end
        ids[i] = made.data.id
      end
      if FIRST then error("stop") end
      return ids
      """
    final class App { var calls = 0; var created = 0 }
    let app = App()
    let first = ScriptedBackend { call in
      guard case .execute(_, "create_contact") = call.operation else { return nil }
      app.calls += 1
      if app.calls % 2 == 0 {
        return .failure(ActionError(.unknownOutcome, code: "c", message: "m", about: call))
      }
      app.created += 1
      return .success(
        Reply(status: 200, body: Array(#"{"data":{"id":"\#(app.created)"}}"#.utf8)))
    }
    let id = try run("FIRST = true\n" + code, on: first).runID
    // The first of the two was applied, as record 3.
    let second = ScriptedBackend { call in
      guard case .execute(_, let action) = call.operation else { return nil }
      let data = action == "get_contact" ? #"[{"id":"1"},{"id":"2"},{"id":"3"}]"# : #"{"id":"4"}"#
      return .success(Reply(status: 200, body: Array("{\"data\":\(data)}".utf8)))
    }
    #expect(
      try run("FIRST = false\n" + code, on: second, resuming: id).text == #"["1","3","2","4"]"#)
    #expect(second.executed.count { $0.hasPrefix("crm.create_contact") } == 1)
  }

  /// Apps number the records of each account from the start.
  @Test(arguments: [false, true])
  func `an id of one account says nothing about another`(isReplayed: Bool) throws {
    let code = """
      return { permissions = { accounts = { "globex" }, read = { "crm" }, write = { "crm" } }, run = function()
        local first = refold.exec("crm", "create_contact", nil, { email = "a" })
        local second = refold.exec("crm", "create_contact", "globex", { email = "a" }, {
          find = function() return refold.exec("crm", "get_contact", "globex").data end,
        })
        return { first.data.id, second.data.id }
      end }
      """
    let app = { (isLost: Bool) in
      ScriptedBackend { call in
        guard case .execute(_, let action) = call.operation else { return nil }
        if isLost, call.account == "globex", action == "create_contact" {
          return .failure(ActionError(.unknownOutcome, code: "c", message: "m", about: call))
        }
        return .success(Reply(status: 200, body: Array(#"{"data":{"id":"1001"}}"#.utf8)))
      }
    }
    let id = try run(code, on: app(true)).runID
    #expect(try journal.run(id).unknownWrites == 1)
    #expect(try journal.lookUp(2, of: id, settle: .zero).answers == [])
    let backend = app(false)
    // With another parameter the first call is no replay, so its answer is one of this attempt.
    let edited =
      isReplayed ? code : code.replacing(#"nil, { email = "a" }"#, with: #"nil, { email = "b" }"#)
    #expect(
      try run(edited, on: backend, resuming: id).text == #"["1001","1001"]"#)
    #expect(backend.executed.count { $0.hasPrefix("crm.create_contact") } == (isReplayed ? 0 : 1))
  }

  @Test func `what a write that is under way has made is not adopted`() throws {
    // Two equal calls: the first has an unknown outcome and was not applied; the second is made while the first is looked up.
    let code = """
      local ids = refold.map({ 1, 2 }, function(n)
        if n == 2 and FIRST then refold.sleep(5) end
        if n == 2 and not FIRST then refold.sleep(0.05) end
        return refold.exec("crm", "create_contact", nil, { email = "a" }, {
          find = function() return refold.exec("crm", "get_contact").data end,
        }).data.id
      end)
      table.sort(ids)
      return ids
      """
    let id = try run("FIRST = true\n" + code, on: failing("create_contact", .unknownOutcome)).runID
    // Its record is there before its answer comes, which is when somebody has seen it.
    final class App { var created = 0; var looks = 0; var begun = { 0 } }
    let app = App()
    let backend = ScriptedBackend { call in
      guard case .execute(_, let action) = call.operation else { return nil }
      if action == "create_contact" { app.created += 1 } else { app.looks += app.begun() }
      let records = (0..<app.begun()).map { "{\"id\":\"\($0 + 1)\"}" }.joined(separator: ",")
      let data = action == "get_contact" ? "[\(records)]" : "{\"id\":\"\(app.created)\"}"
      return .success(Reply(status: 200, body: Array("{\"data\":\(data)}".utf8)))
    }
    app.begun = { [unowned backend] in
      backend.executed.count { $0.hasPrefix("crm.create_contact") }
    }
    backend.answersLater = true
    backend.isHeld = { call in
      guard case .execute(_, "create_contact") = call.operation else { return false }
      return app.looks == 0
    }
    #expect(
      try run("FIRST = false\n" + code, on: backend, resuming: id, settle: .milliseconds(900)).text
        == #"["1","2"]"#)
    #expect(app.created == 2)
  }

  @Test func `look-ups do not make a failure one that was caught`() throws {
    func step(_ number: Int, _ kind: StepRecord.Kind, _ state: StepRecord.State) -> StepRecord {
      StepRecord(
        number: number, key: "k\(number)", kind: kind, name: "n", account: "a", parameters: [],
        hash: "", readings: 0, state: state, attempts: 1, began: 0)
    }
    let run = RunRecord(
      id: "r", script: "s", path: "s", source: nil, account: "a", backend: "b", input: nil, seed: 0,
      state: .failed, started: 0, ended: nil, resumptions: 0, failure: nil, steps: 0,
      unknownWrites: 1)
    let past = Resumption(
      run: run, number: 1,
      steps: [step(1, .write, .unknown), step(2, .read, .failed), step(3, .lookUp, .done)],
      decisions: [:])
    #expect(past.firstTriedAgain == 2)
    #expect(past.lastNumber == 3)
    #expect(past.steps.keys.sorted() == ["k1", "k2"])
  }

  @Test func `an exported run keeps how outcomes are known`() throws {
    let code = looking(reads)
    let id = try unknown(code)
    #expect(try run(code, resuming: id).failure == nil)
    let exported = try ExportedRun(try journal.export(id).bytes(), at: "run.jsonl")
    #expect(exported.steps.map(\.knownBy) == [nil, .lookUp, nil, nil])
    #expect(exported.steps.map(\.kind) == [.read, .write, .lookUp, .read])
  }

  @Test func `a journal of the schema before is brought up to date`() throws {
    let path = folder.file("old.db")
    let old = try SQLiteConnection(path)
    for migration in StateDatabase.migrations.prefix(3) { try old.execute(migration) }
    try old.execute(
      """
      PRAGMA user_version = 3; PRAGMA application_id = 0x52464C44;
      INSERT INTO runs (number, id, script, path, account, backend, seed, state, owner, started)
        VALUES (1, 'run_old', 's', '/s.lua', 'acme', 'sandbox x', 1, 'failed', 1, 5);
      INSERT INTO steps (id, key, kind, name, account, parameters, hash, readings, state, attempts, began)
        VALUES (1048577, 'k', 'write', 'crm.create_contact', 'acme', '{}', 'h', 0, 'begun', 1, 7)
      """)
    let migrated = SQLiteStateStore(databasePath: path)
    try migrated.openAndWait()
    let journal = Journal(migrated)
    let found = try journal.lookUp(1, of: "run_old", settle: .seconds(30))
    #expect(found.write.isUnknown)
    #expect(found.write.step.knownBy == nil)
    #expect(found.answers.isEmpty)
    #expect(found.left > .seconds(29))
    #expect(try journal.reconcile(1, of: "run_old", .absent, by: .lookUp).open == [])
    #expect(try journal.write(1, of: "run_old").step.knownBy == .lookUp)
  }
}
