import Posix
import RefoldActions

/// The sandbox in the process: calls are answered before `begin` returns.
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

  private let clock: () -> String
  /// Whether an account is made when it is first used, instead of being unknown.
  private let makesAccounts: Bool

  /// Makes a backend on a database file, which need not exist.
  ///
  /// - Parameter clock: Gives the time of new records as ISO 8601 text.
  public init(databasePath: String, clock: @escaping () -> String = { Timestamp.now() }) {
    location = databasePath
    self.clock = clock
    makesAccounts = false
  }

  /// Makes a backend in memory for tests: each account that is used is there, with seed rows.
  ///
  /// An account has the connectors' seed rows for its name, or those of `demo-user-1`.
  ///
  /// - Parameter clock: Gives the time of new records as ISO 8601 text.
  public init(inMemory clock: @escaping () -> String) {
    location = ":memory:"
    self.clock = clock
    makesAccounts = true
  }

  private func opened() throws(ActionError) -> SandboxEngine {
    if let engine { return engine }
    let engine = try SandboxEngine(
      databasePath: location, isSeeded: !makesAccounts, clock: clock)
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
  public func reset() throws(ActionError) { try engine?.clear() }

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

  // MARK: - Calls

  /// Answers a call at once.
  public func begin(
    _ call: ActionCall, _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) -> CallID {
    lastID += 1
    do throws(ActionError) {
      let reply = try opened(for: call.account).reply(to: call)
      if let failure = ReplyClassifier.failure(of: reply, to: call) { throw failure }
      completion(.success(reply))
    } catch {
      var error = error
      error.app = call.app
      error.action = call.action
      error.account = call.account
      completion(.failure(error))
    }
    return CallID(lastID)
  }

  /// Does nothing: no call is ever in flight.
  public func cancel(_ id: CallID) {}

  /// Waits, since no call is ever in flight; a signal and `wake` end it early.
  public func poll(timeout: Duration) {
    if let wakeup { return wakeup.wait(timeout) }
    Threads.sleep(min(timeout, .milliseconds(10)))
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
