import CLuaShim

extension LuaState {
  /// Sets when running Lua code is stopped, on the monotonic clock in nanoseconds; nil for never.
  ///
  /// The script then fails with ``LuaError/Code/deadline``; `pcall`, coroutines and message handlers cannot hold it up. Costs
  /// nothing while the script runs: a timer signal (`SIGUSR2`) to this thread arms a hook when the time has come. Call
  /// it on the thread that runs the state.
  public func setDeadline(nanoseconds: Int64?) {
    unsafe rl_set_deadline(context, nanoseconds ?? 0)
  }

  /// The monotonic clock that deadlines are measured on, in nanoseconds.
  public static var monotonicNanoseconds: Int64 { rl_monotonic_nanoseconds() }
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
}
