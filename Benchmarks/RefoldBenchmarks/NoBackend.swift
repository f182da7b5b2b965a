import RefoldActions

/// A backend for measurements that make no calls.
final class NoBackend: Backend {
  let name = "none"
  let location = "nowhere"

  func begin(
    _ call: ActionCall, _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) -> CallID {
    completion(.success(Reply(status: 404, body: [])))
    return CallID(0)
  }

  func cancel(_ id: CallID) {}

  func poll(timeout: Duration) {}

  var wake: @Sendable () -> Void { {} }
}
