/// One figure of a benchmark: what it is, what it measured, and what it has to reach.
public struct Figure {
  /// What was measured.
  public var name: String
  /// What it came to.
  public var value: String
  /// What it has to reach.
  public var target: String
  /// Whether it does; nil when nothing is asked of it.
  public var isReached: Bool?

  /// Makes a figure.
  public init(name: String, value: String, target: String, isReached: Bool? = nil) {
    self.name = name
    self.value = value
    self.target = target
    self.isReached = isReached
  }

  /// Prints the figure as a row.
  public func print() {
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
public func fastest(rounds: Int, _ measurements: [() throws -> Double]) throws -> [Double] {
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
  public var short: String {
    let tenths = Int((self * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
  }

  /// The number with two digits behind the point.
  public var hundredths: String {
    let hundredths = Int((self * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }

  /// The number as a factor.
  public var ratio: String { hundredths + "×" }
}

/// A benchmark whose answer is wrong must not report a time.
public struct WrongAnswer: Error {
  /// What gave it.
  public var what: String

  /// Makes the error.
  public init(what: String) { self.what = what }
}
