/// Finds the name that somebody probably meant.
public enum NearestName {
  /// Returns the candidate nearest to a name, or nil when none is near.
  ///
  /// Near is one edit in up to five characters, two in up to eight, three beyond; an edit inserts, deletes or replaces
  /// a character or swaps two neighbours. Case does not count. Of equally near ones the one that shares
  /// the longer beginning wins, then the first in the order of their characters, so the order of the
  /// candidates does not matter. Time is the product of the lengths, for each candidate.
  ///
  /// ```swift
  /// NearestName.of("create_contct", in: ["create_contact", "create_company"])  // "create_contact"
  /// ```
  public static func of(_ name: String, in candidates: [String]) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars)
    // Names are short; a long one is not a misspelling, and comparing it would cost.
    guard !wanted.isEmpty, wanted.count <= 200 else { return nil }
    let limit = wanted.count <= 5 ? 1 : wanted.count <= 8 ? 2 : 3
    var best: (distance: Int, unshared: Int, name: String)?
    for candidate in candidates {
      let letters = Array(candidate.lowercased().unicodeScalars)
      guard abs(letters.count - wanted.count) <= limit else { continue }
      let distance = distance(from: wanted, to: letters)
      guard distance <= limit, distance < max(wanted.count, letters.count) else { continue }
      let unshared = wanted.count - zip(wanted, letters).prefix { $0 == $1 }.count
      if let best, best < (distance, unshared, candidate) { continue }
      best = (distance, unshared, candidate)
    }
    return best?.name
  }

  /// Returns the number of edits between two names (optimal string alignment).
  static func distance(from one: [Unicode.Scalar], to other: [Unicode.Scalar]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...other.count)
    for row in one.indices {
      var current = [row + 1]
      current.reserveCapacity(other.count + 1)
      for column in other.indices {
        let replaced = previous[column] + (one[row] == other[column] ? 0 : 1)
        var cost = min(replaced, previous[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
          cost = min(cost, beforePrevious[column - 1] + 1)
        }
        current.append(cost)
      }
      (beforePrevious, previous) = (previous, current)
    }
    return previous[other.count]
  }
}
