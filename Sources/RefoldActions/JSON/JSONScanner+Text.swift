// Strings and numbers, and what is said when they are wrong.

extension JSONScanner {
  /// The byte at `offset`; nil at the end.
  var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// Reads a string from its opening quote past its closing one.
  mutating func text() throws(JSONScanError) -> String {
    let start = offset
    offset += 1
    var content: [UInt8] = []
    while let byte = current {
      offset += 1
      switch byte {
      case Byte.quote:
        guard let text = String(validating: content, as: UTF8.self) else {
          throw failure("a string that is not UTF-8", at: start)
        }
        return text
      case Byte.backslash:
        try escape(into: &content)
      case 0..<0x20:
        throw failure("a control character in a string", at: offset - 1)
      default:
        content.append(byte)
      }
    }
    throw failure("a string without an end", at: start)
  }

  private mutating func escape(into content: inout [UInt8]) throws(JSONScanError) {
    let start = offset - 1
    guard let byte = current else { throw failure("a string without an end", at: start) }
    offset += 1
    switch byte {
    case Byte.quote, Byte.backslash, UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case Byte.n: content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case Byte.t: content.append(0x09)
    case UInt8(ascii: "u"): content.append(contentsOf: String(try codePoint(from: start)).utf8)
    default: throw failure("an unknown escape", at: start)
    }
  }

  private mutating func codePoint(from start: Int) throws(JSONScanError) -> Character {
    let first = try hexDigits(from: start)
    if let scalar = Unicode.Scalar(first) { return Character(scalar) }
    let rewind = offset
    if first < 0xDC00, current == Byte.backslash {
      offset += 1
      if current == UInt8(ascii: "u") {
        offset += 1
        let second = try hexDigits(from: rewind)
        if (0xDC00...0xDFFF).contains(second),
          let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        {
          return Character(scalar)
        }
      }
    }
    offset = rewind
    return "\u{FFFD}"
  }

  private mutating func hexDigits(from start: Int) throws(JSONScanError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("an escape without four hexadecimal digits", at: start)
      }
      value = value << 4 + UInt32(digit)
      offset += 1
    }
    return value
  }

  /// Reads a number and returns it as it is written.
  mutating func number() throws(JSONScanError) -> String {
    let start = offset
    if current == Byte.minus { offset += 1 }
    if current == Byte.zero {
      offset += 1
      if isDigit { throw failure("a number with a leading zero", at: start) }
    } else {
      try digits(from: start)
    }
    if current == UInt8(ascii: ".") {
      offset += 1
      try digits(from: start)
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      offset += 1
      if current == UInt8(ascii: "+") || current == Byte.minus { offset += 1 }
      try digits(from: start)
    }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private var isDigit: Bool { current.map { (Byte.zero...Byte.nine).contains($0) } ?? false }

  private mutating func digits(from start: Int) throws(JSONScanError) {
    guard isDigit else { throw failure("a number without its digits", at: start) }
    while isDigit { offset += 1 }
  }

  func failure(_ message: String, at place: Int? = nil) -> JSONScanError {
    JSONScanError(message: message, offset: place ?? offset)
  }

  /// Says what was expected at `offset` and what stands there.
  func unexpected(_ expectation: String) -> JSONScanError {
    guard let byte = current else {
      return failure("expected \(expectation), found the end")
    }
    let found = (0x21...0x7E).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)"
    return failure("expected \(expectation), found \(found)")
  }

  /// The bytes that give JSON its structure.
  enum Byte {
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")
    static let minus = UInt8(ascii: "-")
    static let zero = UInt8(ascii: "0")
    static let nine = UInt8(ascii: "9")
    static let t = UInt8(ascii: "t")
    static let f = UInt8(ascii: "f")
    static let n = UInt8(ascii: "n")
  }
}
