/// The name of an account's folder under `scripts/customers`.
///
/// An account id may hold anything, a folder's name may not. Letters and digits of ASCII and `- _ . @ +` stand for
/// themselves, except a point at the start; each other byte is `%` and two hexadecimal digits, as in a URL: `a/b` is `a%2Fb`.
/// So each id has a folder of its own, and none leads out of `customers`.
public enum AccountFolder {
  /// The longest name that file systems take.
  static let maximumBytes = 255

  /// Returns the folder's name for an account id; nil for an empty id and one that makes a name too long for a file system.
  ///
  /// ```swift
  /// AccountFolder.name(of: "acme")  // "acme"
  /// AccountFolder.name(of: "../x y")  // "%2E.%2Fx%20y"
  /// ```
  public static func name(of account: String) -> String? {
    var name: [UInt8] = []
    for byte in account.utf8 {
      if isPlain(byte), !(name.isEmpty && byte == UInt8(ascii: ".")) {
        name.append(byte)
      } else {
        name += [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 15)]
      }
    }
    if name.isEmpty || name.count > maximumBytes { return nil }
    return String(decoding: name, as: UTF8.self)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-_.@+".utf8.contains(byte)
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }
}
