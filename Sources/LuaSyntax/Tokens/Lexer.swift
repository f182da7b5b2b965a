/// Turns the words of Lua source into what the parser takes, and refuses those that are none.
struct Lexer {
  let source: LuaSource
  private var scanner: LuaScanner
  /// The index in `lineStarts` of the line that was last looked at; offsets only grow.
  private var lineIndex = 0
  /// The ranges of the comments so far.
  private(set) var comments: [Range<Int>] = []

  init(_ source: LuaSource) {
    self.source = source
    scanner = LuaScanner(source.bytes)
    scanner.skipMark()
    // Files may be executable: their first line is then for the system.
    if source.bytes.dropFirst(scanner.offset).first == UInt8(ascii: "#") { scanner.skipLine() }
  }

  /// Returns the next word; `endOfFile` again and again at the end.
  mutating func next() throws(LuaSyntaxError) -> Token {
    while let word = scanner.next() {
      switch word.kind {
      case .comment(let isClosed):
        guard isClosed else {
          throw unfinishedLong("comment", from: word.range.lowerBound)
        }
        comments.append(word.range)
      case .name: return token(.name, word.range)
      case .keyword: return token(Terminal(rawValue: source.text(word.range)) ?? .other, word.range)
      case .number: return try number(word.range)
      case .string(let isClosed): return try string(word.range, isClosed: isClosed)
      case .symbol: return try symbol(word.range)
      case .other: return token(.other, word.range)
      }
    }
    let end = source.bytes.count
    return token(.endOfFile, end..<end)
  }

  private mutating func symbol(_ range: Range<Int>) throws(LuaSyntaxError) -> Token {
    let bytes = source.bytes
    if range.count == 1, bytes[range.lowerBound] == UInt8(ascii: "["),
      range.upperBound < bytes.count, bytes[range.upperBound] == UInt8(ascii: "=")
    {
      var end = range.upperBound
      while end < bytes.count, bytes[end] == UInt8(ascii: "=") { end += 1 }
      throw error(
        "invalid long string delimiter", near: source.text(range.lowerBound..<end),
        at: range.lowerBound, line: line(of: end))
    }
    return token(Terminal(rawValue: source.text(range)) ?? .other, range)
  }

  private mutating func string(
    _ range: Range<Int>, isClosed: Bool
  ) throws(LuaSyntaxError) -> Token {
    var token: Token
    if source.bytes[range.lowerBound] == UInt8(ascii: "[") {
      guard isClosed else { throw unfinishedLong("string", from: range.lowerBound) }
      token = self.token(.string, range)
      token.bytes = longContents(range)
    } else {
      var decoder = StringDecoder(source.bytes, from: range.lowerBound)
      do throws(StringDecoder.Problem) {
        try decoder.decode()
      } catch {
        throw self.error(
          error.message, near: error.near, at: error.near == nil ? error.offset : range.lowerBound,
          line: line(of: error.offset))
      }
      token = self.token(.string, range)
      token.bytes = decoder.value
    }
    return token
  }

  /// What stands between long brackets: the first line break is left out, the others become `\n`.
  private func longContents(_ range: Range<Int>) -> [UInt8] {
    let bytes = source.bytes
    let level = bytes[(range.lowerBound + 1)...].prefix { $0 == UInt8(ascii: "=") }.count
    var offset = range.lowerBound + level + 2
    let end = range.upperBound - level - 2
    var contents: [UInt8] = []
    contents.reserveCapacity(end - offset)
    var isFirst = true
    while offset < end {
      let byte = bytes[offset]
      offset += 1
      if byte.isLuaLineBreak {
        if offset < end, bytes[offset].isLuaLineBreak, bytes[offset] != byte { offset += 1 }
        if !isFirst { contents.append(0x0A) }
      } else {
        contents.append(byte)
      }
      isFirst = false
    }
    return contents
  }

  private mutating func number(_ range: Range<Int>) throws(LuaSyntaxError) -> Token {
    switch Numeral(source.bytes[range]) {
    case .integer(let value):
      var token = token(.integer, range)
      token.integer = value
      return token
    case .float(let value):
      var token = token(.float, range)
      token.float = value
      return token
    case nil:
      throw error(
        "malformed number", near: source.text(range), at: range.lowerBound,
        line: line(of: range.upperBound))
    }
  }

  private mutating func token(_ terminal: Terminal, _ range: Range<Int>) -> Token {
    Token(terminal: terminal, range: range, line: line(of: range.upperBound))
  }

  private mutating func line(of offset: Int) -> Int {
    let starts = source.lineStarts
    while lineIndex + 1 < starts.count, starts[lineIndex + 1] <= offset { lineIndex += 1 }
    return lineIndex + 1
  }

  private mutating func unfinishedLong(_ what: String, from start: Int) -> LuaSyntaxError {
    let opened = line(of: start)
    return error(
      "unfinished long \(what) (starting at line \(opened))", near: nil, at: start,
      line: line(of: source.bytes.count))
  }

  /// - Parameter near: The text at which it failed; nil for the end of the file.
  private func error(
    _ message: String, near: String?, at offset: Int, line: Int
  ) -> LuaSyntaxError {
    // As in C, text ends at a zero byte.
    let shown = near.map { "'\($0.prefix { $0 != "\0" })'" } ?? Terminal.endOfFile.rawValue
    return LuaSyntaxError(message: "\(message) near \(shown)", line: line, offset: offset)
  }
}
