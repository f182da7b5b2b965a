import Posix

/// Times as the platform writes them: `2026-01-20T10:00:00.000Z`.
public enum Timestamp {
  /// Returns the time now, in UTC with milliseconds.
  public static func now() -> String { UTCTime(SystemTime.sinceEpoch()).withMilliseconds }
}
