import RefoldActions
import RefoldRuntime
import Testing

/// `refold.all`, `refold.map`, `refold.sleep`: children that run at once, and none that outlives its parent.
@Suite struct TaskTests {
  private func laterBackend(
    _ answer: @escaping (ActionCall) -> Result<Reply, ActionError>? = { _ in nil }
  ) -> ScriptedBackend {
    let backend = ScriptedBackend(answer)
    backend.answersLater = true
    return backend
  }

  @Test(arguments: [
    ("return refold.all({})", "[]"),
    ("return refold.all({ function() return 1 end, function() return 'b', 2 end })", #"[1,"b"]"#),
    ("return refold.all({ function() end, function() return false end })", "[null,false]"),
    ("return refold.map({}, function() end)", "[]"),
    ("return refold.map({ 5, 6 }, function(item, index) return item * 10 + index end)", "[51,62]"),
    (
      "return refold.map({ 1, 2, 3 }, function(n) refold.sleep((4 - n) / 200) return n end)",
      "[1,2,3]"
    ),
    (
      "return refold.map({ 1, 2 }, function(n) if n == 2 then error('no', 0) end return n end, { settle = true })",
      #"[{"ok":true,"value":1},{"error":"no","ok":false}]"#
    ),
    (
      "return refold.all({ function() return 1 end }, { settle = true })",
      #"[{"ok":true,"value":1}]"#
    ),
    (
      "return refold.all({ function() return refold.all({ function() refold.sleep(0.001) return 7 end }) end })",
      "[[7]]"
    ),
  ])
  func `results come in the order of the list`(code: String, text: String) {
    #expect(run(code).text == text)
  }

  @Test func `children's calls are in flight together`() {
    let backend = laterBackend()
    let outcome = run(
      "return #refold.map({ 1, 2, 3, 4, 5 }, function(n) return refold.exec('crm', 'get_contact', nil, { limit = n }) end)",
      on: backend)
    #expect(outcome.text == "5")
    #expect(backend.mostWaiting == 5)
    #expect(outcome.statistics.reads == 5)
  }

  @Test(arguments: [1, 3])
  func `no more run at once than the concurrency allows`(concurrency: Int) {
    let code = """
      local now, most = 0, 0
      refold.map({ 1, 2, 3, 4, 5, 6, 7 }, function()
        now = now + 1
        most = math.max(most, now)
        refold.sleep(0.001)
        now = now - 1
      end, { concurrency = \(concurrency) })
      return most
      """
    #expect(run(code).text == "\(concurrency)")
  }

  @Test func `the first error is the caller's, and gives the others up`() {
    let code = """
      local log = {}
      local mark = { code = "mine" }
      local ok, err = pcall(refold.all, {
        function() refold.sleep(10) log[#log + 1] = "late" end,
        function() refold.sleep(0.001) error(mark) end,
        function() refold.exec("crm", "get_contact") log[#log + 1] = "read" end,
      })
      refold.sleep(0.005)
      return { ok, err == mark, #log }
      """
    let backend = laterBackend()
    backend.silentActions = ["get_contact"]
    let outcome = run(code, on: backend)
    #expect(outcome.text == "[false,true,0]")
    #expect(backend.cancelled == 1)
  }

  /// Each of these ends while the write of a child is in flight, and goes on when the write has come back.
  @Test(arguments: [
    "local ok, err = pcall(refold.all, { write, fail }) return tostring(err)",
    "local ok, err = pcall(refold.all, { function() refold.all({ write, write }) end, fail }) return tostring(err)",
    "local ok, err = pcall(refold.all, { function() refold.all({ write, fail }) end, fail }) return tostring(err)",
  ])
  func `a write that has left comes back before the group fails`(code: String) {
    for isSlow in [true, false] where isSlow || code.contains("function") {
      let backend = laterBackend()
      if isSlow { backend.slowActions = ["create_contact"] }
      let prelude = """
        local function write() refold.exec("crm", "create_contact", nil, { email = "x" }) error("resumed") end
        local function fail() refold.exec("crm", "get_contact") error("failed", 0) end

        """
      let outcome = run(prelude + code, on: backend)
      #expect(outcome.text == #""failed""#)
      #expect(backend.cancelled == 0)
      #expect(outcome.statistics.unknownWrites == [])
      #expect(outcome.statistics.applied == ["crm.create_contact": outcome.statistics.writes])
      #expect(outcome.statistics.writes == backend.executed.count { $0.hasPrefix("crm.create") })
      #expect(outcome.statistics.writes > 0)
    }
  }

  @Test func `a write that never comes back ends with the run, and is said`() {
    let backend = laterBackend()
    backend.silentActions = ["create_contact"]
    let code = """
      return refold.all({
        function() refold.exec("crm", "create_contact", nil, { email = "x" }) end,
        function() refold.sleep(0.001) error("failed") end,
      })
      """
    let outcome = run(code, on: backend, timeout: .milliseconds(100))
    #expect(outcome.failure?.code == "time_limit")
    #expect(outcome.statistics.unknownWrites == ["crm.create_contact"])
    #expect(backend.cancelled == 1)
  }

  @Test func `a write that was given up and then failed is told from one that was applied`() {
    for (kind, unknown) in [(ActionError.Kind.permanent, 0), (.unknownOutcome, 1)] {
      let backend = laterBackend { call in
        guard case .execute(_, "create_contact") = call.operation else { return nil }
        return .failure(ActionError(kind, code: "no", message: "no", about: call))
      }
      let code = """
        pcall(refold.all, {
          function() refold.exec("crm", "create_contact", nil, { email = "x" }) end,
          function() refold.exec("crm", "get_contact") error("failed") end,
        })
        """
      backend.slowActions = ["create_contact"]
      let outcome = run(code, on: backend)
      #expect(outcome.statistics.applied == [:])
      #expect(outcome.statistics.unknownWrites.count == unknown)
    }
  }

  @Test func `an error that nobody catches shows the child and where it was started`() {
    let code = """
      local function import(item)
        refold.sleep(0.001)
        error("bad item " .. item)
      end
      return refold.map({ "a", "b" }, import)
      """
    let failure = run(code).failure
    #expect(failure?.message == "bad item a")
    #expect(failure?.location?.description == "script.lua:3")
    #expect(failure?.traceback?.contains("script.lua:3: in function <script.lua:1>") == true)
    #expect(
      failure?.traceback?.contains("(child 1 of refold.map, started at script.lua:5)") == true)
  }

  @Test func `an action's error keeps its fields on the way to the parent`() {
    let backend = ScriptedBackend { call in
      guard case .execute = call.operation else { return nil }
      return .failure(
        ActionError(.permanent, code: "conflict", message: "there is one", status: 409, about: call)
      )
    }
    let code = """
      local ok, err = pcall(refold.all, { function() refold.exec("crm", "create_contact", nil, { email = "x" }) end })
      return { err.kind, err.status, err.code, err.script }
      """
    #expect(run(code, on: backend).text == #"["permanent",409,"conflict","script.lua:1"]"#)
  }

  @Test func `the time limit ends children in a loop, asleep, and in flight`() {
    for child in [
      "while true do pcall(function() end) end", "refold.sleep(100)",
      "refold.exec('crm', 'get_contact')",
    ] {
      let backend = laterBackend()
      backend.silentActions = ["get_contact"]
      let outcome = run(
        "return refold.all({ function() \(child) end, function() refold.sleep(100) end })",
        on: backend,
        timeout: .milliseconds(60))
      #expect(outcome.failure?.code == "time_limit")
    }
  }

  @Test func `ten thousand children fit the memory limit`() {
    let code = """
      local list = {}
      for i = 1, 10000 do list[i] = i end
      local doubled = refold.map(list, function(n) refold.sleep(0) return 2 * n end, { concurrency = 100 })
      return { #doubled, doubled[1], doubled[10000] }
      """
    #expect(run(code).text == "[10000,2,20000]")
  }

  @Test func `too many children at once are stopped by the memory limit`() {
    let code = """
      local list = {}
      for i = 1, 50000 do list[i] = function() refold.sleep(1) end end
      return refold.all(list)
      """
    #expect(run(code, memoryBytes: 8 << 20).failure?.code == "memory_limit")
  }

  @Test func `children work within coroutines and iterators of the script`() {
    let code = """
      local function each(list)
        return coroutine.wrap(function()
          for _, value in ipairs(refold.map(list, function(n) refold.sleep(0.001) return n + 1 end)) do
            coroutine.yield(value)
          end
        end)
      end
      local sum = 0
      for value in each({ 1, 2, 3 }) do sum = sum + value end
      return sum
      """
    #expect(run(code).text == "9")
  }

  @Test(arguments: [
    ("refold.all()", "bad argument 'functions' (#1) to 'all': table expected, got no value"),
    (
      "refold.all({ print, 3 })",
      "bad argument 'functions' (#1) to 'all': element 2 is a number, not a function"
    ),
    ("refold.map({}, {})", "bad argument 'fn' (#2) to 'map': function expected, got table"),
    (
      "refold.map({}, print, { concurency = 2 })",
      "bad argument 'opts' (#3) to 'map': unknown option 'concurency' (use 'concurrency' or 'settle')"
    ),
    (
      "refold.map({}, print, { concurrency = 0 })",
      "bad argument 'opts' (#3) to 'map': option 'concurrency' must be an integer from 1 to 10000"
    ),
    (
      "refold.all({}, { settle = 1 })",
      "bad argument 'opts' (#2) to 'all': option 'settle' must be a boolean"
    ),
    ("refold.sleep()", "bad argument 'seconds' (#1) to 'sleep': number expected, got no value"),
    (
      "refold.sleep(-1)",
      "bad argument 'seconds' (#1) to 'sleep': a number from 0 to 2592000, which is 30 days, expected"
    ),
    (
      "refold.sleep(0/0)",
      "bad argument 'seconds' (#1) to 'sleep': a number from 0 to 2592000, which is 30 days, expected"
    ),
    (
      "refold.sleep(math.huge)",
      "bad argument 'seconds' (#1) to 'sleep': a number from 0 to 2592000, which is 30 days, expected"
    ),
    (
      "table.sort({ 1, 2 }, function() refold.sleep(0) end)",
      "a call that waits cannot be made inside a C function such as table.sort or string.gsub, or while a module loads"
    ),
  ])
  func `wrong arguments are named`(code: String, message: String) {
    #expect(run(code).failure?.message == message)
  }

  @Test func `a sleep lasts as long as it says`() {
    let outcome = run("refold.sleep(0.05) return 1")
    #expect(outcome.text == "1")
    #expect(outcome.statistics.duration >= .milliseconds(50))
  }
}
