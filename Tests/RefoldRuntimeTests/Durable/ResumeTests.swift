import Posix
import RefoldActions
import RefoldTesting
import SQLite
import Testing

@testable import RefoldRuntime

/// What a resumed run makes of what is in the journal.
@Suite final class ResumeTests: JournalBench {
  @Test func `a resumed run sends nothing twice`() throws {
    let code = both + "\n" + #"refold.exec("crm", "get_contact")"#
    let first = try run(
      both.replacing("return", with: "error('stop') return"), on: ScriptedBackend())
    let backend = ScriptedBackend()
    let outcome = try run(
      code.replacing("return {", with: "local x = {"), on: backend, resuming: first.runID)
    #expect(outcome.runID == first.runID)
    #expect(outcome.text == "null")
    #expect(outcome.statistics.replayed == 2)
    #expect(backend.executed == ["crm.get_contact {}"])
    #expect(try journal.run(first.runID).resumptions == 1)
    #expect(try journal.run(first.runID).state == .done)
  }

  @Test func `equal calls are told apart by their number`() throws {
    let twice = """
      for i = 1, N do refold.exec("crm", "create_contact", nil, { email = "a" }) end
      assert(N > 2)
      """
    let first = try run(twice.replacing("N", with: "2"))
    let backend = ScriptedBackend()
    #expect(
      try run(twice.replacing("N", with: "3"), on: backend, resuming: first.runID).failure == nil)
    #expect(backend.executed.count == 1)
  }

  @Test func `time and random numbers are what they were`() throws {
    let code = """
      local seen = { os.time(), os.date("!%T"), math.random(1000000), math.random() }
      refold.exec("crm", "get_contact", nil, { limit = table.concat(seen, " ") })
      """
    let first = try run(code + " error('stop')")
    let backend = ScriptedBackend()
    #expect(try run(code, on: backend, resuming: first.runID).failure == nil)
    #expect(backend.executed.isEmpty)
    #expect(
      try run("return os.time({ year = 2026, month = 1, day = 1, hour = 12 })").text == "1767268800"
    )
    #expect(try run("return os.date('!%Y', 0)").text == "\"1970\"")
  }

  @Test func `a failure that was caught is the same again, the one that ended the run is not`()
    throws
  {
    let code = """
      local ok, err = pcall(refold.exec, "crm", "get_contact")
      refold.exec("crm", "create_contact", nil, { email = tostring(ok) .. (err.code or "") })
      return { ok, err.code, err.kind }
      """
    let backend = failing("get_contact", .permanent)
    let caught = try run(code, on: backend)
    #expect(caught.text == #"[false,"c","permanent"]"#)
    let first = try run(
      code.replacing("return {", with: "error('stop') return {"),
      on: failing("get_contact", .permanent))
    #expect(try run(code, resuming: first.runID).text == #"[false,"c","permanent"]"#)
    let ended = try run(both, on: failing("create_contact", .permanent))
    let second = ScriptedBackend()
    #expect(
      try run(both, on: second, resuming: ended.runID).text == #"["get_contact","a@example.com"]"#)
    #expect(second.executed == [#"crm.create_contact {"email":"a@example.com"}"#])
  }

  @Test func `a write of unknown outcome is never sent again by itself`() throws {
    let first = try run(both, on: failing("create_contact", .unknownOutcome))
    let backend = ScriptedBackend()
    let outcome = try run(
      "pcall(function()\n" + both + "\nend)", on: backend, resuming: first.runID)
    #expect(backend.executed.isEmpty)
    #expect(outcome.failure?.code == "write_unknown")
    #expect(outcome.failure?.kind.exitStatus == 10)
    #expect(
      outcome.failure?.hint
        == "look in the app, then say so: 'refold runs resume \(first.runID) --applied 2' or '--absent 2'; "
        + "or tell with 'find' how the call is looked up"
    )
  }

  @Test func `a person says what became of a write`() throws {
    let absent = try run(both, on: failing("create_contact", .unknownOutcome)).runID
    let backend = ScriptedBackend()
    let sent = try run(both, on: backend, resuming: absent, [2: .absent])
    #expect(sent.text == #"["get_contact","a@example.com"]"#)
    #expect(backend.executed == [#"crm.create_contact {"email":"a@example.com"}"#])
    let applied = try run(both, on: failing("create_contact", .unknownOutcome)).runID
    let answer = #"{"node_status":"Success","data":{"sent":{"email":"mine"}}}"#
    let untouched = ScriptedBackend()
    let kept = try run(both, on: untouched, resuming: applied, [2: .applied(Array(answer.utf8))])
    #expect(kept.text == #"["get_contact","mine"]"#)
    #expect(untouched.executed.isEmpty)
    #expect(try journal.run(applied).unknownWrites == 0)
    for wrong in [1, 9] {
      let id = try run(both, on: failing("create_contact", .unknownOutcome)).runID
      let error = #expect(throws: ActionError.self) {
        try journal.resumption(of: id, decisions: [wrong: .absent])
      }
      #expect(error?.code == "no_such_step")
      #expect(error?.hint == "those are: 2")
    }
  }

  @Test func `another content under the script's key shows both`() throws {
    let code = """
      refold.exec("crm", "create_contact", nil, { email = "EMAIL" }, { key = "k" })
      """
    let first = try run(code.replacing("EMAIL", with: "a") + " error('stop')")
    let backend = ScriptedBackend()
    let outcome = try run(code.replacing("EMAIL", with: "b"), on: backend, resuming: first.runID)
    #expect(backend.executed.isEmpty)
    #expect(outcome.failure?.kind.exitStatus == 9)
    #expect(
      outcome.text == """
        journal_mismatch: the script does not do what it did before: crm.create_contact, key 'k'
          expected {"email":"a"} (step 1, script.lua:1)
          actual   {"email":"b"}
        """)
  }

  @Test func `a write that an edited script leaves behind is said`() throws {
    let first = try run(both, on: failing("get_contact", .permanent, times: 0))
    #expect(throws: ActionError.self) { try journal.resumption(of: first.runID) }
    let stopped = try run(both.replacing("return", with: "error('stop') return"))
    var lines: [String] = []
    _ = try run("return 1", resuming: stopped.runID) { lines.append($0.message) }
    #expect(
      lines == [
        #"the script did not come again to step 2, crm.create_contact {"email":"a@example.com"}, which was sent before"#
      ])
  }

  @Test func `values of the store change once`() throws {
    let code = """
      local n = refold.store.update("n", function(n) return (n or 0) + 1 end)
      refold.store.set("k" .. n, n)
      refold.store.delete("k" .. n)
      if STOP then error("stop") end
      return { n, refold.store.get("n"), refold.store.get("k1") == nil }
      """
    let first = try run(code.replacing("STOP", with: "true"))
    #expect(try run("return refold.store.update('n', function(n) return n + 10 end)").text == "11")
    // It goes on with what it saw, and sees what is new from there on.
    #expect(
      try run(code.replacing("STOP", with: "false"), resuming: first.runID).text == "[1,11,true]")
  }

  @Test func `the function of once goes on where the same run stopped`() throws {
    let code = """
      return refold.once("k", function()
        refold.exec("crm", "create_contact", nil, { email = "a" })
        refold.sleep(SECONDS)
        return "done"
      end)
      """
    let first = try run(code.replacing("SECONDS", with: "30"), timeout: .milliseconds(800))
    #expect(first.failure?.code == "time_limit")
    #expect(try run(code).failure?.code == "once_interrupted")
    let backend = ScriptedBackend()
    let outcome = try run(code.replacing("SECONDS", with: "0"), on: backend, resuming: first.runID)
    #expect(outcome.text == "\"done\"")
    #expect(backend.executed.isEmpty)
  }

  @Test func `a wait goes on for what is left of it`() throws {
    let code = "refold.sleep(2) return 1"
    let first = try run(code, timeout: .milliseconds(1500))
    #expect(first.failure?.code == "time_limit")
    #expect(try run(code, resuming: first.runID, timeout: .milliseconds(1500)).text == "1")
  }

  @Test func `children are matched whatever their order`() throws {
    let code = """
      return refold.map(LIST, function(n)
        return refold.exec("crm", "create_contact", nil, { email = n }).data.sent.email
      end)
      """
    let first = try run(
      code.replacing("LIST", with: "{ 'a', 'b', 'c' }").replacing(
        "return refold.map", with: "local x = refold.map") + " error('stop')")
    let backend = ScriptedBackend()
    let outcome = try run(
      code.replacing("LIST", with: "{ 'c', 'd', 'b', 'a' }"), on: backend, resuming: first.runID)
    #expect(outcome.text == #"["c","d","b","a"]"#)
    #expect(backend.executed == [#"crm.create_contact {"email":"d"}"#])
  }

  @Test func `a run that is under way cannot be resumed`() throws {
    let other = SQLiteStateStore(databasePath: folder.file("state.db"))
    let entry = Journal(other).add(
      RunRecord(
        id: "run_x", script: "s", path: "/s.lua", source: nil, account: "acme", backend: "b",
        input: nil, seed: 1, state: .running, started: 0, ended: nil, resumptions: 0, failure: nil,
        steps: 0, unknownWrites: 0))
    try Answer<Void>().wait { other.open($0) }
    try Answer<Bool>().wait {
      other.put([49], at: "k", on: StateStoreTests.shelf, ifVersion: nil, $0)
    } ? () : ()
    #expect(entry.number > 0)
    try Answer<Void>().wait { store.open($0) }
    let error = #expect(throws: ActionError.self) { try journal.resumption(of: "run_x") }
    #expect(error?.code == "run_is_running")
  }

  @Test func `a large reply is kept small, and comes back whole`() throws {
    let large = String(repeating: "abcdefgh", count: 50_000)
    let body = "{\"node_status\":\"Success\",\"data\":\"\(large)\"}"
    let backend = ScriptedBackend { call in
      guard case .execute = call.operation else { return nil }
      return .success(Reply(status: 200, body: Array(body.utf8)))
    }
    let code =
      "local data = refold.exec('crm', 'get_contact').data STOP return { #data, data:sub(-3) }"
    let first = try run(code.replacing("STOP", with: "error('stop')"), on: backend)
    let step = try #require(try journal.steps(of: first.runID, withReplies: true).first)
    #expect(step.replyBytes == body.utf8.count)
    #expect(step.reply == Array(body.utf8))
    let kept = try store.read { database in
      let row = try database.statement("SELECT length(reply) FROM steps")
      defer { row.reset() }
      return try row.step() ? row.integer(0) : 0
    }
    #expect(kept > 0 && kept < 10_000)
    let again = ScriptedBackend()
    #expect(
      try run(code.replacing("STOP", with: ""), on: again, resuming: first.runID).text
        == #"[400000,"fgh"]"#)
    #expect(again.executed.isEmpty)
  }

  @Test func `a run of many steps is resumed`() throws {
    let code = """
      for i = 1, 5000 do refold.exec("crm", "get_contact", nil, { limit = tostring(i) }) end
      """
    let first = try run(code + " error('stop')")
    let backend = ScriptedBackend()
    let outcome = try run(code, on: backend, resuming: first.runID)
    #expect(outcome.failure == nil)
    #expect(outcome.statistics.replayed == 5000)
    #expect(backend.executed.isEmpty)
  }

  @Test func `what ended the run is tried again, though others began after it`() throws {
    let code = """
      return refold.map({ "a", "b", "c" }, function(n)
        return refold.exec("crm", "create_contact", nil, { email = n }).data.sent.email
      end)
      """
    let calls = Calls()
    let broken = ScriptedBackend { call in
      guard case .execute = call.operation else { return nil }
      calls.count += 1
      let isFirst = String(decoding: call.body, as: UTF8.self).contains(#""a""#)
      return isFirst
        ? .failure(ActionError(.permanent, code: "c", message: "it failed", about: call)) : nil
    }
    // The first fails when the others have announced their writes.
    broken.answersLater = true
    let first = try run(code, on: broken)
    #expect(first.failure?.code == "c")
    // What was announced and not sent is noted a moment after the end of the run.
    #expect(
      try Answer<Bool>().wait {
        store.put([49], at: "k", on: StateStoreTests.shelf, ifVersion: nil, $0)
      })
    #expect(try steps(first.runID).count == 3)
    let backend = ScriptedBackend()
    let outcome = try run(code, on: backend, resuming: first.runID)
    #expect(outcome.text == #"["a","b","c"]"#)
    #expect(backend.executed.contains(#"crm.create_contact {"email":"a"}"#))
    #expect(calls.count + backend.executed.count == 4)
  }

  private final class Calls { var count = 0 }

  @Test func `entries of the store are what they were`() throws {
    let code = """
      local seen = 0
      for _ in refold.store.each("seen/") do seen = seen + 1 end
      refold.store.set("seen/" .. seen, true)
      STOP
      return seen
      """
    _ = try run(code.replacing("STOP", with: ""))
    let first = try run(code.replacing("STOP", with: "error('stop')"))
    #expect(try run(code.replacing("STOP", with: ""), resuming: first.runID).text == "1")
    #expect(try run(code.replacing("STOP", with: "")).text == "2")
    #expect(try steps(first.runID).first == "1 get store.each done ×1 script.lua:2")
  }
}
