import Lua
import RefoldActions

extension Lane {
  /// How long a write that has left may take when a person stops the program, in nanoseconds.
  private static let longestReturnNanoseconds: Int64 = 5_000_000_000

  /// Makes a call and waits for its answer; blocks the calling thread.
  ///
  /// The ``StopSignal`` gives a read up at once, and a write after five seconds, when its outcome is unknown.
  ///
  /// - Returns: The reply, or why the call failed: by its status, by its envelope, or by what the connection of the app says.
  func answer(to call: ActionCall) -> Result<Reply, ActionError> {
    var result: Result<Reply, ActionError>?
    var stopAt: Int64?
    let handle = caller.begin(call) { result = $0 }
    while result == nil {
      if StopSignal.hasArrived {
        let end = stopAt ?? clock.now + (call.effect == .read ? 0 : Self.longestReturnNanoseconds)
        stopAt = end
        if clock.now >= end { handle.cancel() }
      }
      if result == nil { wait() }
    }
    rest()
    let judged = (result ?? .success(Reply(status: 0, body: []))).judged(call)
    guard case .failure(let error) = judged, error.kind == .auth, let app = call.app else {
      return judged
    }
    var explained: ActionError?
    catalog.explainRefusal(error, app: app, account: call.account) { explained = $0 }
    while explained == nil, !StopSignal.hasArrived { wait() }
    return .failure(explained ?? error)
  }
}
