import Lua

/// The tasks that can go on.
///
/// Those whose wait is over come first. Those that compute, and were interrupted for the others, come when nobody else is ready,
/// and every 20 ms all the same, so that a busy lane does not starve them.
struct TaskQueue {
  private var ready = Fifo<RunTask>()
  private var computing = Fifo<RunTask>()
  private var lastTurn: Int64 = 0
  private static let longestPauseNanoseconds: Int64 = 20_000_000

  /// How many tasks are ready, without those that compute.
  var readyCount: Int { ready.count }

  mutating func append(_ task: RunTask) { ready.append(task) }

  /// Adds a task that was preempted.
  mutating func appendComputing(_ task: RunTask) { computing.append(task) }

  /// Takes the task out whose turn it is.
  mutating func next() -> RunTask? {
    if computing.isEmpty { return ready.popFirst() }
    let now = LuaState.monotonicNanoseconds
    if !ready.isEmpty, now - lastTurn < Self.longestPauseNanoseconds { return ready.popFirst() }
    lastTurn = now
    return computing.popFirst()
  }

  /// Forgets the tasks of runs that have ended.
  mutating func forgetEnded() {
    ready.removeAll { $0.run.isOver }
    computing.removeAll { $0.run.isOver }
  }
}
