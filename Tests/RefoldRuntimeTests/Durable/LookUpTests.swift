import Posix
import RefoldActions
import RefoldTesting
import Testing

@testable import RefoldRuntime

/// What a resumed run makes of writes of unknown outcome: they are looked up as the script says.
@Suite final class LookUpTests: JournalBench {
  // MARK: - Found, or not

  @Test func `what is found is adopted`() throws {
    let code = looking(reads)
    let id = try unknown(code)
    let backend = ScriptedBackend()
    var lines: [String] = []
    let outcome = try run(code, on: backend, resuming: id) { lines.append($0.message) }
    #expect(
      outcome.text == #"[{"action":"get_contact","sent":{"limit":"1"}},"Success","get_contact"]"#)
    #expect(
      backend.executed == [
        #"crm.get_contact {"limit":"1"}"#, #"crm.get_contact {"limit":"1"}"#,
      ])
    #expect(lines == ["step 2, crm.create_contact: 'find' has found it; adopted"])
    #expect(outcome.statistics.adopted == 1)
    #expect(outcome.statistics.replayed == 1)
    #expect(outcome.statistics.applied == ["crm.create_contact": 1])
    #expect(
      try steps(id) == [
        "1 read crm.get_contact done ×1 script.lua:1",
        "2 write crm.create_contact done ×1 script.lua:2",
        "5 lookUp crm.get_contact done ×1 script.lua:2",
        "6 read crm.get_contact done ×1 script.lua:5",
      ])
    let write = try journal.write(2, of: id)
    #expect(write.outcome == "adopted")
    #expect(write.step.isAdopted)
    #expect(try journal.run(id).unknownWrites == 0)
    #expect(try journal.run(id).steps == 3)
  }

  @Test func `what was adopted is answered from the journal`() throws {
    let code = looking(reads)
    let id = try unknown(code)
    #expect(try run(code + " error('stop')", resuming: id).failure != nil)
    let stopped = try run(
      code.replacing("return { made", with: "error('stop') return { made"), resuming: id)
    #expect(stopped.failure?.code == "script_error")
    let backend = ScriptedBackend()
    #expect(try run(code, on: backend, resuming: id).failure == nil)
    #expect(backend.executed.isEmpty)
  }

  @Test func `what is certainly absent is sent`() throws {
    let code = looking("return nil")
    let id = try unknown(code)
    let backend = ScriptedBackend()
    var lines: [String] = []
    let outcome = try run(code, on: backend, resuming: id) { lines.append($0.message) }
    #expect(
      outcome.text == #"[{"action":"create_contact","sent":{"email":"a"}},"Success","get_contact"]"#
    )
    #expect(
      backend.executed == [#"crm.create_contact {"email":"a"}"#, #"crm.get_contact {"limit":"1"}"#])
    #expect(lines == ["step 2, crm.create_contact: 'find' has found nothing; sent now"])
    #expect(
      try steps(id) == [
        "1 read crm.get_contact done ×1 script.lua:1",
        "2 write crm.create_contact unsent ×1 script.lua:2",
        "4 write crm.create_contact done ×1 script.lua:2",
        "5 read crm.get_contact done ×1 script.lua:5",
      ])
    #expect(try journal.write(2, of: id).step.knownBy == .lookUp)
    #expect(try journal.write(4, of: id).step.knownBy == nil)
  }

  @Test func `a write that is sent again can become unknown again`() throws {
    let code = looking("return nil")
    let id = try unknown(code)
    let second = try run(code, on: failing("create_contact", .unknownOutcome), resuming: id)
    #expect(second.statistics.unknownWrites == ["crm.create_contact"])
    let backend = ScriptedBackend()
    #expect(try run(code, on: backend, resuming: id).failure == nil)
    #expect(backend.executed.first == #"crm.create_contact {"email":"a"}"#)
  }

  @Test(arguments: [
    (
      "return 7",
      "'find' returned an integer: return what the action would have answered as data, or nil when "
        + "it is certainly not there"
    ),
    ("return { { a = 1 }, { a = 2 } }", "'find' has found 2 records"),
    ("return { f = print }", "what was found can't be an answer: $.f: a function has no JSON form"),
    ("error('no idea', 0)", "the look-up failed: no idea"),
    ("error({ message = 'no idea' })", "the look-up failed: no idea"),
    ("coroutine.yield()", "'find' yields, and has to return"),
    (
      "refold.exec('crm', 'create_contact', nil, { email = 'b' })",
      "the look-up failed: crm.create_contact changes something, and 'find' only looks"
    ),
    (
      "refold.store.set('a', 1)",
      "the look-up failed: refold.store changes something, and 'find' only looks"
    ),
    (
      "refold.store.update('a', function() return 1 end)",
      "the look-up failed: refold.store changes something, and 'find' only looks"
    ),
    (
      "refold.once('a', print)",
      "the look-up failed: refold.once changes something, and 'find' only looks"
    ),
    (
      "refold.dead_letter({})",
      "the look-up failed: refold.dead_letter changes something, and 'find' only looks"
    ),
  ])
  func `where nobody can tell, the run ends and says why`(find: String, why: String) throws {
    let code = looking(find)
    let id = try unknown(code)
    let backend = ScriptedBackend()
    let outcome = try run("pcall(function()\n\(code)\nend)", on: backend, resuming: id)
    #expect(backend.executed.isEmpty)
    let failure = try #require(outcome.failure)
    #expect(failure.code == "write_unknown")
    #expect(failure.kind.exitStatus == 10)
    #expect(
      failure.message.split(separator: "\n").dropFirst().map(String.init) == ["  looked up: \(why)"]
    )
    #expect(
      failure.hint
        == "look in the app, then say so: 'refold runs resume \(id) --applied 2' or '--absent 2'")
    #expect(failure.location?.line == 3)
    #expect(try journal.run(id).unknownWrites == 1)
    // It can be looked up again, in a better way.
    #expect(try run(looking("return { id = 1 }"), resuming: id).failure == nil)
  }

  @Test func `without a look-up the run ends at the write`() throws {
    let code = looking("return { id = 1 }")
    let id = try unknown(code)
    let outcome = try run(code, resuming: id, settle: nil)
    #expect(outcome.failure?.code == "write_unknown")
    #expect(outcome.failure?.message.contains("looked up") == false)
    #expect(
      outcome.failure?.hint
        == "look in the app, then say so: 'refold runs resume \(id) --applied 2' or '--absent 2'")
  }

  @Test func `what a person says comes first`() throws {
    let code = looking("error('not asked')")
    let id = try unknown(code)
    let answer = Array(#"{"data":{"id":"7"},"node_status":"Success"}"#.utf8)
    #expect(
      try run(code, resuming: id, [2: .applied(answer)]).text
        == #"[{"id":"7"},"Success","get_contact"]"#)
    #expect(try journal.write(2, of: id).step.knownBy == .person)
    #expect(try journal.write(2, of: id).outcome == "applied")
  }

  @Test func `a call with a key of its own is looked up as others are`() throws {
    let code = looking("return { id = params.email }", ", key = 'k'")
    let id = try unknown(code)
    #expect(try run(code, resuming: id).text == #"[{"id":"a"},"Success","get_contact"]"#)
  }

  // MARK: - Around it

  @Test func `it works inside pcall, try, coroutines and with lazy answers`() throws {
    let code = """
      local function find() return refold.exec("crm", "get_contact").data end
      local function create(email)
        return refold.exec("crm", "create_contact", nil, { email = email }, { find = find, lazy = true })
      end
      local ok, one = pcall(create, "a")
      local two, err = refold.try("crm", "create_contact", nil, { email = "b" }, { find = find })
      local three = select(2, coroutine.resume(coroutine.create(function()
        local inner = coroutine.wrap(function() return create("c") end)
        return inner()
      end)))
      local function action(reply) return type(reply) == "table" and reply.data and reply.data.action or "none" end
      return { ok, action(one), action(two), action(three), err }
      """
    let first = try run(code + " --", on: failing("create_contact", .unknownOutcome, times: 3))
    #expect(try journal.run(first.runID).unknownWrites == 3)
    let id = try run(
      code.replacing("return { ok", with: "error('stop') return { ok"),
      on: failing("create_contact", .unknownOutcome, times: 3)
    ).runID
    let outcome = try run(code, resuming: id)
    #expect(outcome.text == #"[true,"get_contact","get_contact","get_contact"]"#)
    #expect(outcome.statistics.adopted == 3)
  }

  @Test func `children look up at the same time, and one wait serves all`() throws {
    let code = """
      local list = {}
      for i = 1, 10 do list[i] = i end
      local results = refold.map(list, function(i)
        return refold.exec("crm", "create_contact", nil, { email = "e" .. i }, {
          find = function(params)
            local all = refold.map({ 1, 2 }, function(n)
              return refold.exec("crm", "get_contact", nil, { limit = params.email .. n }).data.sent.limit
            end)
            return i % 2 == 0 and { email = all[2] } or nil
          end,
        }).data
      end, { settle = true })
      for _, result in ipairs(results) do if not result.ok then error("stop") end end
      local seen = {}
      for i, result in ipairs(results) do seen[i] = result.value.email or result.value.action end
      return seen
      """
    let id = try run(code, on: failing("create_contact", .unknownOutcome, times: 10)).runID
    #expect(try journal.run(id).unknownWrites == 10)
    let backend = ScriptedBackend()
    let start = MonotonicTime.now()
    let outcome = try run(code, on: backend, resuming: id, settle: .seconds(2))
    #expect(MonotonicTime.now() - start < .seconds(5))
    #expect(
      outcome.text
        == #"["create_contact","e22","create_contact","e42","create_contact","e62","create_contact","e82","create_contact","e102"]"#
    )
    #expect(outcome.statistics.adopted == 5)
    #expect(backend.executed.count { $0.hasPrefix("crm.create_contact") } == 5)
    // Two reads a look: one look for those that are there, at 0, 1 and 2 s for the others.
    #expect((20...40).contains(outcome.statistics.reads))
  }

  @Test func `time, chance and the script's own steps are what they were`() throws {
    let code = """
      local before = { os.time(), refold.store.get("n") }
      local made = refold.exec("crm", "create_contact", nil, { email = "a" .. before[1] }, {
        find = function()
          refold.sleep(0.01)
          return { at = os.time() > 0, n = refold.store.get("n") or "none", date = os.date("!%Y") > "2000" }
        end,
      })
      local after = refold.exec("crm", "get_contact", nil, { limit = os.time() .. " " .. math.random(1000) })
      return made.data
      """
    let first = try run(
      code.replacing("local made = refold.exec(", with: "local _, made = pcall(refold.exec, ")
        + "\n, error('stop')",
      on: failing("create_contact", .unknownOutcome))
    #expect(first.failure != nil)
    let id = try run(
      code.replacing("local made = refold.exec(", with: "local _, made = pcall(refold.exec, ")
        .replacing("return made.data", with: "error('stop')"),
      on: failing("create_contact", .unknownOutcome)
    ).runID
    let backend = ScriptedBackend()
    let outcome = try run(code, on: backend, resuming: id)
    #expect(outcome.text == #"{"at":true,"date":true,"n":"none"}"#)
    #expect(backend.executed.isEmpty)
  }

  @Test func `permissions and limits hold for look-ups`() throws {
    let code = looking(reads)
    let id = try unknown(code)
    func only(_ rule: String) -> [Permissions] {
      [Permissions(source: "'--allow-read'", reads: [Permissions.Rule(rule)].compactMap { $0 })]
    }
    #expect(
      try run(code, resuming: id, permissions: only("other")).failure?.code == "not_permitted")
    let narrow = looking("return refold.exec('crm', 'list_contacts').data")
    let outcome = try run(narrow, resuming: id, permissions: only("crm:get_contact"))
    #expect(outcome.failure?.code == "write_unknown")
    #expect(
      outcome.failure?.message.hasSuffix(
        "looked up: the look-up failed: crm.list_contacts reads, and '--allow-read' permits only crm.get_contact"
      ) == true, "\(outcome.failure?.message ?? "")")
    let many = looking("for i = 1, 20 do refold.exec('crm', 'get_contact') end")
    let limited = try run(many, resuming: id, calls: 10)
    #expect(limited.failure?.code == "call_limit")
    #expect(try journal.run(id).unknownWrites == 1)
    let last = try run(
      looking(reads.replacing("return", with: "local x =")), resuming: id, calls: 1)
    #expect(last.failure?.code == "call_limit")
  }

  @Test func `a look-up that fails for a while is made again, and then decides nothing`() throws {
    let code = looking(reads)
    let id = try unknown(code)
    let dead = failing("get_contact", .transient, times: 100)
    let outcome = try run(code, on: dead, resuming: id)
    #expect(dead.executed.count == 4)
    #expect(outcome.failure?.code == "write_unknown")
    #expect(outcome.failure?.message.hasSuffix("looked up: the look-up failed: it failed") == true)
    #expect(try steps(id).last == "5 lookUp crm.get_contact failed ×4 script.lua:2")
    #expect(
      try run(code, on: failing("get_contact", .transient, times: 2), resuming: id).failure == nil)
  }
}

/// Scripts with a write that is looked up.
extension JournalBench {
  /// A script whose second call is looked up by its first action.
  func looking(_ find: String, _ options: String = "") -> String {
    """
    refold.exec("crm", "get_contact", nil, { limit = "1" })
    local made = refold.exec("crm", "create_contact", nil, { email = "a" }, {
      find = function(params, began) \(find) end\(options)
    })
    local again = refold.exec("crm", "get_contact", nil, { limit = "1" })
    return { made.data, made.node_status, again.data.action }
    """
  }

  func unknown(_ code: String) throws -> String {
    try run(code, on: failing("create_contact", .unknownOutcome)).runID
  }

  var reads: String { #"return refold.exec("crm", "get_contact", nil, { limit = "1" }).data"# }
}
