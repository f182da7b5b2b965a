import Dispatch
import Posix
import RefoldActions
import RefoldRuntime
import Synchronization
import Testing

/// Runs on several threads, as the library's users start them.
@Suite struct RuntimeTests {
  private func makeRuntime(
    lanes: Int = 2, maximumActive: Int = 1000, rateLimit: RateLimit? = nil,
    log: @escaping @Sendable (LogLine) -> Void = { _ in },
    prepare: @escaping @Sendable (ScriptedBackend) -> Void = { _ in }
  ) throws -> Runtime {
    var configuration = Runtime.Configuration()
    configuration.lanes = lanes
    configuration.maximumActive = maximumActive
    configuration.rateLimit = rateLimit
    configuration.log = log
    return try Runtime(configuration) {
      let backend = ScriptedBackend()
      backend.answersLater = true
      prepare(backend)
      return backend
    }
  }

  private func script(_ code: String) -> Script {
    Script(name: "script.lua", source: Array(code.utf8), moduleFolders: [])
  }

  @Test func `a run gives its result as JSON`() async throws {
    let runtime = try makeRuntime()
    let result = try await runtime.run(
      script("return function(input) return { refold.account, input.n + 1 } end"),
      account: "acme", input: Array(#"{"n":41}"#.utf8))
    #expect(String(decoding: result, as: UTF8.self) == #"["acme",42]"#)
  }

  @Test func `a run that fails throws why`() async throws {
    let runtime = try makeRuntime()
    await #expect {
      try await runtime.run(script("local x = nil\nreturn x.y"), account: "acme")
    } throws: { error in
      (error as? RunFailure)?.location?.description == "script.lua:2"
    }
  }

  @Test func `a budget limits the run`() async throws {
    let runtime = try makeRuntime()
    var budget = Budget()
    budget.calls = 1
    await #expect {
      try await runtime.run(
        script("refold.exec('crm', 'get_contact') refold.exec('crm', 'get_contact')"),
        account: "acme", budget: budget)
    } throws: { error in
      (error as? RunFailure)?.code == "call_limit"
    }
  }

  @Test func `many runs for many accounts each get their own result`() async throws {
    let runtime = try makeRuntime()
    let code = script(
      """
      local sum = 0
      for i = 1, 5 do sum = sum + i refold.exec("crm", "get_contact", nil, { limit = i }) end
      return refold.account .. sum
      """)
    let results = try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for index in 0..<300 {
        group.addTask {
          let result = try await runtime.run(code, account: "account-\(index % 50)")
          return (index, String(decoding: result, as: UTF8.self))
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for index in 0..<300 { #expect(results[index] == "\"account-\(index % 50)15\"") }
    #expect(runtime.load == 0)
  }

  @Test(arguments: [
    "refold.sleep(1000)", "refold.exec('crm', 'get_contact')", "while true do end",
    "while true do pcall(function() while true do end end) end",
    "table.sort({ 3, 2, 1 }, function() while true do end end)",
    "refold.all({ function() while true do end end, function() refold.sleep(1000) end })",
    "local s = ('x'):rep(60) s:find(('x?'):rep(60) .. s)",
  ])
  func `cancelling the task stops the run`(code: String) async throws {
    let started = DispatchSemaphore(value: 0)
    let runtime = try makeRuntime(
      log: { _ in started.signal() }, prepare: { $0.silentActions = ["get_contact"] })
    let code = script("print('started') " + code)
    let task = Task { await runtime.outcome(of: code, RunOptions(account: "acme")) }
    // A thread of its own: those of the pool may be held up by other tests for longer than a run may hold its lane.
    try Threads.start {
      started.wait()
      task.cancel()
    }
    let outcome = await task.value
    #expect(outcome.failure?.code == "stopped")
    #expect(outcome.failure?.kind == .cancelled)
    #expect(outcome.statistics.duration < .seconds(20))
    // The lane goes on.
    #expect(try await runtime.run(script("return 1"), account: "acme") == Array("1".utf8))
  }

  @Test func `a task that was cancelled before it began runs nothing`() async throws {
    let runtime = try makeRuntime()
    let code = script("while true do end")
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return await runtime.outcome(of: code, RunOptions(account: "acme"))
    }
    task.cancel()
    #expect(await task.value.failure?.code == "stopped")
  }

  @Test func `a run that is stopped waits for a write that has left`() async throws {
    let sent = Mutex(false)
    let released = Mutex(false)
    let runtime = try makeRuntime(
      lanes: 1,
      prepare: { backend in
        backend.isHeld = { call in
          guard case .execute(_, "create_contact") = call.operation else { return false }
          sent.withLock { $0 = true }
          return !released.withLock { $0 }
        }
      })
    let code = script("refold.exec('crm', 'create_contact', nil, { email = 'x' }) return 1")
    let task = Task { await runtime.outcome(of: code, RunOptions(account: "acme")) }
    while !sent.withLock({ $0 }) { await Task.yield() }
    task.cancel()
    released.withLock { $0 = true }
    let outcome = await task.value
    #expect(outcome.failure?.code == "stopped")
    #expect(outcome.statistics.applied == ["crm.create_contact": 1])
    #expect(outcome.statistics.unknownWrites == [])
  }

  @Test(arguments: [1, 3, 8])
  func `no more runs are under way than may`(most: Int) async throws {
    let active = Mutex((now: 0, most: 0))
    let runtime = try makeRuntime(
      maximumActive: most,
      log: { line in
        active.withLock { count in
          count.now += line.message == "begin" ? 1 : -1
          count.most = max(count.most, count.now)
        }
      })
    let code = script("print('begin') refold.sleep(0.002) print('end')")
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<40 {
        group.addTask { _ = await runtime.outcome(of: code, RunOptions(account: "a\(index)")) }
      }
    }
    #expect(active.withLock { $0.now } == 0)
    #expect((1...most).contains(active.withLock { $0.most }))
  }

  @Test func `the runs of an account keep its rate together`() async throws {
    let runtime = try makeRuntime(rateLimit: RateLimit(perSecond: 100, burst: 1))
    let code = script("refold.exec('crm', 'get_contact')")
    let start = ContinuousClock.now
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<5 {
        group.addTask { _ = await runtime.outcome(of: code, RunOptions(account: "acme")) }
      }
    }
    // One look-up, which all share, and five calls: five of them wait 10 ms each.
    #expect(ContinuousClock.now - start >= .milliseconds(50))
  }

  @Test func `what computes lets the others have their turn`() async throws {
    let runtime = try makeRuntime(lanes: 1)
    let wild = Task {
      await runtime.outcome(
        of: script("while true do pcall(function() end) end"), RunOptions(account: "wild"))
    }
    let code = script(
      "for i = 1, 20 do refold.exec('crm', 'get_contact') refold.sleep(0.001) end return 'done'")
    for account in ["a", "b"] {
      #expect(try await runtime.run(code, account: account) == Array("\"done\"".utf8))
    }
    wild.cancel()
    #expect(await wild.value.failure?.code == "stopped")
  }

  @Test func `children give way to each other only where they wait`() async throws {
    let runtime = try makeRuntime(lanes: 1)
    let code = script(
      """
      local count = 0
      local function add()
        for i = 1, 3000000 do
          local before = count
          count = before + 1
          if i % 1000000 == 0 then refold.sleep(0.001) end
        end
      end
      refold.all({ add, add, add })
      return count
      """)
    async let first = runtime.run(code, account: "a")
    async let second = runtime.run(code, account: "b")
    #expect(try await first == Array("9000000".utf8))
    #expect(try await second == Array("9000000".utf8))
  }

  @Test func `a callback that cannot be interrupted is stopped when others wait`() async throws {
    let runtime = try makeRuntime(lanes: 1)
    let code = script(
      "tostring(setmetatable({}, { __tostring = function() while true do end end }))")
    async let held = runtime.outcome(of: code, RunOptions(account: "wild"))
    async let other = runtime.outcome(
      of: script("refold.sleep(0.01) return 1"), RunOptions(account: "acme"))
    #expect(await other.text == "1")
    let failure = await held.failure
    #expect(failure?.code == "hold_limit")
    #expect(failure?.location?.description == "script.lua:1")
  }

  @Test func `tasks that are interrupted compute the same as without`() async throws {
    let runtime = try makeRuntime(lanes: 1)
    let code = script(
      """
      local function numbers(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
      local sum = 0
      for round = 1, 40 do
        for n in numbers(1000) do
          local ok, value = pcall(function() return n % 7 end)
          sum = sum + value
        end
        local list = {}
        for i = 1, 300 do list[i] = (i * 7919) % 1000 end
        table.sort(list, function(a, b) return a < b end)
        sum = sum + list[1] + #("x"):rep(round):gsub("x", function(c) return c .. c end)
      end
      local parts = refold.all({
        function() local n = 0 for i = 1, 3000000 do n = n + i end return n end,
        function() local s = setmetatable({}, { __index = function(_, k) return k * 2 end }) local n = 0 for i = 1, 50000 do n = n + s[i] end return n end,
      })
      return { sum, parts[1], parts[2] }
      """)
    let alone = try await runtime.run(code, account: "alone")
    let results = await withTaskGroup(of: String.self) { group in
      for index in 0..<4 {
        group.addTask { await runtime.outcome(of: code, RunOptions(account: "a\(index)")).text }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results == [String](repeating: String(decoding: alone, as: UTF8.self), count: 4))
  }

  @Test func `a backend that cannot be made fails the runs`() async throws {
    let runtime = try Runtime {
      throw ActionError(kind: .permanent, code: "library_missing", message: "no library")
    }
    for account in ["a", "b", "c"] {
      let outcome = await runtime.outcome(of: script("return 1"), RunOptions(account: account))
      #expect(outcome.text == "library_missing: no library")
    }
  }

  @Test func `all runs can be stopped, also those that wait to start`() async throws {
    let runtime = try makeRuntime(lanes: 1, maximumActive: 2)
    let code = script("refold.sleep(1000)")
    let outcomes = Mutex<[String]>([])
    for index in 0..<5 {
      runtime.start(code, RunOptions(account: "a\(index)")) { outcome in
        outcomes.withLock { $0.append(outcome.failure?.code ?? "none") }
      }
    }
    runtime.stopAll()
    while outcomes.withLock({ $0.count }) < 5 { await Task.yield() }
    #expect(outcomes.withLock { $0 } == [String](repeating: "stopped", count: 5))
  }

  @Test func `a runtime that is dropped stops its runs`() async throws {
    let outcome = Mutex<String?>(nil)
    do {
      let runtime = try makeRuntime()
      runtime.start(script("while true do end"), RunOptions(account: "acme")) { ended in
        outcome.withLock { $0 = ended.failure?.code }
      }
    }
    while outcome.withLock({ $0 }) == nil { await Task.yield() }
    #expect(outcome.withLock { $0 } == "stopped")
  }

  /// Each of these changes whatever it can reach.
  @Test func `scripts that pollute do not reach those before, beside and after them`() async throws
  {
    let runtime = try makeRuntime(lanes: 1)
    let polluting = script(
      """
      for name, library in pairs({ string = string, table = table, math = math, refold = refold, utf8 = utf8 }) do
        for key in pairs(library) do if name ~= "refold" or key ~= "sleep" then library[key] = function() return "polluted" end end end
      end
      pcall(function() getmetatable("").__index = { upper = function() return "polluted" end } end)
      pcall(function() getmetatable(refold.null).__index = function() return "polluted" end end)
      local sleep = refold.sleep
      local globals = _G
      for key in pairs(globals) do if key ~= "refold" then globals[key] = nil end end
      shared = "polluted"
      sleep(0.02)
      """)
    let clean = script(
      """
      local json = require("json")
      local seen = { tostring(shared), ("a"):upper(), json.encode({ n = math.floor(1.5) }), table.concat({ 1, 2 }, ",") }
      refold.sleep(0.01)
      local found = refold.exec("crm", "get_contact")
      return table.concat(seen, " ") .. " " .. found.node_status .. " " .. refold.account .. " " .. json.encode(refold.null)
      """)
    func expected(_ account: String) -> String {
      #""nil A {\"n\":1} 1,2 Success \#(account) null""#
    }
    #expect(
      await runtime.outcome(of: clean, RunOptions(account: "before")).text == expected("before"))
    async let dirty = runtime.outcome(of: polluting, RunOptions(account: "acme"))
    async let beside = runtime.outcome(of: clean, RunOptions(account: "beside"))
    async let same = runtime.outcome(of: clean, RunOptions(account: "acme"))
    #expect(await beside.text == expected("beside"))
    #expect(await same.text == expected("acme"))
    #expect(await dirty.text == "null")
    #expect(
      await runtime.outcome(of: clean, RunOptions(account: "acme")).text == expected("acme"))
  }
}
