import Lua
import RefoldActions

extension Lane {
  /// Lists the linked accounts of the backend; blocks the calling thread.
  ///
  /// - Throws: `ActionError`, of kind `cancelled` when the ``StopSignal`` arrives.
  public func accounts() throws(ActionError) -> [String] {
    var ids: [String] = []
    var known: Set<String> = []
    var number = 1
    while true {
      let call = ActionCall(operation: .accounts(page: number), account: "")
      let reply = try wait(for: call)
      let page = try ReplyClassifier.decoded(reply, to: call) { (body) throws(JSONScanError) in
        try AccountPage.page(number, in: body)
      }
      let fresh = page.ids.filter { known.insert($0).inserted }
      ids += fresh
      // A server that sends the same page for ever must not be asked for ever.
      if !page.hasNext || fresh.isEmpty { return ids }
      number += 1
    }
  }

  private func wait(for call: ActionCall) throws(ActionError) -> Reply {
    var result: Result<Reply, ActionError>?
    let handle = caller.begin(call) { result = $0 }
    while result == nil {
      if StopSignal.hasArrived {
        handle.cancel()
        throw ActionError(.cancelled, code: "stopped", message: "stopped", about: call)
      }
      wait()
    }
    guard let result else { return Reply(status: 0, body: []) }
    return try result.get()
  }
}
