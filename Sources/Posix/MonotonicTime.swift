import Glibc

/// The clock that never goes back and does not know the date.
public enum MonotonicTime {
  /// Returns the time since some fixed moment before the process began.
  public static func now() -> Duration {
    var time = timespec()
    // SAFETY: `time` outlives the call. The clock exists on every Linux, so the call cannot fail.
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
