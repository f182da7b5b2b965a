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
    var scanner = LuaScanner(source)
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
