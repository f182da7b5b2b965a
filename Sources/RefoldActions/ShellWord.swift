/// A text as one word of a command line, for commands that people paste.
public enum ShellWord {
  /// Returns the text as it is when a shell leaves it alone, otherwise in single quotes.
  ///
  /// ```swift
  /// ShellWord.of("welcome:ada@example.com")  // "welcome:ada@example.com"
  /// ShellWord.of("it's")  // "'it'\\''s'"
  /// ```
  public static func of(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./:@%+=,".utf8.contains(byte) || byte >= 0x80
      }
    }
    if isPlain, !text.isEmpty { return text }
    var word = "'"
    for character in text.unicodeScalars {
      if character == "'" {
        word += "'\\''"
      } else {
        word.unicodeScalars.append(character)
      }
    }
    return word + "'"
  }
}
