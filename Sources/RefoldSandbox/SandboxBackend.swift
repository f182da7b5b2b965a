import Posix
import RefoldActions

/// The sandbox in the process: calls are answered before `begin` returns, unless a fault makes them slow.
///
/// The database is opened by the first call, so that a script that makes none starts fast.
public final class SandboxBackend: Backend {
  /// The backend's name, `sandbox`.
  public let name = "sandbox"
  /// The database file.
  public let location: String
  private var engine: SandboxEngine?
  private var lastID: UInt64 = 0
  /// Nil when the process has no descriptors left; then waits are short ones.
  private let wakeup = try? Wakeup()

  /// A call whose answer comes later.
  private struct Waiting {
    let id: CallID
    let call: ActionCall
    let result: Result<Reply, ActionError>
    let due: Duration
    let completion: (Result<Reply, ActionError>) -> Void
  }

  private var waiting: [Waiting] = []
  /// The faults that calls meet.
  public var faults: FaultPlan? {
    didSet { engine?.faults = faults }
  }
  /// Receives each write that was applied, and what the app says about it, whatever becomes of that answer.
  public var onWrite: ((ActionCall, Reply) -> Void)? {
    didSet { engine?.onWrite = onWrite }
  }
  private let clock: () -> String
  /// Whether an account is made when it is first used, instead of being unknown.
  private let makesAccounts: Bool

  /// Makes a backend on a database file, which need not exist.
  ///
  /// - Parameters:
  ///   - faults: The faults that calls meet.
  ///   - clock: Gives the time of new records as ISO 8601 text.
  public init(
    databasePath: String, faults: FaultPlan? = nil,
    clock: @escaping () -> String = { Timestamp.now() }
  ) {
    location = databasePath
    self.faults = faults
    self.clock = clock
    makesAccounts = false
  }

  /// Makes a backend in memory for tests: each account that is used is there, with seed rows.
  ///
  /// An account has the connectors' seed rows for its name, or those of `demo-user-1`. Answers that are slow come last, and
  /// take no time.
  ///
  /// - Parameters:
  ///   - clock: Gives the time of new records as ISO 8601 text.
  ///   - faults: The faults that calls meet.
  public convenience init(inMemory clock: @escaping () -> String, faults: FaultPlan? = nil) {
    self.init(testing: ":memory:", faults: faults, clock: clock)
  }

  /// Makes a backend for tests on a database file, such as the copy of another one; see ``init(inMemory:faults:)``.
  public init(
    testing databasePath: String, faults: FaultPlan? = nil, clock: @escaping () -> String
  ) {
    location = databasePath
    self.faults = faults
    self.clock = clock
    makesAccounts = true
  }

  private func opened() throws(ActionError) -> SandboxEngine {
    if let engine { return engine }
    let engine = try SandboxEngine(
      databasePath: location, isSeeded: !makesAccounts, faults: faults, clock: clock)
    engine.onWrite = onWrite
    self.engine = engine
    return engine
  }

  private func opened(for account: String) throws(ActionError) -> SandboxEngine {
    let engine = try opened()
    if makesAccounts { try engine.ensureAccount(account) }
    return engine
  }

  // MARK: - Tables

  /// Removes all accounts and records.
  ///
  /// - Throws: `ActionError` when the database fails.
  public func reset() throws(ActionError) {
    waiting = []
    try engine?.clear()
  }

  /// Returns all records of a table; see ``SandboxEngine/records(of:app:table:)``.
  public func records(
    of account: String, app: String, table: String
  ) throws(ActionError) -> [UInt8] {
    try opened(for: account).records(of: account, app: app, table: table)
  }

  /// Replaces all records of a table; see ``SandboxEngine/replace(with:of:app:table:)``.
  public func replace(
    with rows: [UInt8], of account: String, app: String, table: String
  ) throws(ActionError) {
    try opened(for: account).replace(with: rows, of: account, app: app, table: table)
  }

  /// Returns the writes that came; see ``SandboxEngine/ledger(of:)``.
  public func ledger() throws(ActionError) -> [LedgerEntry] { try opened().ledger() }

  /// Copies all that the sandbox holds to a new file; see ``SandboxEngine/copy(to:)``.
  public func copy(to path: String) throws(ActionError) { try opened().copy(to: path) }

  /// Returns every record of every account; see ``SandboxEngine/allRecords()``.
  public func allRecords() throws(ActionError) -> [SandboxRecord] { try opened().allRecords() }

  // MARK: - Calls

  /// Answers a call: at once, or when its fault says.
  public func begin(
    _ call: ActionCall, _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) -> CallID {
    lastID += 1
    let id = CallID(lastID)
    do throws(ActionError) {
      switch try opened(for: call.account).answer(to: call) {
      case .reply(let reply): completion(Self.result(of: reply, to: call))
      case .nothing: throw .unanswered(call, within: call.timeout ?? Self.patience)
      case .slow(let reply): answerLater(id, call, reply, completion)
      }
    } catch {
      var error = error
      error.app = call.app
      error.action = call.action
      error.account = call.account
      completion(.failure(error))
    }
    return id
  }

  /// How long the remote backend waits for an answer; a fault that swallows it does not wait.
  private static let patience = Duration.seconds(60)

  private static func result(of reply: Reply, to call: ActionCall) -> Result<Reply, ActionError> {
    ReplyClassifier.failure(of: reply, to: call).map { .failure($0) } ?? .success(reply)
  }

  private func answerLater(
    _ id: CallID, _ call: ActionCall, _ reply: Reply,
    _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) {
    let patience = call.timeout ?? Self.patience
    let isTooLate = patience < Fault.slowness
    waiting.append(
      Waiting(
        id: id, call: call,
        result: isTooLate
          ? .failure(.unanswered(call, within: patience)) : Self.result(of: reply, to: call),
        due: MonotonicTime.now() + min(patience, Fault.slowness), completion: completion))
  }

  /// Cancels a call whose answer is slow; a write has been carried out, so its outcome is unknown.
  public func cancel(_ id: CallID) {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
    let entry = waiting.remove(at: index)
    entry.completion(.failure(.cancelled(entry.call)))
  }

  /// Waits for slow answers; a signal and `wake` end it early.
  public func poll(timeout: Duration) {
    let now = MonotonicTime.now()
    let next = waiting.map { max(.zero, $0.due - now) }.min()
    let wait = next.map { min(timeout, $0) } ?? timeout
    if next == nil || wait > .zero {
      if let wakeup { wakeup.wait(wait) } else { Threads.sleep(min(wait, .milliseconds(10))) }
    }
    let time = MonotonicTime.now()
    while let index = waiting.firstIndex(where: { $0.due <= time }) { complete(index) }
  }

  /// Completes a slow call where waits take no time.
  public func takeTurn() -> Bool {
    guard makesAccounts, !waiting.isEmpty else { return false }
    complete(0)
    return true
  }

  private func complete(_ index: Int) {
    let entry = waiting.remove(at: index)
    entry.completion(entry.result)
  }

  /// Wakes `poll` from any thread.
  public var wake: @Sendable () -> Void {
    let wakeup = wakeup
    return { wakeup?.wake() }
  }

  /// The effect that a connector declares.
  public func effect(app: String, action: String) -> Effect? {
    try? opened().declaredEffect(app: app, action: action)
  }
}
