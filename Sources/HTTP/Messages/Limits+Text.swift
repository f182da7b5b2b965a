extension Duration {
  /// The duration for people: whole seconds as `60s`, everything else in milliseconds.
  var text: String {
    let milliseconds = self.milliseconds
    return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
  }

  /// Whole milliseconds, rounded up, from 0 to the largest number that C's `int` takes.
  var milliseconds: Int {
    guard self > .zero else { return 0 }
    guard self < .seconds(2_000_000) else { return 2_000_000_000 }
    let (seconds, attoseconds) = components
    return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}

extension Int {
  /// A number of bytes for people, exact: `64 MiB`, `10 KiB`, `100 bytes`.
  var byteText: String {
    for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")]
    where self > 0 && self % (1 << shift) == 0 {
      return "\(self >> shift) \(unit)"
    }
    return "\(self) bytes"
  }
}
