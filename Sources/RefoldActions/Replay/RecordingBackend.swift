/// A backend that passes each call on to another one, and notes what came back.
package final class RecordingBackend: Backend {
  private let backend: any Backend
  private let recorder: Recorder
  private var inFlight: Set<CallID> = []
  private var givenUp: Set<CallID> = []

  /// Makes a backend that stands before another.
  package init(_ backend: any Backend, _ recorder: Recorder) {
    self.backend = backend
    self.recorder = recorder
  }

  package var name: String { backend.name }
  package var location: String { backend.location }
  package var wake: @Sendable () -> Void { backend.wake }
  package func poll(timeout: Duration) { backend.poll(timeout: timeout) }
  package func takeTurn() -> Bool { backend.takeTurn() }

  package func begin(
    _ call: ActionCall, _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) -> CallID {
    let ticket = recorder.begin(call)
    var (id, isOver): (CallID?, Bool) = (nil, false)
    let begun = backend.begin(call) { [self] result in
      isOver = true
      if let id { inFlight.remove(id) }
      let isGivenUp = id.map { givenUp.remove($0) != nil } ?? false
      recorder.end(ticket, result, isGivenUp: isGivenUp && result.isFailure)
      completion(result)
    }
    id = begun
    if !isOver { inFlight.insert(begun) }
    return begun
  }

  package func cancel(_ id: CallID) {
    if inFlight.contains(id) { givenUp.insert(id) }
    backend.cancel(id)
  }

  package func effect(app: String, action: String) -> Effect? {
    let effect = backend.effect(app: app, action: action)
    if let effect { recorder.note(effect, app: app, action: action) }
    return effect
  }
}

extension Result {
  fileprivate var isFailure: Bool {
    if case .failure = self { return true }
    return false
  }
}
