import RefoldActions
import RefoldRuntime
import Synchronization
import Testing

/// Which calls are made again.
@Suite struct RetryTests {
  /// Answers the first executed calls with failures, then as usual.
  private final class Failures {
    var left: [ActionError]

    init(_ errors: [ActionError]) { left = errors }

    func answer(_ call: ActionCall) -> Result<Reply, ActionError>? {
      guard case .execute = call.operation, !left.isEmpty else { return nil }
      return .failure(left.removeFirst())
    }
  }

  private static func error(
    _ kind: ActionError.Kind, retryable: Bool = true, after: Duration? = nil
  ) -> ActionError {
    ActionError(
      kind: kind, code: "c", message: "it failed", retryable: retryable, retryAfter: after)
  }

  /// Runs code on a backend that fails in these ways first; the pauses are as short as they can be.
  private func run(
    _ code: String, failing errors: [ActionError], timeout: Duration = .seconds(30)
  ) -> (text: String, attempts: Int, notices: [RetryNotice]) {
    let failures = Failures(errors)
    let backend = ScriptedBackend { failures.answer($0) }
    var notices: [RetryNotice] = []
    let lane = Lane(backend: backend, .init(random: { 0 }, onRetry: { notices.append($0) }))
    let outcome = lane.run(
      Script(name: "s.lua", source: Array(code.utf8), moduleFolders: []),
      RunOptions(account: "acme", timeout: timeout))
    return (outcome.text, backend.executed.count, notices)
  }

  private static let read = "return refold.exec('crm', 'get_contact', nil, nil, OPTS).node_status"
  private static let write =
    "return refold.exec('crm', 'create_contact', nil, { email = 'x' }, OPTS).node_status"

  private func code(_ code: String, _ options: String = "nil") -> String {
    code.replacing("OPTS", with: options)
  }

  @Test func `a read is made again up to four times`() {
    let transient = Self.error(.transient)
    let recovered = run(code(Self.read), failing: [transient, transient, transient])
    #expect(recovered.text == #""Success""#)
    #expect(recovered.attempts == 4)
    let failed = run(code(Self.read), failing: [transient, transient, transient, transient])
    #expect(failed.text == "c: it failed")
    #expect(failed.attempts == 4)
  }

  @Test func `a write that was certainly not applied is made again, any other never`() {
    #expect(run(code(Self.write), failing: [Self.error(.transient)]).attempts == 2)
    let unknown = run(code(Self.write), failing: [Self.error(.unknownOutcome)])
    #expect(unknown.attempts == 1)
    #expect(unknown.text == "c: it failed")
  }

  @Test(arguments: [ActionError.Kind.auth, .permanent, .permission, .budget, .cancelled])
  func `what will fail again is not tried again`(kind: ActionError.Kind) {
    #expect(run(code(Self.read), failing: [Self.error(kind)]).attempts == 1)
  }

  @Test(arguments: [
    ("{ retry = false }", 1), ("{ retry = true }", 4), ("{ retry = 2 }", 2), ("{ retry = 1 }", 1),
  ])
  func `a script says how often`(options: String, attempts: Int) {
    let errors = [ActionError](repeating: Self.error(.transient), count: 9)
    #expect(run(code(Self.read, options), failing: errors).attempts == attempts)
  }

  @Test(arguments: ["0", "11", "'x'", "1.5"])
  func `a wrong number of attempts is refused`(value: String) {
    #expect(
      run(code(Self.read, "{ retry = \(value) }"), failing: []).text
        == "script_error: bad argument 'opts' (#5) to 'exec': option 'retry' must be a boolean, "
        + "or an integer of attempts from 1 to 10")
  }

  @Test func `Retry-After is kept to, and not waited for beyond the time limit`() {
    let soon = run(code(Self.read), failing: [Self.error(.transient, after: .milliseconds(20))])
    #expect(soon.text == #""Success""#)
    #expect(soon.notices.map(\.pause) == [.milliseconds(20)])
    let late = run(
      code(Self.read), failing: [Self.error(.transient, after: .seconds(60))],
      timeout: .seconds(5))
    #expect(late.text == "c: it failed")
    #expect(late.attempts == 1)
  }

  @Test func `each repeated attempt is told`() {
    let notices = run(code(Self.read), failing: [Self.error(.transient)]).notices
    #expect(
      notices == [
        RetryNotice(
          account: "acme", call: "crm.get_contact", attempt: 1, reason: "it failed", pause: .zero)
      ])
  }

  @Test func `a write that waits to be made again is not in flight`() {
    let failures = Failures([Self.error(.transient, after: .milliseconds(500))])
    let backend = ScriptedBackend { failures.answer($0) }
    let lane = Lane(backend: backend)
    let code = """
      return refold.all({
        function() refold.exec("crm", "create_contact", nil, { email = "x" }) end,
        function() refold.sleep(0.01) error("stop", 0) end,
      })
      """
    let outcome = lane.run(
      Script(name: "s.lua", source: Array(code.utf8), moduleFolders: []),
      RunOptions(account: "acme"))
    #expect(outcome.text == "script_error: stop")
    #expect(outcome.statistics.unknownWrites == [])
    #expect(backend.executed.count == 1)
  }

  @Test func `calls beyond the rate wait for their turn, each account for its own`() {
    let backend = ScriptedBackend()
    let lane = Lane(backend: backend, .init(rateLimit: RateLimit(perSecond: 100, burst: 3)))
    let code =
      "return #refold.map({ 1, 2, 3, 4 }, function() refold.exec('crm', 'get_contact') end)"
    let script = Script(name: "s.lua", source: Array(code.utf8), moduleFolders: [])
    let first = lane.run(script, RunOptions(account: "acme"))
    #expect(first.text == "4")
    // A look-up and four calls: two of them wait, the last one 20 ms.
    #expect(first.statistics.duration >= .milliseconds(20))
    #expect(backend.executed.count == 4)
  }

  @Test func `a call that waits for its turn can be given up`() {
    let backend = ScriptedBackend()
    let lane = Lane(backend: backend, .init(rateLimit: RateLimit(perSecond: 0.01, burst: 1)))
    let code = "refold.exec('crm', 'create_contact', nil, { email = 'x' })"
    let script = Script(name: "s.lua", source: Array(code.utf8), moduleFolders: [])
    let outcome = lane.run(script, RunOptions(account: "acme", timeout: .milliseconds(50)))
    #expect(outcome.failure?.code == "time_limit")
    #expect(outcome.statistics.unknownWrites == [])
    #expect(backend.executed == [])
  }
}
