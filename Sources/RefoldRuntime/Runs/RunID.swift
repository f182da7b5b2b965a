/// Makes the ids of runs.
enum RunID {
  private static let letters = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// Returns `run_` and 20 random letters and digits: 100 bits.
  static func make() -> String {
    var random = SystemRandomNumberGenerator()
    var id = Array("run_".utf8)
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
