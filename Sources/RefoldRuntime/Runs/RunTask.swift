import Lua

/// A coroutine of a run, and the call that it waits for.
final class RunTask {
  unowned let run: Run
  let thread: LuaThread
  var waitsFor: PendingCall?

  init(_ run: Run, _ thread: LuaThread) {
    self.run = run
    self.thread = thread
  }
}

/// A host call that may take a while.
///
/// It completes once, before or after a task has begun to wait for it.
final class PendingCall {
  /// Pushes the results of the call, or throws what the script shall catch.
  typealias Delivery = (borrowing LuaStack) throws -> Int

  private(set) var delivery: Delivery?
  /// The write that is in flight, as `app.action`.
  var writeInFlight: String?
  /// Gives the call up.
  var cancel: () -> Void = {}
  var waiter: RunTask?

  func complete(_ delivery: @escaping Delivery) {
    guard self.delivery == nil else { return }
    self.delivery = delivery
    writeInFlight = nil
    guard let waiter else { return }
    self.waiter = nil
    waiter.run.runtime.makeReady(waiter)
  }
}
