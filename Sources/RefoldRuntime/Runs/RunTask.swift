import Lua

/// A coroutine of a run: the script itself, or a child that `refold.all` or `refold.map` started.
final class RunTask {
  unowned let run: Run
  let thread: LuaThread
  /// Whether it was given up and must not be resumed.
  private(set) var isCancelled = false
  /// The call that it waits for.
  var waitsFor: PendingCall?
  /// The group that it is a child of, and which one it is, from 1.
  let membership: (group: TaskGroup, index: Int)?

  init(_ run: Run, _ thread: LuaThread, in membership: (TaskGroup, Int)? = nil) {
    self.run = run
    self.thread = thread
    self.membership = membership
  }

  /// Gives the task up, with the call that it waits for and all that this call stands for.
  ///
  /// - Returns: The writes that were in flight, as `app.action`.
  func cancel() -> [String] {
    isCancelled = true
    guard let call = waitsFor else { return [] }
    waitsFor = nil
    return run.giveUp(call)
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
  /// Gives the call up; returns the writes of children that were in flight.
  var cancel: () -> [String] = { [] }
  var waiter: RunTask?

  func complete(_ delivery: @escaping Delivery) {
    guard self.delivery == nil else { return }
    self.delivery = delivery
    writeInFlight = nil
    guard let waiter else { return }
    self.waiter = nil
    waiter.run.lane.makeReady(waiter)
  }
}
