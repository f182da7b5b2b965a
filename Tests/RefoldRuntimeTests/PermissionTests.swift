import RefoldActions
import RefoldRuntime
import Testing

/// What a run may read and write, and how much.
@Suite struct PermissionTests {
  private func run(
    _ code: String, on backend: ScriptedBackend = ScriptedBackend(),
    permissions: [Permissions] = [], budget: Budget = Budget(),
    log: @escaping (LogLine) -> Void = { _ in },
    onDecision: @escaping (PermissionDecision) -> Void = { _ in }
  ) -> RunOutcome {
    let lane = Lane(backend: backend, .init(log: log, onDecision: onDecision))
    var options = RunOptions(account: "acme")
    options.permissions = permissions
    options.budget = budget
    return lane.run(
      Script(name: "script.lua", source: Array(code.utf8), moduleFolders: []), options)
  }

  private static let read = "refold.exec('crm', 'get_contact')"
  private static let write = "refold.exec('crm', 'create_contact', nil, { email = 'x' })"

  private static func rules(_ texts: String...) -> [Permissions.Rule] {
    texts.compactMap { Permissions.Rule($0) }
  }

  @Test(
    arguments: [
      ("crm", "crm", nil), ("crm.get", "crm", "get"), ("crm:get_x", "crm", "get_x"),
      ("crm:a.b", "crm", "a.b"),
    ] as [(String, String, String?)])
  func `a rule names an app or an action`(text: String, app: String, action: String?) {
    let rule = Permissions.Rule(text)
    #expect(rule?.app == app)
    #expect(rule?.action == action)
  }

  @Test(arguments: ["", ".", "crm.", ":get", "crm:"]) func `a rule without a name is none`(
    text: String
  ) {
    #expect(Permissions.Rule(text) == nil)
  }

  @Test(arguments: [
    (
      Permissions(source: "'--read-only'", writes: []), write,
      "crm.create_contact writes, and '--read-only' permits no write",
      "run it without '--read-only'"
    ),
    (
      Permissions(source: "'--allow-write'", writes: rules("crm.update_contact", "erp")), write,
      "crm.create_contact writes, and '--allow-write' permits only crm.update_contact, erp",
      "add 'crm:create_contact' to '--allow-write'"
    ),
    (
      Permissions(source: "'--allow-read'", reads: rules("erp")), read,
      "crm.get_contact reads, and '--allow-read' permits only erp",
      "add 'crm:get_contact' to '--allow-read'"
    ),
  ])
  func `a call that is not permitted is refused before anything is sent`(
    permissions: Permissions, code: String, message: String, hint: String
  ) {
    let backend = ScriptedBackend()
    let failure = run(code, on: backend, permissions: [permissions]).failure
    #expect(failure?.message == message)
    #expect(failure?.hint == hint)
    #expect(failure?.code == "not_permitted")
    #expect(failure?.kind.exitStatus == 7)
    #expect(backend.calls == [])
  }

  @Test(arguments: [
    Permissions(source: "a", reads: rules("crm"), writes: rules("crm")),
    Permissions(source: "a", reads: rules("crm.get_contact"), writes: rules("crm:create_contact")),
    Permissions(source: "a"),
  ])
  func `a call that is permitted is sent`(permissions: Permissions) {
    let outcome = run("\(Self.read) \(Self.write) return 1", permissions: [permissions])
    #expect(outcome.text == "1")
  }

  @Test func `every source has to permit a call`() {
    let all = Permissions(source: "a", writes: Self.rules("crm"))
    let none = Permissions(source: "b", writes: [])
    #expect(run(Self.write, permissions: [all, none]).failure?.code == "not_permitted")
  }

  private static func declared(_ permissions: String, _ body: String) -> String {
    "return { permissions = \(permissions), run = function() \(body) return 1 end }"
  }

  @Test(arguments: [
    ("{ read = { 'crm' }, write = { 'crm.create_contact' } }", read + write, "1"),
    (
      "{ read = { 'crm' } }", write,
      "not_permitted: crm.create_contact writes, and the script permits no write"
    ),
    (
      "{ write = { 'crm' } }", read,
      "not_permitted: crm.get_contact reads, and the script permits no read"
    ),
    (
      "{ accounts = { 'globex' }, read = { 'crm' } }",
      "refold.exec('crm', 'get_contact', 'globex')", "1"
    ),
    (
      "{ reads = { 'crm' } }", "",
      "declaration_invalid: the script's declaration is wrong: permissions has no field 'reads'"
    ),
    ("3", "", "declaration_invalid: the script's declaration is wrong: permissions is a number"),
    (
      "{ read = 'crm' }", "",
      "declaration_invalid: the script's declaration is wrong: permissions.read is a string"
    ),
    (
      "{ read = { 'crm.' } }", "",
      "declaration_invalid: the script's declaration is wrong: permissions.read holds 'crm.'"
    ),
  ])
  func `a script's own permissions hold`(permissions: String, body: String, text: String) {
    #expect(run(Self.declared(permissions, body)).text == text)
  }

  @Test func `each decision is told`() {
    var decisions: [PermissionDecision] = []
    let permissions = Permissions(source: "'--read-only'", writes: [])
    let outcome = run(
      "\(Self.read) pcall(function() \(Self.write) end) return 1", permissions: [permissions],
      onDecision: { decisions.append($0) })
    #expect(outcome.text == "1")
    #expect(
      decisions == [
        PermissionDecision(
          runID: outcome.runID, account: "acme", app: "crm", action: "get_contact", effect: .read,
          refusal: nil),
        PermissionDecision(
          runID: outcome.runID, account: "acme", app: "crm", action: "create_contact",
          effect: .write,
          refusal: "crm.create_contact writes, and '--read-only' permits no write"),
      ])
  }

  // MARK: - Limits

  private func budget(calls: Int = 10, writes: Int = 10, output: Int = 1000) -> Budget {
    var budget = Budget()
    (budget.calls, budget.writes, budget.outputBytes) = (calls, writes, output)
    return budget
  }

  @Test func `the limit of calls ends the run, and pcall does not hold it up`() {
    let backend = ScriptedBackend()
    let outcome = run(
      "for i = 1, 5 do\n  pcall(function() \(Self.read) end)\nend\nreturn 1", on: backend,
      budget: budget(calls: 3))
    #expect(outcome.text == "call_limit: limit of 3 calls reached")
    #expect(outcome.failure?.location?.description == "script.lua:2")
    #expect(outcome.failure?.kind.exitStatus == 7)
    #expect(backend.executed.count == 3)
    #expect(run("for i = 1, 3 do \(Self.read) end return 1", budget: budget(calls: 3)).text == "1")
  }

  @Test func `the limit of writes ends the run, and reads go on until then`() {
    let backend = ScriptedBackend()
    let outcome = run(
      "for i = 1, 5 do \(Self.read) \(Self.write) end", on: backend, budget: budget(writes: 1))
    #expect(outcome.text == "write_limit: limit of 1 write reached")
    #expect(outcome.statistics.reads == 2)
    #expect(outcome.statistics.writes == 1)
  }

  @Test(arguments: [
    "while true do print('0123456789') end",
    "table.sort({ 3, 2, 1 }, function(a, b) while true do refold.log.info('0123456789') end end)",
    "while true do pcall(refold.log.info, 'x', { field = 1 }) end",
    "return ('x'):rep(2000)",
  ])
  func `the limit of output ends the run`(code: String) {
    var bytes = 0
    let outcome = run(code, budget: budget(output: 1000), log: { bytes += $0.message.utf8.count })
    #expect(outcome.text == "output_limit: limit of 1000 bytes of output reached")
    #expect(bytes <= 1000)
  }

  @Test(arguments: [
    ("{ calls = 1 }", "call_limit: limit of 1 call reached"),
    ("{ calls = 100 }", "call_limit: limit of 2 calls reached"),
    ("{ writes = 0 }", "1"), ("{ output = 5, calls = 1 }", "call_limit: limit of 1 call reached"),
    (
      "{ call = 1 }",
      "declaration_invalid: the script's declaration is wrong: budget has no field 'call'"
    ),
    (
      "{ calls = 'x' }",
      "declaration_invalid: the script's declaration is wrong: budget.calls is no whole number"
    ),
  ])
  func `a script may limit itself, and the strictest limit wins`(declared: String, text: String) {
    let reads = declared.contains("writes") ? Self.read : Self.read + Self.read + Self.read
    let code = "return { budget = \(declared), run = function() \(reads) return 1 end }"
    #expect(run(code, budget: budget(calls: 2)).text == text)
  }

  @Test func `the limit is one for all children`() {
    let outcome = run(
      "refold.map({ 1, 2, 3, 4 }, function() \(Self.read) end)", budget: budget(calls: 3))
    #expect(outcome.text == "call_limit: limit of 3 calls reached")
  }
}
