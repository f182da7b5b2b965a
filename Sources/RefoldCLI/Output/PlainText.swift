/// Text that cannot do anything to a terminal, whatever a script, a record or a server has put into it.
enum PlainText {
  /// The text with quotes and control characters as Lua writes them.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      default:
        if isControl(scalar) {
          result +=
            scalar.value < 0x80 ? "\\\(scalar.value)" : "\\u{\(String(scalar.value, radix: 16))}"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }

  /// The text with control characters as spaces.
  static func oneLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
  }

  /// Returns the text with its control characters written out, as `\x1b`.
  ///
  /// Line breaks, tabs and colours (`ESC [ … m`) stay, and colours end with the text. All others could move the cursor, set the
  /// window's title, or fill the clipboard. What turns the direction of writing around is written out too.
  static func safe(_ text: String) -> String {
    guard text.utf8.contains(where: isSuspicious) else { return text }
    let scalars = Array(text.unicodeScalars)
    var safe = String.UnicodeScalarView()
    var index = 0
    var isColored = false
    while index < scalars.count {
      let scalar = scalars[index]
      if let end = endOfColor(in: scalars, from: index) {
        safe.append(contentsOf: scalars[index..<end])
        let code = String(String.UnicodeScalarView(scalars[(index + 2)..<end]))
        isColored = code != "m" && code != "0m"
        index = end
        continue
      }
      index += 1
      let isEndOfLine = scalar == "\r" && index < scalars.count && scalars[index] == "\n"
      if isEndOfLine { continue }
      if scalar == "\n" || scalar == "\t" || !isControl(scalar) {
        safe.append(scalar)
      } else {
        safe.append(contentsOf: written(scalar).unicodeScalars)
      }
    }
    return String(safe) + (isColored ? "\u{1B}[0m" : "")
  }

  /// Whether a byte is a control character, or may begin a character above ASCII that is written out.
  private static func isSuspicious(_ byte: UInt8) -> Bool {
    byte < 0x20 && byte != 0x0A && byte != 0x09 || byte == 0x7F || byte == 0xC2 || byte == 0xE2
  }

  /// Where a sequence ends that changes the look of text; nil when none begins at a place.
  private static func endOfColor(in scalars: [Unicode.Scalar], from start: Int) -> Int? {
    guard scalars[start] == "\u{1B}", start + 1 < scalars.count, scalars[start + 1] == "["
    else { return nil }
    let end = scalars[(start + 2)...].firstIndex { !("0"..."9" ~= $0 || $0 == ";" || $0 == ":") }
    return end.flatMap { scalars[$0] == "m" ? $0 + 1 : nil }
  }

  private static func written(_ scalar: Unicode.Scalar) -> String {
    if scalar == "\r" { return "\\r" }
    let digits = String(scalar.value, radix: 16)
    if scalar.value >= 0x80 { return "\\u{\(digits)}" }
    return "\\x" + (digits.count < 2 ? "0" + digits : digits)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
    // Marks that turn the direction of what follows.
    case .format:
      (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    default: false
    }
  }
}
