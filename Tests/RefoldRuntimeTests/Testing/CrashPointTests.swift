import Foundation
import RefoldActions
import RefoldTesting
import SQLite
import Synchronization
import Testing

@testable import RefoldRuntime

/// The moments at which a run can be killed, and what is durable then.
@Suite struct CrashPointTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.file("scripts"), withIntermediateDirectories: true)
    try "test('a', function(t) end)".write(
      toFile: folder.file("scripts/a_test.lua"), atomically: false, encoding: .utf8)
  }

  private func recorded(
    _ code: String, time: Int64 = 0, points: CrashPoints = CrashPoints()
  ) throws -> RecordedTestRun {
    try code.write(toFile: folder.file("scripts/a.lua"), atomically: false, encoding: .utf8)
    let run = TestedRun(
      file: folder.file("scripts/a_test.lua"), script: "a", account: "acme",
      input: Array(#"{"email":"a"}"#.utf8), time: time)
    return try RecordedTestRun(
      run, TestOptions(), statePath: folder.file("state.db"), points: points)
  }

  private static let code = """
    return function(input)
      refold.exec("crm", "get_contact")
      refold.sleep(100)
      local made = refold.exec("crm", "create_contact", nil, { email = input.email })
      refold.store.set("k", os.time())
      refold.once("o", function() return 1 end)
      refold.dead_letter({ a = 1 }, "bad")
      return { made = made.data.sent.email, clock = os.clock(), id = refold.run_id }
    end
    """

  @Test func `each change is a moment before and one after, and so is each write that leaves`()
    throws
  {
    let backend = ScriptedBackend()
    let run = try recorded(Self.code)
    defer { run.close() }
    let outcome = try run.perform(on: backend)
    #expect(
      outcome.text == #"{"clock":100,"id":"run_crashpoint0000000000","made":"a"}"#)
    let changes = [
      "the beginning of the run", "step 1, crm.get_contact", "step 2, sleep",
      "the outcome of step 2, sleep", "the intent of step 3, crm.create_contact",
    ]
    let rest = [
      "the outcome of step 3, crm.create_contact", "step 4, time", "step 5, store.set",
      "a claim of refold.once", "a claim of refold.once", "step 6, dead_letter",
      "the end of the run",
    ]
    func around(_ names: [String]) -> [String] {
      names.flatMap { ["before the commit of \($0)", "after the commit of \($0)"] }
    }
    #expect(
      try run.moments()
        == around(changes) + [
          "before crm.create_contact leaves",
          "after crm.create_contact was answered, before the answer is taken",
        ] + around(rest))
    #expect(try run.ending()?.state == .done)
    #expect(
      try run.kept() == [
        "dead letter of a for acme: {\"a\":1}", "refold.once o for acme is done: ",
        "value k of a for acme: 1767268900",
      ])
  }

  @Test func `what is durable at a moment is what was committed before`() throws {
    let path = folder.file("state.db")
    let seen = Mutex<[Int: [String]]>([:])
    let points = CrashPoints { number in
      // Another connection sees what a process would find that goes on after a crash.
      guard let database = try? StateDatabase.openForReading(path),
        let rows = try? database.statement("SELECT kind, state FROM steps ORDER BY id")
      else { return }
      var steps: [String] = []
      while (try? rows.step()) == true {
        steps.append("\(rows.text(0) ?? "") \(rows.text(1) ?? "")")
      }
      seen.withLock { $0[number] = steps }
    }
    let run = try recorded(Self.code, points: points)
    defer { run.close() }
    _ = try run.perform(on: ScriptedBackend())
    let moments = try run.moments()
    func steps(at moment: String) throws -> [String]? {
      let index = try #require(moments.firstIndex(of: moment))
      return seen.withLock { $0[index + 1] }
    }
    let before = ["read done", "sleep done"]
    #expect(
      try steps(at: "before the commit of the intent of step 3, crm.create_contact") == before)
    #expect(try steps(at: "before crm.create_contact leaves") == before + ["write begun"])
    // Nobody waits for the outcome: it lies until something else is waited for.
    #expect(
      try steps(at: "before the commit of the outcome of step 3, crm.create_contact")
        == before + ["write begun"])
    #expect(
      try steps(at: "after the commit of the outcome of step 3, crm.create_contact")
        == before + ["write done"])
  }

  @Test func `a run that fails is taken up where the test was, at the time it was left`() throws {
    let failing = ScriptedBackend { call in
      guard call.action == "create_contact", case .execute = call.operation else { return nil }
      return .failure(ActionError(.permanent, code: "c", message: "it failed", about: call))
    }
    let first = try recorded(Self.code, time: 5_000_000_000)
    #expect(try first.perform(on: failing).failure?.code == "c")
    #expect(first.clock.now == 105_000_000_000)
    first.close()
    let again = try RecordedTestRun(
      TestedRun(
        file: folder.file("scripts/a_test.lua"), script: "a", account: "acme",
        input: Array(#"{"email":"a"}"#.utf8), time: 0), TestOptions(),
      statePath: folder.file("state.db"), clock: .virtual(from: first.clock.now))
    defer { again.close() }
    let backend = ScriptedBackend()
    #expect(
      try again.perform(on: backend).text
        == #"{"clock":105,"id":"run_crashpoint0000000000","made":"a"}"#)
    #expect(backend.executed == [#"crm.create_contact {"email":"a"}"#])
  }

  @Test func `a change that fails says so to whoever waits next, and takes no other with it`()
    throws
  {
    let points = CrashPoints()
    let store = SQLiteStateStore(databasePath: folder.file("stepped.db"), points: points)
    try store.openAndWait()
    #expect(store.isOpen)
    struct Bad: Error {}
    store.writer.add({ _ in throw Bad() })
    let failed = #expect(throws: ActionError.self) {
      try Answer<Bool>().wait {
        store.put([49], at: "k", on: StateStoreTests.shelf, ifVersion: nil, $0)
      }
    }
    #expect(failed?.code == "state_failed")
    #expect(try store.entry("k", on: StateStoreTests.shelf)?.value == [49])
    #expect(
      try Answer<Bool>().wait {
        store.put(nil, at: "k", on: StateStoreTests.shelf, ifVersion: nil, $0)
      })
    store.close()
    #expect(!store.isOpen)
  }

  @Test func `what a test has kept so far is there for its run`() throws {
    let memory = MemoryStateStore { .seconds(100) }
    let shelf = StateShelf(account: "acme", script: "a")
    memory.put([49], at: "k", on: shelf, ifVersion: nil) { _ in }
    var claim = StateClaim(account: "acme", key: "done")
    memory.claim(claim, window: nil) { _ in }
    memory.settle(claim, .done([50])) { _ in }
    claim = StateClaim(account: "acme", key: "stopped")
    memory.claim(claim, window: .seconds(1_000_000_000_000)) { _ in }
    memory.settle(claim, .interrupted) { _ in }
    try RecordedTestRun.prepare(folder.file("state.db"), memory)
    let run = try recorded(
      """
      local ok, err = pcall(refold.once, "stopped", function() return 7 end)
      return { refold.store.get("k"), refold.once("done", function() return 3 end), err.code }
      """)
    defer { run.close() }
    #expect(
      try run.perform(on: ScriptedBackend()).text == #"[1,2,"once_interrupted"]"#)
  }
}
