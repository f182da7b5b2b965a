/// Durations and sizes as people write them on a command line.
enum Quantities {
  /// Reads `500ms`, `30s`, `10m`, `2h` or plain seconds; more than nothing, at most 365 days.
  static func duration(_ text: String) -> Duration? {
    let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)]
    for (unit, seconds) in units where text.hasSuffix(unit) {
      guard let number = Double(text.dropLast(unit.count)) else { continue }
      let total = number * seconds
      guard total > 0, total <= 365 * 86_400 else { return nil }
      return .nanoseconds(Int64(total * 1e9))
    }
    return nil
  }

  /// Reads `512K`, `64M`, `1G` or bytes; more than nothing, at most 64 GiB.
  static func bytes(_ text: String) -> Int? {
    let units: [(String, Int)] = [("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30), ("", 1)]
    for (unit, size) in units where text.uppercased().hasSuffix(unit) {
      guard let number = Int(text.dropLast(unit.count)) else { continue }
      let (total, overflow) = number.multipliedReportingOverflow(by: size)
      return overflow || total <= 0 || total > 64 << 30 ? nil : total
    }
    return nil
  }
}
