/// How many columns of a terminal a text takes.
public enum TextWidth {
  /// The columns of a text without line breaks and escape sequences.
  public static func of(_ text: String) -> Int {
    var width = 0
    for byte in text.utf8 {
      // Printable ASCII, nearly always all there is, is one column each.
      guard (0x20...0x7E).contains(byte) else { return text.reduce(0) { $0 + of($1) } }
      width += 1
    }
    return width
  }

  /// The columns of one character: 0, 1 or 2.
  public static func of(_ character: Character) -> Int {
    if let ascii = character.asciiValue { return ascii < 0x20 || ascii == 0x7F ? 0 : 1 }
    var width = 0
    for scalar in character.unicodeScalars {
      // Asks for the coloured form of a sign, which is wide.
      if scalar.value == 0xFE0F, width == 1 { width = 2 }
      width = max(width, of(scalar))
    }
    return width
  }

  private static func of(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    let value = scalar.value
    if value < 0x1100 { return 1 }
    return wide.contains { $0.contains(value) } ? 2 : 1
  }

  /// The blocks of wide characters, after Unicode's East Asian Width (UAX #11), and the emoji.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x231A...0x231B, 0x23E9...0x23EC, 0x2614...0x2615, 0x267F...0x267F,
    0x26A1...0x26A1, 0x2705...0x2705, 0x274C...0x274C, 0x2728...0x2728, 0x2753...0x2755,
    0x2795...0x2797, 0x2B50...0x2B50, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF,
    0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
    0x1F900...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x3FFFD,
  ]

  /// The longest beginning of a text that fits so many columns.
  public static func prefix(of text: String, columns: Int) -> String {
    var width = 0
    return String(
      text.prefix { character in
        width += of(character)
        return width <= columns
      })
  }

  /// The text in lines of at most so many columns, broken at spaces where there are some.
  public static func wrapped(_ text: String, columns: Int) -> [String] {
    let columns = max(1, columns)
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      var word = String(word)
      if !line.isEmpty, of(line) + 1 + of(word) > columns {
        lines.append(line)
        line = ""
      }
      while of(word) > columns {
        let start = prefix(of: word, columns: columns)
        guard !start.isEmpty else { break }
        lines.append(start)
        word.removeFirst(start.count)
      }
      line = line.isEmpty ? word : "\(line) \(word)"
    }
    return lines + [line]
  }
}
