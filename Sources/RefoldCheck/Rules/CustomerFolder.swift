import LuaSyntax

/// A file in a folder that belongs to no account, so that nothing ever reads it.
enum CustomerFolder: CheckRule {
  static let code = "customer-folder"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    let words = file.path.split(separator: "/").map(String.init)
    guard let index = words.lastIndex(of: "customers"), index > 0, words[index - 1] == "scripts",
      index + 2 < words.count
    else { return }
    let name = words[index + 1]
    let plain = withoutEscapes(name)
    guard project.declarations.accountFolder(plain) != plain else { return }
    let meant = project.declarations.accountFolder(name)
    findings.error(
      "the folder '\(name)' belongs to no account", at: 0..<0,
      hint: meant.map {
        "if that is the account's id, call the folder '\($0)': what is no letter, digit, '-', '_', '.', '@' or '+' is encoded"
      } ?? "an account's folder has a name of at most 255 bytes")
  }

  /// The name with a letter in the place of each `%2F`.
  private static func withoutEscapes(_ name: String) -> String {
    var rest = Array(name.utf8)[...]
    var plain: [UInt8] = []
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2, rest.prefix(2).allSatisfy(isDigit) {
        rest = rest.dropFirst(2)
        plain.append(UInt8(ascii: "a"))
      } else {
        plain.append(byte)
      }
    }
    return String(decoding: plain, as: UTF8.self)
  }

  /// Whether a byte is a hexadecimal digit as it is written there.
  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
  }
}
