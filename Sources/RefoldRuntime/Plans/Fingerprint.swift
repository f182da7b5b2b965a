/// SHA-256 of what a plan rests on, as 64 hexadecimal digits.
enum Fingerprint {
  /// Returns the hash of some bytes.
  static func of(_ bytes: [UInt8]) -> String {
    var hash = ContentHash()
    hash.add(bytes)
    return hash.hexadecimal()
  }

  /// Returns the hash of a text.
  static func of(_ text: String) -> String { of(Array(text.utf8)) }
}
