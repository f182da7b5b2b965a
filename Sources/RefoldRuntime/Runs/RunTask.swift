import Lua

/// A coroutine of a run: the script itself, or a child that `refold.all` or `refold.map` started.
final class RunTask {
  let run: Run
  let thread: LuaThread
  /// Whether it was given up and must not be resumed.
  private(set) var isCancelled = false
  /// How often it was preempted since it last waited.
  var preemptions = 0
  /// Whether it computes for longer than a tick; being hit by the first one says nothing.
  var isComputing: Bool { preemptions > 1 }
  /// The call that it waits for.
  var waitsFor: PendingCall?
  /// The group that it is a child of, and which one it is, from 1.
  let membership: (group: TaskGroup, index: Int)?
  /// The steps that lead to the task: none for the script itself, else the step of its group and which child it is.
  let path: [Int]
  /// The look-up that the task is for: what it does then is no step of the script.
  var lookUp: LookUp?
  /// How many calls and groups the task has begun.
  private var steps = 0

  init(_ run: Run, _ thread: LuaThread, in membership: (TaskGroup, Int)? = nil) {
    self.run = run
    self.thread = thread
    self.membership = membership
    path = membership.map { $0.0.path + [$0.1] } ?? []
    lookUp = membership?.0.lookUp
  }

  /// The place of the next call or group in the course of the run.
  func nextStep() -> [Int] {
    steps += 1
    return path + [steps]
  }

  /// Gives the task up, with the call that it waits for and all that this call stands for.
  ///
  /// - Returns: The calls whose write has left; they go on until they come back.
  func cancel() -> [PendingCall] {
    isCancelled = true
    run.interruptClaims(of: self)
    guard let call = waitsFor else { return [] }
    waitsFor = nil
    return call.giveUp()
  }
}
