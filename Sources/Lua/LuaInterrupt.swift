import CLuaShim
import Synchronization

extension LuaState {
  /// Sets when running Lua code is stopped, on the monotonic clock in nanoseconds; nil for never.
  ///
  /// The script then fails with ``LuaError/Code/deadline``; `pcall`, coroutines and message handlers cannot hold it up. Costs
  /// nothing while the script runs: a timer signal (`SIGUSR2`) to this thread arms a hook when the time has come. Call
  /// it on the thread that runs the state.
  public func setDeadline(nanoseconds: Int64?) {
    unsafe rl_set_deadline(context, nanoseconds ?? 0)
  }

  /// Sets the deadline for a thread that has ``Ticks``: costs no system call, and is noticed at the next tick.
  public func setDeadline(atTick nanoseconds: Int64?) {
    unsafe context.pointee.deadline_nanoseconds = nanoseconds ?? 0
  }

  /// Whether a task that computes at a tick of its thread comes back with ``LuaThread/Resumption/preempted``.
  public var isPreemptible: Bool {
    get { unsafe context.pointee.is_preemptible }
    set { unsafe context.pointee.is_preemptible = newValue }
  }

  /// After how many ticks a task is stopped that cannot be preempted, because it is inside a callback of a C function such as
  /// `table.sort`; nil for never.
  ///
  /// The script then fails with ``LuaError/Code/held``.
  public func limitHolding(toTicks ticks: Int?) {
    unsafe context.pointee.held_ticks = Int32(clamping: ticks.map { max(2, $0) } ?? 0)
  }

  /// Stops scripts after about so many instructions of Lua, at least 1.
  ///
  /// The script then fails with ``LuaError/Code/instructions``. Counts in steps of a thousand, each coroutine by itself, and
  /// makes all that computes take about twice as long. Call it before threads are made.
  public func limitInstructions(to count: Int) {
    unsafe rl_limit_instructions(context, Int64(max(1, count)))
  }

  /// The monotonic clock that deadlines are measured on, in nanoseconds.
  public static var monotonicNanoseconds: Int64 { rl_monotonic_nanoseconds() }
}

/// The ticks of a thread that drives several states: at each of them deadlines are checked and tasks preempted.
public enum Ticks {
  /// Starts the ticks of the calling thread.
  ///
  /// A timer signal (`SIGUSR2`) to it; waits in system calls may end early.
  public static func start(every interval: Duration) {
    let (seconds, attoseconds) = interval.components
    rl_set_ticks(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }

  /// Stops the ticks of the calling thread.
  public static func stop() { rl_set_ticks(0) }
}

/// Stops what a state runs, from any thread; stays harmless after the state is gone.
///
/// The script fails with ``LuaError/Code/stopped`` at the next tick of its thread (see ``Ticks``), or when it goes on.
@safe public final class LuaInterrupter: Sendable {
  /// The context while the state is open; the lock keeps it open while it is used.
  private let context: Mutex<ContextPointer?>

  init(_ context: UnsafeMutablePointer<rl_context>) {
    self.context = Mutex(unsafe ContextPointer(raw: context))
  }

  /// Asks the state to stop what it runs, now or when it runs the next time.
  public func stop() {
    context.withLock { context in
      if let context { unsafe rl_request_stop(context.raw) }
    }
  }

  func disconnect() {
    context.withLock { $0 = nil }
  }
}

// The guard: the lock of the interrupter, which the state takes before it frees the context; through it only the one
// field is touched that has atomic access.
@safe private struct ContextPointer: @unchecked Sendable {
  let raw: UnsafeMutablePointer<rl_context>
}

/// The signal by which a person stops what runs, usually `SIGINT`.
///
/// The first one stops the running script at its next instruction; the second ends the process at once with 128 + n.
public enum StopSignal {
  /// Installs the handler.
  ///
  /// The calling thread is the one whose scripts are stopped.
  public static func install(_ signal: Int32) -> Bool {
    rl_stop_signal_install(signal) == 0
  }

  /// Whether the signal has arrived since it was installed or reset.
  public static var hasArrived: Bool { rl_stop_signal_count() > 0 }

  /// Forgets that the signal has arrived.
  public static func reset() { rl_stop_signal_reset() }

  /// Lets the process go on when the signal comes a second time, for programs whose values a person wants to keep.
  public static func keepProcess() { rl_stop_signal_keep_process() }
}
