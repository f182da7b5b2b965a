import Lua
import Measuring
import Posix
import RefoldActions
import RefoldRuntime
import Synchronization

/// What wild scripts do to the others, and how soon they are stopped.
enum FairnessBenchmarks {
  private static let wild = [
    "while true do pcall(function() while true do end end) end",
    "local t = {} while true do t[#t % 1000 + 1] = { tostring(#t) } end",
    "while true do coroutine.wrap(function() for i = 1, 1000 do local _ = i end end)() end",
    "while true do local s = ('x'):rep(1000) s:gsub('x', 'yy') end",
  ]

  static func run(_ nginx: Nginx) throws {
    print(
      "\nThe 99th percentile of 1,000 runs with three calls each, with and without 4 wild scripts")
    var (quiet, disturbed) = (Double.infinity, Double.infinity)
    // Interleaved, so that a slow moment of the machine meets both.
    for _ in 0..<5 {
      quiet = min(quiet, try percentile(nginx, wild: []))
      disturbed = min(disturbed, try percentile(nginx, wild: wild))
    }
    let factor = disturbed / quiet
    Figure(
      name: "64 under way at a time",
      value: "\(quiet.hundredths) ms, beside wild ones \(disturbed.hundredths) ms",
      target: "≤ 1.50×: \(factor.ratio)", isReached: factor <= 1.5
    ).print()
    try stops()
  }

  private static func percentile(_ nginx: Nginx, wild: [String]) throws -> Double {
    let runtime = try Runtime { try CallBenchmarks.backend(nginx) }
    let tickets = wild.enumerated().map { index, code in
      runtime.start(.inline(code), RunOptions(account: "wild-\(index)")) { _ in }
    }
    let script = Script.inline(
      """
      local id
      for _ = 1, 3 do
        local found = refold.exec("hubspot", "get_contact_by_id", nil, { contact_id = "101" })
        id = found.data.id
      end
      return id
      """)
    let outcomes = Batch.run(1000, on: runtime, concurrency: 64) {
      (script, RunOptions(account: "acme-\($0 % 20)"))
    }
    for ticket in tickets { ticket.stop() }
    try Batch.check(outcomes, result: "\"101\"")
    let times = outcomes.map { $0.statistics.duration / .milliseconds(1) }.sorted()
    return times[990]
  }

  // MARK: - Stopping

  /// How long after its deadline a script ends, at worst.
  private static func stops() throws {
    let shapes =
      wild + [
        "table.sort({ 3, 2, 1 }, function() while true do end end)",
        "local s = ('a'):rep(60) s:find(('a?'):rep(60) .. s)",
        "while true do load(('x = 1 '):rep(10000)) end",
        "refold.all({ function() while true do end end, function() refold.sleep(60) end })",
      ]
    let runtime = try Runtime { try NoBackend() }
    let limit = Duration.milliseconds(100)
    let outcomes = Batch.run(160, on: runtime, concurrency: 8) { index in
      var options = RunOptions(account: "wild-\(index % 8)")
      options.budget.time = limit
      return (.inline(shapes[index % shapes.count]), options)
    }
    for outcome in outcomes {
      guard case .failure(let failure) = outcome.result, failure.code == "time_limit" else {
        throw WrongAnswer(what: "a wild script: \(outcome.result)")
      }
    }
    let late = outcomes.map { ($0.statistics.duration - limit) / .milliseconds(1) }.sorted()
    let worst = late.last ?? 0
    print("\nHow long after its deadline a script ends, 160 of 8 shapes, 4 on each thread")
    Figure(
      name: "at worst, and the median", value: "\(worst.short) ms, \(late[80].short) ms",
      target: "≤ 50 ms", isReached: worst <= 50
    ).print()
  }
}

/// A backend for scripts that make no calls: it only waits.
private final class NoBackend: Backend {
  let name = "none"
  let location = "nowhere"
  private let wakeup: Wakeup

  init() throws { wakeup = try Wakeup() }

  func begin(
    _ call: ActionCall, _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) -> CallID {
    completion(.success(Reply(status: 404, body: [])))
    return CallID(0)
  }

  func cancel(_ id: CallID) {}

  func poll(timeout: Duration) { wakeup.wait(timeout) }

  var wake: @Sendable () -> Void {
    let wakeup = wakeup
    return { wakeup.wake() }
  }
}
