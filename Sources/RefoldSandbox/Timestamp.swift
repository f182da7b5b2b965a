import Posix

/// Times as the platform writes them: `2026-01-20T10:00:00.000Z`.
public enum Timestamp {
  /// Returns the time now, in UTC with milliseconds.
  public static func now() -> String {
    let since1970 = Self.secondsSince1970()
    return text(seconds: since1970.seconds, milliseconds: since1970.milliseconds)
  }

  private static func secondsSince1970() -> (seconds: Int64, milliseconds: Int64) {
    let (seconds, attoseconds) = SystemTime.sinceEpoch().components
    return (seconds, attoseconds / 1_000_000_000_000_000)
  }

  /// Returns a time as text.
  ///
  /// - Parameters:
  ///   - seconds: Whole seconds since 1970.
  ///   - milliseconds: What is beyond them, from 0 to 999.
  public static func text(seconds: Int64, milliseconds: Int64) -> String {
    let days = seconds.floorDivided(by: 86_400)
    let second = seconds - days * 86_400
    let (year, month, day) = civil(days: days)
    let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    let time =
      "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    return "\(date)T\(time).\(padded(milliseconds, 3))Z"
  }

  // Days to a date of the Gregorian calendar: Howard Hinnant, chrono-Compatible Low-Level Date Algorithms.
  private static func civil(days: Int64) -> (Int64, Int64, Int64) {
    let shifted = days + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Int64 {
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : (self - divisor + 1) / divisor
  }
}
