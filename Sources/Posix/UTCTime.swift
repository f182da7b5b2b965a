/// A time since 1970 that prints as ISO 8601 in UTC, with seconds: `2026-11-24T12:30:00Z`.
public struct UTCTime: Sendable, Hashable, CustomStringConvertible {
  private let seconds: Int64
  private let milliseconds: Int64

  /// Makes the time that is so long after 1970-01-01 00:00 UTC.
  public init(_ sinceEpoch: Duration) {
    let (seconds, attoseconds) = sinceEpoch.components
    let total = seconds * 1000 + (attoseconds / 1_000_000).floorDivided(by: 1_000_000_000)
    self.seconds = total.floorDivided(by: 1000)
    milliseconds = total - self.seconds * 1000
  }

  /// The time with seconds.
  public var description: String { "\(date)T\(time)Z" }

  /// The time with milliseconds: `2026-11-24T12:30:00.250Z`.
  public var withMilliseconds: String { "\(date)T\(time).\(Self.padded(milliseconds, 3))Z" }

  private var date: String {
    let (year, month, day) = Self.civil(days: seconds.floorDivided(by: 86_400))
    return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
  }

  private var time: String {
    let second = seconds - seconds.floorDivided(by: 86_400) * 86_400
    return [second / 3600, second / 60 % 60, second % 60].map { Self.padded($0, 2) }
      .joined(separator: ":")
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
