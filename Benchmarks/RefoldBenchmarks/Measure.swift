/// One figure of a benchmark: what it is, what it measured, and what it has to reach.
struct Figure {
  var name: String
  var value: String
  var target: String
  var isReached: Bool?

  /// Prints the figure as a row.
  func print() {
    let verdict = isReached.map { $0 ? "ok" : "MISSED" } ?? ""
    Swift.print(
      name.padded(to: 46) + value.padded(to: 34) + target.padded(to: 28) + verdict)
  }
}

extension String {
  func padded(to width: Int) -> String {
    count >= width ? self + " " : self + String(repeating: " ", count: width - count)
  }
}

/// Interleaves rounds of several measurements and keeps the fastest of each, since noise only adds.
func fastest(rounds: Int, _ measurements: [() throws -> Double]) throws -> [Double] {
  var best = [Double](repeating: .infinity, count: measurements.count)
  for _ in 0..<rounds {
    for (index, measure) in measurements.enumerated() {
      best[index] = min(best[index], try measure())
    }
  }
  return best
}

extension Double {
  /// The number with one digit behind the point.
  var short: String {
    let tenths = Int((self * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
  }

  /// The number with two digits behind the point.
  var hundredths: String {
    let hundredths = Int((self * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }

  var ratio: String { hundredths + "×" }
}

/// A benchmark whose answer is wrong must not report a time.
struct WrongAnswer: Error {
  var what: String
}
