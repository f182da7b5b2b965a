import Lua

/// A host call that may take a while.
///
/// It completes once, before or after a task has begun to wait for it.
final class PendingCall {
  /// Pushes the results of the call, or throws what the script shall catch.
  typealias Delivery = (borrowing LuaStack) throws -> Int

  private(set) var delivery: Delivery?
  /// The write that has left and not come back, as `app.action`.
  var writeInFlight: String?
  /// The step of the journal that the call is; nil when it is none.
  var step: StepRecord?
  /// Ends the call now, also a write that has left.
  var abandon: () -> Void = {}
  /// Gives up what the call stands for; returns the calls of children whose write has left.
  var giveUpChildren: () -> [PendingCall] = { [] }
  var waiter: RunTask?
  /// Whether nobody waits for the results any more: only what became of the write counts.
  private(set) var isGivenUp = false
  /// Called when the call has come back, and is given up before its results were delivered.
  var onDrop: () -> Void = {}
  /// Called when a call that was given up has come back.
  var onReturn: () -> Void = {}

  func complete(_ delivery: @escaping Delivery) {
    guard self.delivery == nil else { return }
    self.delivery = delivery
    writeInFlight = nil
    if isGivenUp { return onReturn() }
    guard let waiter else { return }
    self.waiter = nil
    waiter.run.lane.makeReady(waiter)
  }

  /// Gives the call up; a write that has left is not, since nobody could say any more whether it was applied.
  ///
  /// - Returns: The calls to wait for: this one or those of children.
  func giveUp() -> [PendingCall] {
    waiter = nil
    isGivenUp = true
    if delivery != nil {
      onDrop()
      return []
    }
    if writeInFlight != nil { return [self] }
    let children = giveUpChildren()
    if children.isEmpty { abandon() }
    return children
  }
}

/// Waits for calls that were given up while their write had left; lives as long as one of them is under way.
final class Returning {
  private(set) var calls: [PendingCall]
  private let onEnd: () -> Void

  /// - Parameter onEnd: Called once when all have come back; not before this returns.
  init(_ calls: [PendingCall], onEnd: @escaping () -> Void) {
    self.calls = calls
    self.onEnd = onEnd
    for call in calls { call.onReturn = { [weak call] in self.remove(call) } }
  }

  private func remove(_ call: PendingCall?) {
    guard !calls.isEmpty else { return }
    calls.removeAll { $0 === call }
    if calls.isEmpty { onEnd() }
  }
}
