/// A pull scanner over the text of one JSON document (RFC 8259, nothing beyond it).
///
/// For small documents: error bodies, lists, schemas, the credentials file. It holds no tree: each call
/// reads on, in time linear in what it reads. After an error it must not be used again. Strings must be
/// UTF-8; half of a surrogate pair reads as U+FFFD.
///
/// ```swift
/// var scanner = JSONScanner(Array(#"{"limit":1}"#.utf8))
/// try scanner.next()  // .beginObject
/// try scanner.next()  // .name("limit")
/// try scanner.next()  // .number("1")
/// try scanner.next()  // .endObject
/// try scanner.next()  // .endOfText
/// ```
public struct JSONScanner {
  /// A piece of a document.
  public enum Token: Sendable, Hashable {
    /// `{`
    case beginObject
    /// `}`
    case endObject
    /// `[`
    case beginArray
    /// `]`
    case endArray
    /// The name of a member; its value comes next.
    case name(String)
    /// A string, unescaped.
    case string(String)
    /// A number, as it is written.
    case number(String)
    /// `true` or `false`
    case bool(Bool)
    /// `null`
    case null
    /// The end, after exactly one value.
    case endOfText
  }

  /// The offset of the next byte to be read.
  public internal(set) var offset = 0

  let bytes: [UInt8]
  private let maximumDepth: Int
  private var open: [Container] = []
  private var expected = Expected.value

  private enum Container { case object, array }
  private enum Expected { case value, valueOrEnd, nameOrEnd, commaOrEnd }

  /// Creates a scanner at the start of a document.
  ///
  /// - Parameters:
  ///   - bytes: The text, in UTF-8.
  ///   - maximumDepth: How deep arrays and objects may nest.
  public init(_ bytes: [UInt8], maximumDepth: Int = 200) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
  }

  /// How many arrays and objects are open.
  public var depth: Int { open.count }

  /// Whether the name of a member has been read and its value has not.
  var isBeforeMemberValue: Bool { expected == .value && open.last == .object }

  /// Whether the innermost array ends here; moves past white space only.
  mutating func isAtArrayEnd() -> Bool {
    skipWhitespace()
    return current == Byte.closeBracket && expected != .value
  }

  /// Reads and returns the next token; `endOfText` again and again at the end.
  public mutating func next() throws(JSONScanError) -> Token {
    skipWhitespace()
    switch expected {
    case .value: return try value()
    case .valueOrEnd: return current == Byte.closeBracket ? close() : try value()
    case .nameOrEnd: return current == Byte.closeBrace ? close() : try name()
    case .commaOrEnd: return try afterValue()
    }
  }

  /// Reads the next value and forgets it, however deep it is.
  public mutating func skipValue() throws(JSONScanError) {
    let outside = depth
    repeat { _ = try next() } while depth > outside
  }

  private mutating func afterValue() throws(JSONScanError) -> Token {
    switch (open.last, current) {
    case (nil, nil):
      return .endOfText
    case (nil, _):
      throw failure("text after the end of the document")
    case (.array, Byte.closeBracket), (.object, Byte.closeBrace):
      return close()
    case (.array, Byte.comma):
      offset += 1
      skipWhitespace()
      return try value()
    case (.object, Byte.comma):
      offset += 1
      skipWhitespace()
      return try name()
    case (.array, _):
      throw unexpected("',' or ']'")
    case (.object, _):
      throw unexpected("',' or '}'")
    }
  }

  private mutating func value() throws(JSONScanError) -> Token {
    switch current {
    case Byte.openBrace: return try begin(.object)
    case Byte.openBracket: return try begin(.array)
    case Byte.quote:
      return .string(try scalar { (scanner) throws(JSONScanError) in try scanner.text() })
    case Byte.t: return try literal("true", .bool(true))
    case Byte.f: return try literal("false", .bool(false))
    case Byte.n: return try literal("null", .null)
    case Byte.minus, .some(Byte.zero...Byte.nine):
      return .number(try scalar { (scanner) throws(JSONScanError) in try scanner.number() })
    default: throw unexpected("a value")
    }
  }

  private mutating func scalar(
    _ read: (inout JSONScanner) throws(JSONScanError) -> String
  ) throws(JSONScanError) -> String {
    let result = try read(&self)
    expected = .commaOrEnd
    return result
  }

  private mutating func literal(_ word: String, _ token: Token) throws(JSONScanError) -> Token {
    for byte in word.utf8 {
      guard current == byte else { throw unexpected("'\(word)'") }
      offset += 1
    }
    expected = .commaOrEnd
    return token
  }

  private mutating func name() throws(JSONScanError) -> Token {
    guard current == Byte.quote else { throw unexpected("a name in quotes") }
    let name = try text()
    skipWhitespace()
    guard current == Byte.colon else { throw unexpected("':'") }
    offset += 1
    expected = .value
    return .name(name)
  }

  private mutating func begin(_ container: Container) throws(JSONScanError) -> Token {
    guard depth < maximumDepth else { throw failure("more than \(maximumDepth) levels") }
    offset += 1
    open.append(container)
    expected = container == .object ? .nameOrEnd : .valueOrEnd
    return container == .object ? .beginObject : .beginArray
  }

  private mutating func close() -> Token {
    offset += 1
    expected = .commaOrEnd
    return open.popLast() == .object ? .endObject : .endArray
  }

  private mutating func skipWhitespace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }
}
