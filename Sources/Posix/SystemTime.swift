import Glibc

/// The clock of the calendar, which people and networks may set.
public enum SystemTime {
  /// Returns the time since 1970-01-01 00:00 UTC.
  public static func sinceEpoch() -> Duration {
    var time = timespec()
    // SAFETY: `time` outlives the call.
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
  }
}
