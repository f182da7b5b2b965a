import RefoldActions
import RefoldRuntime
import Testing

/// `refold.store` and `refold.once` as scripts see them.
@Suite struct StoreLibraryTests {
  private func text(_ code: String) -> String { run(code).text }

  @Test(arguments: [
    ("return refold.store.get('a')", "null"),
    ("refold.store.set('a', { x = 1 }) return refold.store.get('a')", #"{"x":1}"#),
    ("refold.store.set('a', refold.array()) return refold.store.get('a')", "[]"),
    ("refold.store.set('a', refold.null) return refold.store.get('a') == refold.null", "true"),
    ("refold.store.set('a', 1) refold.store.set('a', nil) return refold.store.get('a')", "null"),
    ("refold.store.set('a', false) return refold.store.delete('a')", "true"),
    ("return refold.store.delete('a')", "false"),
    ("return refold.store.update('n', function(n) return (n or 0) + 1 end)", "1"),
    (
      "for _ = 1, 3 do refold.store.update('n', function(n) return (n or 0) + 1 end) end return refold.store.get('n')",
      "3"
    ),
    (
      "refold.store.set('n', 1) refold.store.update('n', function() end) return refold.store.get('n')",
      "null"
    ),
    (
      """
      for i = 1, 300 do refold.store.set(('k%03d'):format(i), i) end
      local sum, last = 0, ''
      for key, value in refold.store.each('k') do assert(key > last) sum, last = sum + value, key end
      return { sum, last }
      """, #"[45150,"k300"]"#
    ),
  ])
  func `values are kept`(code: String, result: String) {
    #expect(text(code) == result)
  }

  @Test(arguments: [
    (
      "refold.store.set('a', { x = { 1, print } })",
      "script_error: bad argument 'value' (#2) to 'set': $.x[2]: a function has no JSON form"
    ),
    (
      "refold.store.set('a')",
      "script_error: bad argument 'value' (#2) to 'set': value expected, got no value"
    ),
    (
      "refold.store.get()",
      "script_error: bad argument 'key' (#1) to 'get': string expected, got no value"
    ),
    (
      "refold.store.get('')",
      "script_error: bad argument 'key' (#1) to 'get': a key expected, got an empty string"
    ),
    (
      "refold.store.get('a\\0')",
      "script_error: bad argument 'key' (#1) to 'get': a key is UTF-8 text without zero bytes"
    ),
    (
      "refold.store.get('\\xff')",
      "script_error: bad argument 'key' (#1) to 'get': a key is UTF-8 text without zero bytes"
    ),
    (
      "refold.store.get(('x'):rep(1025))",
      "script_error: bad argument 'key' (#1) to 'get': a key has at most 1024 bytes, this one has 1025"
    ),
    (
      "refold.store.update('a', 1)",
      "script_error: bad argument 'fn' (#2) to 'update': function expected, got number"
    ),
    (
      "refold.store.update('a', function() return { 0/0 } end)",
      "value_not_json: refold.store.update: what the function returned for 'a' can't be kept: $[1]: NaN has no JSON form"
    ),
    ("refold.store.update('a', function() error('mine') end)", "script_error: mine"),
    (
      "refold.once('a')",
      "script_error: bad argument 'fn' (#2) to 'once': function expected, got no value"
    ),
    (
      "refold.once('a', print, { windw = 1 })",
      "script_error: bad argument 'opts' (#3) to 'once': unknown option 'windw' (use 'window')"
    ),
    (
      "refold.once('a', print, { window = 0 })",
      "script_error: bad argument 'opts' (#3) to 'once': option 'window' must be seconds, more than 0 and at most 3155760000"
    ),
    (
      "refold.once('a', function() refold.once('a', print) end)",
      "once_nested: refold.once('a') is called by its own function, and would wait for itself"
    ),
    (
      "refold.once('a', function() return print end)",
      "result_not_json: refold.once('a') ran, but its result can't be kept: $: a function has no JSON form"
    ),
    (
      "table.sort({ 1, 2 }, function() refold.store.get('a') end)",
      "script_error: a call that waits cannot be made inside a C function such as table.sort or string.gsub, "
        + "or while a module loads"
    ),
  ])
  func `what is wrong is said at the script's line`(code: String, message: String) {
    let outcome = run("local x\n" + code)
    #expect(outcome.text == message)
    #expect(outcome.failure?.location?.description == "script.lua:2")
  }

  @Test func `the functions may wait, and what changes meanwhile is seen`() {
    let code = """
      local calls = 0
      refold.all {
        function()
          refold.store.update("n", function(n)
            calls = calls + 1
            refold.sleep(0.01)
            return (n or 0) + 1
          end)
        end,
        function() refold.store.update("n", function(n) return (n or 0) + 10 end) end,
      }
      return { refold.store.get("n"), calls }
      """
    #expect(text(code) == "[11,2]")
  }

  @Test func `many children that count lose nothing`() {
    let code = """
      local list = {}
      for i = 1, 50 do list[i] = i end
      refold.map(list, function()
        refold.store.update("n", function(n) refold.sleep(0) return (n or 0) + 1 end)
      end, { concurrency = 50 })
      return refold.store.get("n")
      """
    #expect(text(code) == "50")
  }

  @Test func `what runs once runs once, and all get its result`() {
    let code = """
      local ran = 0
      local function work() ran = ran + 1 refold.sleep(0.01) return { id = 7 } end
      local all = refold.map({ 1, 2, 3 }, function() return refold.once("k", work).id end)
      return { ran, all, refold.once("k", work), refold.once("other", work), ran }
      """
    #expect(text(code) == #"[1,[7,7,7],{"id":7},{"id":7},2]"#)
  }

  @Test func `a function that fails may run again, and its error is the very same`() {
    let code = """
      local mistake = { code = "mine" }
      local ok, err = pcall(refold.once, "k", function() error(mistake) end)
      local again = refold.once("k", function() return "ran" end)
      return { ok, err == mistake, again }
      """
    #expect(text(code) == #"[false,true,"ran"]"#)
  }

  @Test func `a function that was given up leaves its outcome unknown`() {
    let code = """
      local function work() refold.sleep(10) end
      pcall(refold.all, { function() refold.once("k", work) end, function() refold.sleep(0.01) error("no") end })
      local ok, err = pcall(refold.once, "k", work)
      return { ok, err.kind, err.code, err.script }
      """
    #expect(text(code) == #"[false,"unknown_outcome","once_interrupted","script.lua:3"]"#)
  }

  @Test func `accounts and scripts have values of their own`() {
    let store = MemoryStateStore()
    func count(_ account: String, _ name: String) -> String {
      let lane = Lane(backend: ScriptedBackend(), .init(store: store))
      let code = "return refold.store.update('n', function(n) return (n or 0) + 1 end)"
      let script = Script(name: name, source: Array(code.utf8), moduleFolders: [])
      return lane.run(script, RunOptions(account: account)).text
    }
    #expect(count("acme", "/p/scripts/a.lua") == "1")
    #expect(count("acme", "/p/scripts/b.lua") == "1")
    #expect(count("globex", "/p/scripts/a.lua") == "1")
    #expect(count("acme", "/p/scripts/customers/acme/a.lua") == "2")
  }

  @Test(arguments: [
    ("/p/scripts/contacts/import.lua", "contacts/import"),
    ("/p/scripts/customers/acme/contacts/import.lua", "contacts/import"),
    ("/p/scripts/../scripts/./contacts/import.lua", "contacts/import"),
    ("/p/scripts/customers/odd.lua", "customers/odd"),
    ("/p/tools/x.lua", "/p/tools/x"), ("(command line)", "(command line)"),
    ("x.lua", "x"), ("./a/../x.lua", "x"), ("scripts/a/b.lua", "a/b"), ("a/b", "a/b"),
  ])
  func `a script has one name, however its path is given`(path: String, name: String) {
    #expect(Script.stateName(of: path) == name)
  }
}
