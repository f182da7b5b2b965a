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

  /// Makes a backend on a database file, which need not exist.
  ///
  /// - Parameter clock: Gives the time of new records as ISO 8601 text.
  public init(databasePath: String, clock: @escaping () -> String = { Timestamp.now() }) {
    location = databasePath
    self.clock = clock
  }

  /// Returns the engine, opened on first use.
  ///
  /// - Throws: `ActionError` when the database cannot be opened.
  public func opened() throws(ActionError) -> SandboxEngine {
    if let engine { return engine }
    let engine = try SandboxEngine(databasePath: location, clock: clock)
    self.engine = engine
    return engine
  }

  /// Answers a call at once.
  public func begin(
    _ call: ActionCall, _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) -> CallID {
    lastID += 1
    do throws(ActionError) {
      let reply = try opened().reply(to: call)
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
