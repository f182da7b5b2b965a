/// Resolves the escapes of a quoted string.
struct StringDecoder {
  /// What is wrong with a string.
  struct Problem: Error {
    var message: String
    /// The text up to where it is wrong; nil when the file ends in the string.
    var near: String?
    var offset: Int
  }

  private(set) var value: [UInt8] = []
  private let bytes: [UInt8]
  private let quote: UInt8
  private var offset: Int

  /// - Parameter start: The offset of the opening quote.
  init(_ bytes: [UInt8], from start: Int) {
    self.bytes = bytes
    quote = bytes[start]
    offset = start + 1
  }

  private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  mutating func decode() throws(Problem) {
    while let byte = current {
      if byte == quote { return }
      if byte.isLuaLineBreak {
        throw problem("unfinished string", near: value)
      }
      if byte == UInt8(ascii: "\\") {
        try decodeEscape()
      } else {
        value.append(byte)
        offset += 1
      }
    }
    throw Problem(message: "unfinished string", near: nil, offset: offset)
  }

  private static let simple: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 0x07, UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C,
    UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    UInt8(ascii: "v"): 0x0B, UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "'"): UInt8(ascii: "'"),
  ]

  private mutating func decodeEscape() throws(Problem) {
    let start = offset
    offset += 1
    guard let escaped = current else { return }
    if let byte = Self.simple[escaped] {
      value.append(byte)
      offset += 1
      return
    }
    switch escaped {
    case UInt8(ascii: "x"):
      let high = try hexDigit(from: start)
      let low = try hexDigit(from: start)
      offset += 1
      value.append(high << 4 | low)
    case UInt8(ascii: "u"): try decodeCodePoint(from: start)
    case UInt8(ascii: "z"):
      offset += 1
      while let space = current, space.isLuaSpace { offset += 1 }
    case 0x0A, 0x0D:
      offset += 1
      if let other = current, other.isLuaLineBreak, other != escaped { offset += 1 }
      value.append(0x0A)
    default: try decodeDecimal(from: start)
    }
  }

  private mutating func decodeDecimal(from start: Int) throws(Problem) {
    try check(current?.isDigit == true, "invalid escape sequence", from: start)
    var number = 0
    var digits = 0
    while digits < 3, let digit = current, digit.isDigit {
      number = number * 10 + Int(digit - 0x30)
      offset += 1
      digits += 1
    }
    try check(number <= 255, "decimal escape too large", from: start)
    value.append(UInt8(number))
  }

  /// The value of the hexadecimal digit that has to follow.
  private mutating func hexDigit(from start: Int) throws(Problem) -> UInt8 {
    offset += 1
    guard let digit = current?.hexValue else {
      throw escapeProblem("hexadecimal digit expected", from: start)
    }
    return digit
  }

  private mutating func decodeCodePoint(from start: Int) throws(Problem) {
    offset += 1
    try check(current == UInt8(ascii: "{"), "missing '{'", from: start)
    var point = UInt32(try hexDigit(from: start))
    offset += 1
    while let digit = current?.hexValue {
      try check(point <= 0x7FFF_FFFF >> 4, "UTF-8 value too large", from: start)
      point = point << 4 | UInt32(digit)
      offset += 1
    }
    try check(current == UInt8(ascii: "}"), "missing '}'", from: start)
    offset += 1
    append(point)
  }

  /// Appends the bytes of a code point of up to 31 bits, as UTF-8 was first defined.
  private mutating func append(_ point: UInt32) {
    guard point >= 0x80 else { return value.append(UInt8(point)) }
    var rest = point
    var tail: [UInt8] = []
    // How large the rest may be to fit the first byte beside its mark.
    var room: UInt32 = 0x3F
    repeat {
      tail.append(UInt8(0x80 | rest & 0x3F))
      rest >>= 6
      room >>= 1
    } while rest > room
    value.append(UInt8(truncatingIfNeeded: ~room << 1 | rest))
    value += tail.reversed()
  }

  private func check(_ condition: Bool, _ message: String, from start: Int) throws(Problem) {
    if !condition { throw escapeProblem(message, from: start) }
  }

  private func escapeProblem(_ message: String, from start: Int) -> Problem {
    let end = min(offset + 1, bytes.count)
    return problem(message, near: value + bytes[start..<end])
  }

  private func problem(_ message: String, near: [UInt8]) -> Problem {
    Problem(
      message: message, near: String(decoding: [quote] + near, as: UTF8.self), offset: offset)
  }
}
