/// Where actions are executed: the sandbox, the Refold API, or a recording.
///
/// A backend belongs to one lane: it is made, used and released on one thread, and every completion runs
/// there, from `begin` or from `poll`. Each call completes exactly once: with a reply that `ReplyClassifier` takes for
/// no failure by its status and the look of its body, or with the failure that it is.
public protocol Backend: AnyObject {
  /// The word for this kind of backend: `sandbox`, `remote` or `replay`.
  var name: String { get }

  /// Where it is, for people: a path or a base URL, with no credentials in it.
  var location: String { get }

  /// Begins a call.
  ///
  /// - Parameters:
  ///   - call: What to do.
  ///   - completion: Called once, on this thread; possibly before `begin` returns.
  /// - Returns: A name with which the call can be cancelled.
  func begin(
    _ call: ActionCall, _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) -> CallID

  /// Cancels a call, which completes with an error of kind `cancelled`; does nothing if it has completed.
  func cancel(_ id: CallID)

  /// Waits up to `timeout` for calls to get on, runs their completions, and returns after the first ones.
  func poll(timeout: Duration)

  /// Completes a call that waits for nothing but its turn; called when nothing else can get on.
  ///
  /// - Returns: Whether there was one.
  func takeTurn() -> Bool

  /// Ends the current or the next wait in `poll`; may be called from any thread, also after the backend is gone.
  var wake: @Sendable () -> Void { get }

  /// Returns what the backend knows about an action's effect; nil when the rules are to decide.
  func effect(app: String, action: String) -> Effect?
}

extension Backend {
  /// Returns false: calls complete in the order in which their answers come.
  public func takeTurn() -> Bool { false }

  /// Returns nil: the rules decide.
  public func effect(app: String, action: String) -> Effect? { nil }
}
