import Posix
import RefoldActions
import RefoldTesting
import SQLite
import Testing

@testable import RefoldRuntime

/// What a run leaves in the journal, and what a resumed run makes of it.
@Suite struct JournalTests {
  private let folder: TemporaryFolder
  private let store: SQLiteStateStore
  private let journal: Journal

  init() throws {
    folder = try TemporaryFolder()
    store = SQLiteStateStore(databasePath: folder.file("state.db"))
    journal = Journal(store)
  }

  /// Runs code for 'acme' with the journal, anew or taken up.
  private func run(
    _ code: String, on backend: ScriptedBackend = ScriptedBackend(),
    resuming id: String? = nil, _ decisions: [Int: Resumption.Decision] = [:],
    timeout: Duration = .seconds(30), log: @escaping (LogLine) -> Void = { _ in }
  ) throws -> RunOutcome {
    var configuration = Lane.Configuration(random: { 0 }, log: log, store: store)
    configuration.journal = journal
    var options = RunOptions(account: "acme", timeout: timeout)
    options.resumption = try id.map { try journal.resumption(of: $0, decisions: decisions) }
    let script = Script(name: "script.lua", source: Array(code.utf8), moduleFolders: [])
    return Lane(backend: backend, configuration).run(script, options)
  }

  /// The steps of a run, in a line each.
  private func steps(_ id: String) throws -> [String] {
    try journal.steps(of: id, withReplies: false).filter { $0.kind != .time }.map { step in
      "\(step.number) \(step.kind) \(step.name) \(step.state) ×\(step.attempts) \(step.place ?? "")"
    }
  }

  private func failing(_ action: String, _ kind: ActionError.Kind, times: Int = 1)
    -> ScriptedBackend
  {
    final class Left { var count: Int; init(_ count: Int) { self.count = count } }
    let left = Left(times)
    return ScriptedBackend { call in
      guard case .execute(_, action) = call.operation, left.count > 0 else { return nil }
      left.count -= 1
      return .failure(
        ActionError(
          kind, code: "c", message: "it failed", retryable: kind == .transient, about: call))
    }
  }

  private let both = """
    local found = refold.exec("crm", "get_contact", nil, { limit = "1" })
    local made = refold.exec("crm", "create_contact", nil, { email = "a@example.com" })
    return { found.data.action, made.data.sent.email }
    """

  // MARK: - What is recorded

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

  // MARK: - Resuming

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
        == "look in the app, then say so: 'refold runs resume \(first.runID) --applied 2' or '--absent 2'"
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
}

@Suite struct ContentHashTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1000),
      "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"
    ),
  ])
  func `hashes are those of the standard`(text: String, hash: String) {
    #expect(ContentHash(of: Array(text.utf8)).hexadecimal == hash)
  }
}
