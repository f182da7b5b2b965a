/// Finds the words of Lua source one after the other, where Lua finds them.
///
/// The prompt colours and completes by it, and the parser reads what it finds.
struct LuaScanner {
  private let source: [UInt8]
  private(set) var offset = 0

  init(_ source: [UInt8]) { self.source = source }

  private func byte(_ ahead: Int = 0) -> UInt8? {
    offset + ahead < source.count ? source[offset + ahead] : nil
  }

  mutating func next() -> LuaToken? {
    while offset < source.count, source[offset].isLuaSpace { offset += 1 }
    guard let first = byte() else { return nil }
    let start = offset
    let kind = scan(first)
    return LuaToken(kind: kind, range: start..<offset)
  }

  /// Goes on behind the mark of UTF-8 with which some editors begin a file.
  mutating func skipMark() {
    if source.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
  }

  /// Goes on behind the first line.
  mutating func skipLine() {
    while let byte = byte(), !byte.isLuaLineBreak { offset += 1 }
  }

  private mutating func scan(_ first: UInt8) -> LuaToken.Kind {
    switch first {
    case _ where first.startsLuaName: return scanName()
    case 0x30...0x39: return scanNumber()
    case UInt8(ascii: ".") where byte(1)?.isDigit == true: return scanNumber()
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(isClosed: scanQuoted(first))
    case UInt8(ascii: "[") where longBracketLevel() != nil:
      return .string(isClosed: scanLong())
    case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"): return scanComment()
    default: return scanSymbol()
    }
  }

  private mutating func scanName() -> LuaToken.Kind {
    let start = offset
    while let byte = byte(), byte.continuesLuaName { offset += 1 }
    guard offset - start <= 8 else { return .name }
    let text = String(decoding: source[start..<offset], as: UTF8.self)
    return LuaToken.keywords.contains(text) ? .keyword : .name
  }

  /// Takes what Lua takes for a number before it looks whether it is one: digits of either base, points, exponents with
  /// their signs, and one letter more if it touches one.
  private mutating func scanNumber() -> LuaToken.Kind {
    var exponent: [UInt8] = [0x45, 0x65]
    let isZero = byte() == 0x30
    offset += 1
    if isZero, byte() == UInt8(ascii: "x") || byte() == UInt8(ascii: "X") {
      exponent = [0x50, 0x70]
      offset += 1
    }
    while let byte = byte() {
      if exponent.contains(byte) {
        offset += 1
        if self.byte() == UInt8(ascii: "+") || self.byte() == UInt8(ascii: "-") { offset += 1 }
      } else if byte.isHexDigit || byte == UInt8(ascii: ".") {
        offset += 1
      } else {
        break
      }
    }
    if let byte = byte(), byte.startsLuaName { offset += 1 }
    return .number
  }

  private mutating func scanQuoted(_ quote: UInt8) -> Bool {
    offset += 1
    while let byte = byte() {
      offset += 1
      if byte == quote { return true }
      if byte == UInt8(ascii: "\\") {
        scanEscape()
      } else if byte.isLuaLineBreak {
        offset -= 1
        return false
      }
    }
    return false
  }

  /// Goes on behind what a backslash makes of the next byte.
  private mutating func scanEscape() {
    guard let escaped = byte() else { return }
    offset += 1
    if escaped == UInt8(ascii: "z") {
      while let space = byte(), space.isLuaSpace { offset += 1 }
    } else if escaped.isLuaLineBreak, let other = byte(), other.isLuaLineBreak, other != escaped {
      offset += 1
    }
  }

  /// The number of equals signs of the long bracket that opens here; nil when none does.
  private func longBracketLevel() -> Int? {
    var ahead = 1
    while byte(ahead) == UInt8(ascii: "=") { ahead += 1 }
    return byte(ahead) == UInt8(ascii: "[") ? ahead - 1 : nil
  }

  private mutating func scanLong() -> Bool {
    let level = longBracketLevel() ?? 0
    offset += level + 2
    while let byte = byte() {
      offset += 1
      guard byte == UInt8(ascii: "]") else { continue }
      var equals = 0
      while self.byte(equals) == UInt8(ascii: "=") { equals += 1 }
      if equals == level, self.byte(equals) == UInt8(ascii: "]") {
        offset += level + 1
        return true
      }
      offset += equals
    }
    return false
  }

  private mutating func scanComment() -> LuaToken.Kind {
    offset += 2
    if byte() == UInt8(ascii: "["), longBracketLevel() != nil {
      return .comment(isClosed: scanLong())
    }
    skipLine()
    return .comment(isClosed: true)
  }

  private mutating func scanSymbol() -> LuaToken.Kind {
    let first = source[offset]
    let second = byte(1)
    let length: Int
    switch (first, second) {
    case (UInt8(ascii: "."), UInt8(ascii: ".")): length = byte(2) == UInt8(ascii: ".") ? 3 : 2
    case (UInt8(ascii: "="), UInt8(ascii: "=")), (UInt8(ascii: "~"), UInt8(ascii: "=")),
      (UInt8(ascii: "<"), UInt8(ascii: "=")), (UInt8(ascii: ">"), UInt8(ascii: "=")),
      (UInt8(ascii: "/"), UInt8(ascii: "/")), (UInt8(ascii: ":"), UInt8(ascii: ":")),
      (UInt8(ascii: "<"), UInt8(ascii: "<")), (UInt8(ascii: ">"), UInt8(ascii: ">")):
      length = 2
    default: length = 1
    }
    offset += length
    return Self.symbols.contains(first) ? .symbol : .other
  }

  private static let symbols = Set("+-*/%^#&~|<>=(){}[];:,.".utf8)
}

extension UInt8 {
  package var startsLuaName: Bool {
    (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) || self == 0x5F
  }

  package var continuesLuaName: Bool { startsLuaName || isDigit }

  var isDigit: Bool { (0x30...0x39).contains(self) }

  var isHexDigit: Bool { hexValue != nil }

  var hexValue: UInt8? {
    switch self {
    case 0x30...0x39: self - 0x30
    case 0x41...0x46: self - 0x41 + 10
    case 0x61...0x66: self - 0x61 + 10
    default: nil
    }
  }

  var isLuaSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }

  var isLuaLineBreak: Bool { self == 0x0A || self == 0x0D }
}
