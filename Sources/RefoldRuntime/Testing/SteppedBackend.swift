import RefoldActions

/// A backend that names the moments before a write leaves, and after it was answered.
///
/// Confined to the lane that it belongs to.
final class SteppedBackend: Backend {
  private let inner: any Backend
  private let points: CrashPoints

  init(_ inner: any Backend, _ points: CrashPoints) {
    self.inner = inner
    self.points = points
  }

  var name: String { inner.name }
  var location: String { inner.location }
  var wake: @Sendable () -> Void { inner.wake }

  func begin(
    _ call: ActionCall, _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) -> CallID {
    guard call.effect == .write, let app = call.app, let action = call.action else {
      return inner.begin(call, completion)
    }
    let points = points
    let write = "\(app).\(action)"
    points.pass(.leaves(write))
    return inner.begin(call) { result in
      points.pass(.answered(write))
      completion(result)
    }
  }

  func cancel(_ id: CallID) { inner.cancel(id) }
  func poll(timeout: Duration) { inner.poll(timeout: timeout) }
  func takeTurn() -> Bool { inner.takeTurn() }
  func effect(app: String, action: String) -> Effect? { inner.effect(app: app, action: action) }
}
