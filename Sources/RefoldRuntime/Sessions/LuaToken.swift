/// A word of Lua source, found without judging whether the source is right.
package struct LuaToken: Sendable, Equatable {
  /// What a word is.
  package enum Kind: Sendable, Equatable {
    case name
    case keyword
    case number
    /// Text in quotes or long brackets; false when it ends with the source or its line.
    case string(isClosed: Bool)
    /// A comment; false when it is a long one that ends with the source.
    case comment(isClosed: Bool)
    /// An operator or a bracket.
    case symbol
    /// A byte that stands in no Lua source.
    case other
  }

  /// What it is.
  package var kind: Kind
  /// Where it stands, in bytes.
  package var range: Range<Int>

  /// The keywords of Lua 5.4.
  package static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]

  /// Splits source into its words, in time in proportion to its length; white space is left out.
  package static func list(in source: [UInt8]) -> [LuaToken] {
    var scanner = LuaTokenScanner(source)
    var tokens: [LuaToken] = []
    while let token = scanner.next() { tokens.append(token) }
    return tokens
  }

  /// The word itself.
  package func text(in source: [UInt8]) -> String {
    String(decoding: source[range], as: UTF8.self)
  }

  /// Whether it is this keyword or symbol.
  package func `is`(_ word: StaticString, in source: [UInt8]) -> Bool {
    guard kind == .keyword || kind == .symbol, range.count == word.utf8CodeUnitCount else {
      return false
    }
    return text(in: source) == word.description
  }
}

/// Finds the words of Lua source one after the other.
private struct LuaTokenScanner {
  private let source: [UInt8]
  private var offset = 0

  init(_ source: [UInt8]) { self.source = source }

  private func byte(_ ahead: Int = 0) -> UInt8? {
    offset + ahead < source.count ? source[offset + ahead] : nil
  }

  mutating func next() -> LuaToken? {
    while let byte = byte(), byte == 0x20 || (0x09...0x0D).contains(byte) { offset += 1 }
    guard let first = byte() else { return nil }
    let start = offset
    let kind = scan(first)
    return LuaToken(kind: kind, range: start..<offset)
  }

  private mutating func scan(_ first: UInt8) -> LuaToken.Kind {
    switch first {
    case _ where first.startsLuaName: return scanName()
    case 0x30...0x39: return scanNumber()
    case UInt8(ascii: ".") where byte(1).map { (0x30...0x39).contains($0) } == true:
      return scanNumber()
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
    let text = String(decoding: source[start..<offset], as: UTF8.self)
    return LuaToken.keywords.contains(text) ? .keyword : .name
  }

  private mutating func scanNumber() -> LuaToken.Kind {
    var last: UInt8 = 0
    while let byte = byte() {
      let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
      let isExponent = [0x45, 0x65, 0x50, 0x70].contains(last)
      guard byte.continuesLuaName || byte == UInt8(ascii: ".") || (isSign && isExponent) else {
        break
      }
      // Two points in a row concatenate.
      if byte == UInt8(ascii: "."), self.byte(1) == UInt8(ascii: ".") { break }
      last = byte
      offset += 1
    }
    return .number
  }

  private mutating func scanQuoted(_ quote: UInt8) -> Bool {
    offset += 1
    while let byte = byte() {
      offset += 1
      if byte == quote { return true }
      if byte == UInt8(ascii: "\\") {
        guard let escaped = self.byte() else { return false }
        offset += 1
        if escaped == UInt8(ascii: "z") {
          while let space = self.byte(), space == 0x20 || (0x09...0x0D).contains(space) {
            offset += 1
          }
        }
      } else if byte == 0x0A {
        offset -= 1
        return false
      }
    }
    return false
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
    }
    return false
  }

  private mutating func scanComment() -> LuaToken.Kind {
    offset += 2
    if byte() == UInt8(ascii: "["), longBracketLevel() != nil {
      return .comment(isClosed: scanLong())
    }
    while let byte = byte(), byte != 0x0A { offset += 1 }
    return .comment(isClosed: true)
  }

  private mutating func scanSymbol() -> LuaToken.Kind {
    let three = source[offset..<min(offset + 3, source.count)]
    if three.elementsEqual("...".utf8) {
      offset += 3
      return .symbol
    }
    let two = String(decoding: three.prefix(2), as: UTF8.self)
    if ["..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>"].contains(two) {
      offset += 2
      return .symbol
    }
    let isSymbol = "+-*/%^#&~|<>=(){}[];:,.".utf8.contains(source[offset])
    offset += 1
    return isSymbol ? .symbol : .other
  }
}

extension UInt8 {
  package var startsLuaName: Bool {
    (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) || self == 0x5F
  }

  package var continuesLuaName: Bool { startsLuaName || (0x30...0x39).contains(self) }
}
