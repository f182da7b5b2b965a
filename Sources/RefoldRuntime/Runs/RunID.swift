/// Makes the ids of runs, and of dead letters.
enum RunID {
  private static let letters = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// Returns a word, `run_` as a rule, and 20 random letters and digits: 100 bits.
  static func make(_ word: String = "run_") -> String {
    var random = SystemRandomNumberGenerator()
    var id = Array(word.utf8)
    for _ in 0..<2 {
      var bits: UInt64 = random.next()
      for _ in 0..<10 {
        id.append(letters[Int(bits & 31)])
        bits >>= 5
      }
    }
    return String(decoding: id, as: UTF8.self)
  }
}
