import LuaSyntax
import RefoldCheck
import Testing

/// What each rule finds, in which words, and what it leaves alone.
@Suite struct RuleTests {
  private static let create = "refold.exec(\"hubspot\", \"create_contact\", nil, "

  @Test(arguments: [
    (
      "pritn(1)", "1:1 error undefined-global: undefined global 'pritn'; fix: did you mean 'print'?"
    ),
    (
      "local total = 1 return totl + total",
      "1:24 error undefined-global: undefined global 'totl'; fix: did you mean 'total'?"
    ),
    (
      "return json.null",
      "1:8 error undefined-global: undefined global 'json'; fix: write 'local json = require(\"json\")' first"
    ),
    (
      "return io.open",
      "1:8 error undefined-global: undefined global 'io'; fix: scripts have no 'io'; see 'refold help scripts'"
    ),
    (
      "return é_", "1:8 error syntax: unexpected symbol near '<\\195>'"
    ),
    (
      "x = 1 return x",
      "1:1 warning global-assignment: 'x' is set as a global; fix: write 'local' before it"
    ),
    (
      "function print() end",
      "1:10 warning global-assignment: 'print' is replaced for all modules of the run; "
        + "fix: give it another name, and 'local'"
    ),
    (
      "return refold.exce",
      "1:15 error unknown-field: 'refold' has no field 'exce'; fix: did you mean 'exec'?"
    ),
    (
      "local s <const> = string return s.fromat",
      "1:35 error unknown-field: 'string' has no field 'fromat'; fix: did you mean 'format'?"
    ),
    (
      "return refold.log.trace",
      "1:19 error unknown-field: 'refold.log' has no field 'trace'; fix: it has debug, error, info, warn"
    ),
    (
      "local m = require('shape') return m.serach()",
      "1:37 error unknown-field: module 'shape' has no field 'serach'; fix: did you mean 'search'?"
    ),
    (
      "return require('list').fliter",
      "1:24 error unknown-field: module 'list' has no field 'fliter'; fix: did you mean 'filter'?"
    ),
    (
      "return require('time').ad",
      "1:24 error unknown-field: module 'time' has no field 'ad'; fix: did you mean 'add'?"
    ),
    (
      "return require('inspect').txt",
      "1:27 error unknown-field: module 'inspect' has no field 'txt'; fix: did you mean 'text'?"
    ),
    (
      "return require('shap')",
      "1:16 error unknown-module: no module 'shap'; fix: did you mean 'shape'?"
    ),
    (
      "return require('nothing.like.it')",
      "1:16 error unknown-module: no module 'nothing.like.it'; fix: it is neither in the standard library "
        + "nor a file of the project's 'scripts' folder"
    ),
    (
      "return refold.actions('hubspt')",
      "1:23 error unknown-app: no app 'hubspt'; fix: did you mean 'hubspot'? List them with 'refold actions'"
    ),
    (
      "return refold.schema('hubspot', 'create_contct')",
      "1:33 error unknown-action: no action 'hubspot.create_contct'; fix: did you mean 'create_contact'? "
        + "List them with 'refold actions hubspot'"
    ),
    (
      "return pcall(refold.exec, 'hubspot', 'get_contct')",
      "1:38 error unknown-action: no action 'hubspot.get_contct'; fix: did you mean 'get_contact'? "
        + "List them with 'refold actions hubspot'"
    ),
    (
      "return \(create){ email = 'a', frstname = 'b' })",
      "1:69 error unknown-parameter: hubspot.create_contact has no parameter 'frstname'; fix: did you mean "
        + "'firstname'? See 'refold actions hubspot create_contact'"
    ),
    (
      "local p = { emial = 'a' } return \(create)p)",
      "1:13 error unknown-parameter: hubspot.create_contact has no parameter 'emial'; fix: did you mean "
        + "'email'? See 'refold actions hubspot create_contact'"
    ),
    (
      "return \(create){})",
      "1:54 error missing-parameter: hubspot.create_contact needs parameter 'email'; fix: see "
        + "'refold actions hubspot create_contact'"
    ),
    (
      "return refold.exec('hubspot', 'create_contact')",
      "1:31 error missing-parameter: hubspot.create_contact needs parameter 'email'; fix: see "
        + "'refold actions hubspot create_contact'"
    ),
    (
      "return \(create){ email = 'a', score = 'high' })",
      "1:77 error parameter-type: parameter 'score' of hubspot.create_contact must be a number, but is a "
        + "string; fix: see 'refold actions hubspot create_contact'"
    ),
    (
      "return refold.exec('hubspot', 'create_contact', { email = 'a' })",
      "1:49 error wrong-argument: the third argument of refold.exec is the account, and this is a table; "
        + "fix: parameters come fourth: pass nil for the run's account"
    ),
    (
      "return \(create)'a@example.com')",
      "1:54 error wrong-argument: the fourth argument of refold.exec is the parameters, and this is text; "
        + "fix: pass a table with the parameters' names as keys"
    ),
    (
      "return \(create){ email = 'a' }, { kye = 'x' })",
      "1:73 error unknown-option: refold.exec has no option 'kye'; fix: did you mean 'key'? Use "
        + "'find', 'key', 'lazy', 'retry', 'timeout'"
    ),
    (
      "return refold.map({}, print, { setle = true })",
      "1:32 error unknown-option: refold.map has no option 'setle'; fix: did you mean 'settle'? Use "
        + "'concurrency', 'settle'"
    ),
    (
      "return { descripton = 'x', run = function() end }",
      "1:10 error declaration-field: a script has no field 'descripton'; fix: did you mean 'description'?"
    ),
    (
      "return { budget = { call = 1 }, run = print }",
      "1:21 error declaration-field: budget has no field 'call'; fix: did you mean 'calls'? Use calls, "
        + "instructions, memory, output, time, writes"
    ),
    (
      "local M = {} M.input = { email = 'strng' } function M.run() end return M",
      "1:34 error input-type: input 'email' has the unknown type 'strng'; fix: did you mean 'string'? Use any, "
        + "array, boolean, integer, number, object, string, table, with '?' when it is optional"
    ),
    (
      "return { permissions = { read = { 'hubspot' } }, run = function() \(create){ email = 'a' }) end }",
      "1:90 error not-permitted: hubspot.create_contact writes, which the script does not declare; fix: add "
        + "\"hubspot.create_contact\" to permissions.write"
    ),
    (
      "for i = 1, 2 do \(create){ email = 'a' .. i }) end",
      "1:40 warning write-in-loop: hubspot.create_contact writes in a loop, and a second run writes all of it "
        + "again; fix: use 'ensure.record' or 'refold.once', or give the call a 'key'"
    ),
    (
      "refold.map({}, function(e) return \(create){ email = e }) end)",
      "1:58 warning write-in-loop: hubspot.create_contact writes in a loop, and a second run writes all of it "
        + "again; fix: use 'ensure.record' or 'refold.once', or give the call a 'key'"
    ),
    (
      "refold.try('hubspot', 'create_contact', nil, { email = 'a' })",
      "1:23 warning ignored-error: nobody looks whether hubspot.create_contact failed; fix: use 'refold.exec', "
        + "which raises, or look at the error: 'local result, err = refold.try(…)'"
    ),
    (
      "local x, y = 1, 2 return x",
      "1:10 warning unused-local: 'y' is never read; fix: remove it, or call it '_' when it only holds a place"
    ),
    (
      "return 1 -- refold: ignore unused-lcal",
      "1:10 warning unknown-rule: no rule 'unused-lcal' to ignore; fix: did you mean 'unused-local'?"
    ),
  ])
  func `a mistake is found`(text: String, expected: String) throws {
    let modules = ["shape": "local M = {} function M.search() end return M"]
    do {
      #expect(try findings(in: text, modules: modules) == [expected])
    } catch let error as LuaSyntaxError {
      let finding = error.finding(in: Array(text.utf8))
      #expect("1:\(finding.start.column) error syntax: \(finding.message)" == expected)
    }
  }

  @Test(arguments: [
    // What cannot be read off the file is left alone.
    "local name = ... return refold.exec('hubspot', name, nil, { any = 1 })",
    "local p = { firstname = 'a' } p.email = 'b' return \(create)p)",
    "local p = { firstname = 'a' } print(p) return \(create)p)",
    "local k = ... return \(create){ [k] = 'a' })", "return \(create)...)",
    "return refold.exec('hubspot', 'create_contact', ...)",
    "return refold.exec('hubspot', 'anything', nil, { whatever = 1 })",
    "return \(create){ email = nil, firstname = 1, extra = {}, score = '7', active = 'true' })",
    "local app = 'hubspt' app = 'hubspot' return refold.actions(app)",
    "local m = require('opaque') return m.anything", "local m = require('meta') return m.anything",
    "local refold = { exce = 1 } return refold.exce", "local _ENV = {} x = y return refold.exce",
    "local m = require('shape') return m.search, m['search']",
    "return function(refold) return refold.exce end",
    // What is meant.
    "if x then x = 1 end -- refold: ignore global-assignment",
    "-- refold: ignore global-assignment, undefined-global\nx = 1",
    "local _, _unused, used = 1, 2, 3 return used", "local ok, err = pcall(print) return err",
    "local x <close> = setmetatable({}, {}) return 1", "for i = 1, 2 do print(1) end",
    "local function f(a, b) end return f", "return { serch = 1, search = 2 }",
    "return { run = print, format = 1, batch = true }",
    "return { permissions = { read = { 'hubspot' }, write = { 'hubspot.create_contact' } }, "
      + "run = function() refold.exec('hubspot', 'get_contact') \(create){ email = 'a' }) end }",
    "local w = ... return { permissions = { write = w }, run = function() \(create){ email = 'a' }) end }",
    "for i = 1, 2 do \(create){ email = 'a' }, { key = 'k' .. i }) end",
    "for i = 1, 2 do refold.once('k' .. i, function() \(create){ email = 'a' }) end) end",
    "for i = 1, 2 do local o = ... \(create){ email = 'a' }, o) end",
    "for i = 1, 2 do refold.exec('hubspot', 'get_contact') end",
    "for i = 1, 2 do local function f() \(create){ email = 'a' }) end print(f) end",
    "local function f() \(create){ email = 'a' }) end for i = 1, 2 do f() end",
    "refold.try('hubspot', 'get_contact')", "local r, err = refold.try('x', 'y') return r or err",
    "local a, err = refold.try('hubspot', 'create_contact', nil, { email = 'a' }) return err",
    "return refold.try('hubspot', 'create_contact', nil, { email = 'a' })",
    "string.format, x = 1, 2 return x -- refold: ignore global-assignment",
    "return refold.store.get('a'), refold.log.info, refold.null, _G, _VERSION",
  ])
  func `what may be right is left alone`(text: String) throws {
    let modules = [
      "shape": "return { search = 1 }", "opaque": "return f()",
      "meta": "local M = {} setmetatable(M, {}) return M",
    ]
    let found = try findings(in: text, modules: modules)
    #expect(found.filter { !$0.contains("unknown-app") || !text.contains("'x', 'y'") } == [])
  }

  @Test func `the sandbox does not have all apps and actions`() throws {
    let text = "return refold.actions('quickbooks'), refold.exec('hubspot', 'list_invoices')"
    #expect(
      try findings(in: text) == [
        "1:23 warning unknown-app: the sandbox has no app 'quickbooks', so nothing of it is checked; "
          + "fix: check with '--backend remote'",
        "1:61 warning unknown-action: the sandbox has no action 'hubspot.list_invoices', so its calls are not "
          + "checked; fix: list them with 'refold actions hubspot', or check with '--backend remote'",
      ])
    #expect(
      try findings(in: text, backend: "remote") == [
        "1:23 error unknown-app: no app 'quickbooks'; fix: list them with 'refold actions'",
        "1:61 error unknown-action: no action 'hubspot.list_invoices'; fix: list them with "
          + "'refold actions hubspot'",
      ])
  }

  @Test func `the config of a project has fields of its own`() throws {
    let text = "return { acounts = { 'a' }, permissions = { write = { 'hubspot.create_contct' } } }"
    #expect(
      try findings(in: text, path: "x/refold.lua") == [
        "1:10 error declaration-field: the config has no field 'acounts'; fix: did you mean 'accounts'? Use "
          + "accounts, backend, budget, effects, env, permissions",
        "1:55 error unknown-action: no action 'hubspot.create_contct'; fix: did you mean 'create_contact'? "
          + "List them with 'refold actions hubspot'",
      ])
    #expect(
      try findings(in: "return { accounts = refold.apps() }", path: "refold.lua") == [
        "1:21 error undefined-global: undefined global 'refold'; fix: the config runs without 'refold'; it "
          + "only says what holds"
      ])
  }

  @Test func `a test file has the global test, and a connector json`() throws {
    let text = "test('x', function(t) t.equal(1, 1) end)"
    #expect(try findings(in: text, path: "a_test.lua") == [])
    #expect(try findings(in: text).count == 1)
    #expect(try findings(in: "return json.null", path: "connectors/a.lua") == [])
  }

  @Test func `the project says what an action does`() throws {
    let text = "for i = 1, 2 do refold.exec('slack', 'merge_rooms', nil, { room = i }) end"
    #expect(try findings(in: text).count == 1)
    #expect(try findings(in: text, effects: ["slack.merge_rooms": .read]) == [])
  }

  @Test func `definitions for editors are not checked`() throws {
    #expect(try findings(in: "---@meta\nrefold = {} function refold.exce() end") == [])
  }

  @Test func `a file that is wrong everywhere ends well`() throws {
    let calls = String(repeating: "a()", count: 30_000)
    #expect(try findings(in: calls).count == 200)
    let nested = String(repeating: "f{x=", count: 90) + "1" + String(repeating: "}", count: 90)
    #expect(try findings(in: nested).count == 90)
  }

  @Test func `every rule has its own code`() throws {
    #expect(Set(Rules.codes).count == Rules.codes.count)
    #expect(Rules.codes.count == 23)
  }
}
