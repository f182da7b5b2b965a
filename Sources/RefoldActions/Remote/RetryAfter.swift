/// Reads the `Retry-After` header (RFC 9110, 10.2.3).
enum RetryAfter {
  /// Returns how long to wait; nil when the header says nothing usable.
  ///
  /// A date is taken against the reply's own `Date`, so that only the server's clock counts; without that
  /// it says nothing.
  ///
  /// - Parameters:
  ///   - value: Seconds, or a date.
  ///   - date: The reply's `Date` header.
  static func duration(_ value: String, date: String?) -> Duration? {
    let value = value.trimmingSpaces()
    if value.utf8.count <= 9, let seconds = UInt32(value) { return .seconds(seconds) }
    guard let end = seconds(value), let start = date.flatMap({ seconds($0) }) else { return nil }
    return .seconds(max(0, end - start))
  }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// Returns the seconds since 1970 of a date in any of the three forms of HTTP (RFC 9110, 5.6.7).
  ///
  /// All three name day and year as numbers in this order, the month by its first letters, and the time with
  /// colons: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
  static func seconds(_ text: String) -> Int? {
    var (month, time): (Int?, Int?)
    var numbers: [Int] = []
    for word in text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" }) {
      if let index = months.firstIndex(of: word.lowercased()) {
        month = index + 1
      } else if word.contains(":") {
        time = timeOfDay(word)
      } else if let number = UInt16(word) {
        numbers.append(Int(number))
      }
    }
    guard let month, let time, numbers.count == 2, (1...31).contains(numbers[0]) else { return nil }
    // A year of two digits is of the last fifty years or the next; these dates are about now.
    let year = numbers[1] < 100 ? numbers[1] + 2000 : numbers[1]
    return days(year: year, month: month, day: numbers[0]) * 86_400 + time
  }

  private static func timeOfDay(_ word: Substring) -> Int? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false).map { UInt8($0) }
    guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
      hour < 24, minute < 60, second <= 60
    else { return nil }
    return Int(hour) * 3600 + Int(minute) * 60 + Int(second)
  }

  /// Returns the days from 1 January 1970 to a date of the Gregorian calendar.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    // Years that begin in March put the leap day last.
    let year = month <= 2 ? year - 1 : year
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
  }
}
