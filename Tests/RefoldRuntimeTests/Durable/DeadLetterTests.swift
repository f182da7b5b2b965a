import Posix
import RefoldActions
import RefoldTesting
import SQLite
import Testing

@testable import RefoldRuntime

/// Dead letters: what every store does with them, what scripts see, and what resuming makes of them.
@Suite final class DeadLetterTests: JournalBench {
  private func letter(_ id: String, record: String = "{}", message: String = "m") -> DeadLetter {
    DeadLetter(
      id: id, run: "run_a", script: "load", path: "/p/load.lua", source: nil, account: "acme",
      backend: "sandbox x", record: Array(record.utf8), recordBytes: record.utf8.count,
      failure: Array("{\"message\":\"\(message)\"}".utf8), place: "load.lua:3", created: 5,
      tried: 5)
  }

  @Test(arguments: StateStoreTests.Kind.allCases)
  func `a letter is what was buried, and again is one more attempt`(
    kind: StateStoreTests.Kind
  ) throws {
    let bench = try StateStoreTests.Bench(kind)
    let first = letter("dl_a", record: #"{"x":"é"}"#)
    #expect(try bench.store.letter("dl_a") == nil)
    try Answer<Void>().wait { bench.store.bury(first, $0) }
    #expect(try bench.store.letter("dl_a") == first)
    var second = letter("dl_a", record: "ignored", message: "n")
    (second.run, second.place, second.created, second.tried) = ("run_b", nil, 8, 9)
    try Answer<Void>().wait { [second] in bench.store.bury(second, $0) }
    var expected = first
    (expected.run, expected.place, expected.tried) = ("run_b", nil, 9)
    (expected.failure, expected.attempts) = (second.failure, 2)
    #expect(try bench.store.letter("dl_a") == expected)
    #expect(try bench.store.letter("dl_b") == nil)
  }

  // MARK: - Scripts

  private func errors() throws -> [String] {
    try DeadLetters(store).list().map { String(decoding: $0.failure, as: UTF8.self) }
  }

  @Test func `a letter has the run, the script, the account and the place`() throws {
    let outcome = try run("\nreturn refold.dead_letter({ b = 1, a = refold.null }, 'no')")
    let letters = try DeadLetters(store).list()
    let letter = try #require(try DeadLetters(store).letter(letters.first?.id ?? ""))
    #expect(outcome.text == "\"\(letter.id)\"")
    #expect(letter.run == outcome.runID)
    #expect(letter.account == "acme")
    #expect(letter.place == "script.lua:2")
    #expect(letter.attempts == 1)
    #expect(letter.created == letter.tried)
    #expect(String(decoding: letter.record, as: UTF8.self) == #"{"a":null,"b":1}"#)
    #expect(letters.first?.record == [])
    #expect(letters.first?.recordBytes == 16)
  }

  @Test(arguments: [
    ("nil", #"{"message":"nil"}"#),
    ("'text'", #"{"message":"text"}"#),
    ("7", #"{"message":"7"}"#),
    (
      "{ message = 'm', code = 'c', deep = { 1, { x = true } } }",
      #"{"code":"c","deep":[1,{"x":true}],"message":"m"}"#
    ),
    (
      "setmetatable({ code = 'c' }, { __tostring = function() return 'shown' end })",
      #"{"code":"c","message":"shown"}"#
    ),
    (
      "{ message = 'm', nan = 0 / 0, [1] = 'one' }",
      #"{"1":"one","message":"m","nan":"\#("NAN")"}"#
    ),
    (
      "{ message = 'said hunter2hunter2 to it', password = 'hunter2hunter2' }",
      #"{"message":"said [redacted] to it","password":"[redacted]"}"#
    ),
    (
      "{ message = 'sent Bearer abcdefghijklmnop1234567890 there' }",
      #"{"message":"sent Bearer [redacted] there"}"#
    ),
  ])
  func `an error keeps its fields, without secrets`(error: String, expected: String) throws {
    #expect(try run("refold.dead_letter(1, \(error))").failure == nil)
    let nan = try errors().first?.contains("-nan") == true ? "-nan" : "nan"
    #expect(try errors() == [expected.replacing("NAN", with: nan)])
  }

  @Test func `the error of an action keeps what the API said`() throws {
    let backend = failing("get_contact", .permanent)
    let code = """
      local ok, err = pcall(refold.exec, "crm", "get_contact")
      refold.dead_letter({ id = 1 }, err)
      """
    #expect(try run(code, on: backend).failure == nil)
    #expect(
      try errors() == [
        #"{"account":"acme","action":"get_contact","app":"crm","code":"c","kind":"permanent","message":"it failed","retryable":false,"script":"script.lua:1"}"#
      ])
  }

  @Test(arguments: [
    (
      "refold.dead_letter()",
      "script_error: bad argument 'record' (#1) to 'dead_letter': value expected, got no value"
    ),
    (
      "refold.dead_letter({ x = { 1, print } })",
      "script_error: bad argument 'record' (#1) to 'dead_letter': $.x[2]: a function has no JSON form"
    ),
    (
      "table.sort({ 1, 2 }, function() refold.dead_letter(1) end)",
      "script_error: a call that waits cannot be made inside a C function such as table.sort or string.gsub, or while a module loads"
    ),
  ])
  func `what cannot be kept is an error`(code: String, text: String) throws {
    #expect(try run(code).text == text)
    #expect(try DeadLetters(store).list().isEmpty)
  }

  @Test func `records count as output`() throws {
    var configuration = Lane.Configuration(random: { 0 }, store: store)
    configuration.journal = journal
    var options = RunOptions(account: "acme")
    options.budget.outputBytes = 150
    let code = "for i = 1, 9 do refold.dead_letter(('x'):rep(60)) end"
    let script = Script(name: "script.lua", source: Array(code.utf8), moduleFolders: [])
    let outcome = Lane(backend: ScriptedBackend(), configuration).run(script, options)
    #expect(outcome.failure?.code == "output_limit")
    #expect(try DeadLetters(store).list().count == 1)
  }

  @Test func `a full disk is an error`() throws {
    try store.openAndWait()
    let text = """
      refold.dead_letter(1)
      local ok, err = pcall(refold.dead_letter, ('x'):rep(2000000))
      return { ok, err.code, err.kind }
      """
    // The database may not grow: what the disk would say when it is full.
    try Answer<Void>().wait { onEnd in
      store.writer.write({ try $0.execute("PRAGMA max_page_count = 40") }, onEnd)
    }
    #expect(try run(text).text == #"[false,"state_disk_full","permanent"]"#)
    #expect(try DeadLetters(store).list().count == 1)
  }

  // MARK: - Resuming and trying again

  @Test func `a resumed run keeps no record twice`() throws {
    let code = "local id = refold.dead_letter({ n = 1 }, os.clock()) "
    let first = try run(code + "error(id)")
    let letters = try DeadLetters(store).list()
    #expect(try run(code + "return id", resuming: first.runID).text == "\"\(letters[0].id)\"")
    #expect(try DeadLetters(store).list() == letters)
  }

  @Test func `a letter that is there already holds nothing up`() throws {
    let code = "refold.dead_letter({ n = 1 }, 'no') refold.sleep(5) "
    let first = try run(code + "error('stop')", isVirtual: true)
    #expect(
      try run(code + "return 1", resuming: first.runID, isVirtual: true, timeout: .seconds(20)).text
        == "1")
  }

  private func retry(_ code: String) throws -> (DeadLetter, RunOutcome) {
    let letters = try DeadLetters(store)
    let letter = try letters.take(letters.find("last"))
    var options = RunOptions(account: "acme", input: letter.record)
    options.letter = letter
    let script = Script(name: "script.lua", source: Array(code.utf8), moduleFolders: [])
    let lane = Lane(backend: ScriptedBackend(), .init(random: { 0 }, store: store))
    return (letter, lane.run(script, options))
  }

  @Test func `a letter is removed by a success only`() throws {
    _ = try run("refold.dead_letter({ n = 1 }, 'first')")
    let letters = try DeadLetters(store)
    let (failing, failed) = try retry("error({ message = 'second', code = 'c' })")
    let failure = try #require(failed.failure)
    guard
      case .kept(let left) = try letters.fail(
        failing, error: Array("{\"message\":\"\(failure.message)\"}".utf8),
        at: failure.location?.description, run: failed.runID)
    else {
      return #expect(Bool(false), "the letter is gone")
    }
    #expect(left.attempts == 2)
    #expect(left.run == failed.runID)
    #expect(String(decoding: left.failure, as: UTF8.self) == #"{"message":"second"}"#)
    #expect(left.place == "script.lua:1")
    let (again, caught) = try retry("return refold.dead_letter(refold.input, 'third')")
    #expect(caught.text == "\"\(failing.id)\"")
    guard case .kept(let third) = try letters.succeed(again) else {
      return #expect(Bool(false), "the letter is gone")
    }
    #expect(third.attempts == 3)
    #expect(third.created == failing.created)
    let (last, done) = try retry("return refold.input.n")
    #expect(done.text == "1")
    #expect(try letters.succeed(last) == .removed)
    #expect(try letters.list().isEmpty)
  }

  @Test func `a letter that is being tried is nobody else's, until the process has died`() throws {
    _ = try run("refold.dead_letter({ n = 1 })")
    let letters = try DeadLetters(store)
    let letter = try letters.take(letters.find("last"))
    for attempt in [{ _ = try letters.take(letter.id) }, { try letters.drop(letter.id) }] {
      let error = #expect(throws: ActionError.self) { try attempt() }
      #expect(error?.code == "letter_busy")
      #expect(error?.message == "dead letter '\(letter.id)' is being tried")
    }
    // The process of this number does not live.
    try Answer<Void>().wait { onEnd in
      store.writer.write({ try $0.execute("UPDATE dead_letters SET owner = 1") }, onEnd)
    }
    #expect(try letters.take(letter.id) == letter)
    try letters.release(letter)
    try letters.drop(letter.id)
    #expect(try letters.list().isEmpty)
  }

  // MARK: - Older schemas

  @Test func `runs and values of the schema before letters stay`() throws {
    let path = folder.file("old.db")
    let old = try SQLiteConnection(path)
    for migration in StateDatabase.migrations.prefix(2) { try old.execute(migration) }
    try old.execute(
      """
      PRAGMA user_version = 2; PRAGMA application_id = 0x52464C44;
      INSERT INTO entries VALUES ('acme', 's', 'a', '"old"', 7, 0);
      INSERT INTO runs (id, script, path, account, backend, seed, state, owner, started)
        VALUES ('run_old', 's', '/s.lua', 'acme', 'sandbox x', 1, 'done', 1, 5)
      """)
    let migrated = SQLiteStateStore(databasePath: path)
    try migrated.openAndWait()
    let letter = letter("dl_a")
    try Answer<Void>().wait { migrated.bury(letter, $0) }
    #expect(try migrated.letter("dl_a") == letter)
    #expect(try Journal(migrated).run("run_old").script == "s")
    let shelf = StateShelf(account: "acme", script: "s")
    #expect(try migrated.entry("a", on: shelf)?.version == 7)
    #expect(try old.userVersion() == StateDatabase.version)
  }
}
