import Posix

/// The backend that answers from recordings; see ``Recordings`` for what matches.
///
/// Needs no network and no key. Answers come in the order in which they came when they were recorded, as far as the calls for
/// them have been made; a call that was given up then is not answered at all.
package final class ReplayBackend: Backend {
  private struct Waiting {
    let id: CallID
    let call: ActionCall
    let account: String
    /// How many answers of the run had come with it; nil for a call that is never answered.
    let order: Int?
    let result: Result<Reply, ActionError>
    let completion: (Result<Reply, ActionError>) -> Void
  }

  package let name = "replay"
  /// The folder of the recordings.
  package var location: String { recordings.folder }
  private let recordings: Recordings
  private var waiting: [Waiting] = []
  private var answered: [String: Int] = [:]
  private var lastID: UInt64 = 0
  private let wakeup = try? Wakeup()

  /// Makes a backend; several may share the recordings, each for other accounts.
  package init(_ recordings: Recordings) { self.recordings = recordings }

  package func begin(
    _ call: ActionCall, _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) -> CallID {
    lastID += 1
    let id = CallID(lastID)
    switch recordings.match(call) {
    case .diverged(let error):
      recordings.note(error, of: call)
      completion(.failure(error))
    case .answer(let answer, let order, let account):
      let result = answer.result(of: call)
      if order == 0, answer != .givenUp {
        completion(result)
      } else {
        waiting.append(
          Waiting(
            id: id, call: call, account: account, order: answer == .givenUp ? nil : order,
            result: result, completion: completion))
      }
    }
    return id
  }

  package func cancel(_ id: CallID) {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
    let given = waiting.remove(at: index)
    given.completion(RecordedCall.Answer.givenUp.result(of: given.call))
  }

  /// Completes the call whose answer comes next; waits when there is none.
  package func poll(timeout: Duration) {
    let next = waiting.firstIndex { entry in
      entry.order.map { $0 <= answered[entry.account, default: 0] + 1 } ?? false
    }
    if let next { return complete(next) }
    if timeout <= .zero || takeTurn() { return }
    if let wakeup { return wakeup.wait(timeout) }
    Threads.sleep(min(timeout, .milliseconds(10)))
  }

  /// Completes the call whose answer comes first among those that were made.
  package func takeTurn() -> Bool {
    let answerable = waiting.indices.filter { waiting[$0].order != nil }
    guard
      let first = answerable.min(by: { (waiting[$0].order ?? 0) < (waiting[$1].order ?? 0) })
    else { return false }
    complete(first)
    return true
  }

  private func complete(_ index: Int) {
    let entry = waiting.remove(at: index)
    answered[entry.account] = max(answered[entry.account, default: 0], entry.order ?? 0)
    entry.completion(entry.result)
  }

  package var wake: @Sendable () -> Void {
    let wakeup = wakeup
    return { wakeup?.wake() }
  }

  package func effect(app: String, action: String) -> Effect? {
    recordings.effect(app: app, action: action)
  }
}

extension RecordedCall.Answer {
  /// What a call completes with.
  fileprivate func result(of call: ActionCall) -> Result<Reply, ActionError> {
    switch self {
    case .reply(let status, let contentType, let body):
      return .success(Reply(status: status, body: body.bytes, contentType: contentType))
    case .failure(var error):
      (error.app, error.action, error.account) = (call.app, call.action, call.account)
      return .failure(error)
    case .givenUp: return .failure(.cancelled(call))
    }
  }
}
