/// The text of a Lua file, and where its lines begin.
package struct LuaSource: Sendable {
  /// The bytes of the file.
  package let bytes: [UInt8]
  /// The offsets at which lines begin; the first is 0.
  package let lineStarts: [Int]

  /// Finds the lines; `\n`, `\r`, `\r\n` and `\n\r` each end one, as in Lua.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var starts = [0]
    var offset = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      guard byte.isLuaLineBreak else { continue }
      if offset < bytes.count, bytes[offset].isLuaLineBreak, bytes[offset] != byte { offset += 1 }
      starts.append(offset)
    }
    lineStarts = starts
  }

  /// Returns the line of an offset, counted from 1, in logarithmic time.
  package func line(of offset: Int) -> Int {
    var (low, high) = (0, lineStarts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// Returns line and column of an offset, both counted from 1; a column is a character.
  package func position(of offset: Int) -> LuaPosition {
    let line = line(of: offset)
    let before = bytes[lineStarts[line - 1]..<min(offset, bytes.count)]
    // The bytes 10xxxxxx continue a character of UTF-8.
    let column = before.reduce(1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    return LuaPosition(line: line, column: column)
  }

  /// Returns the text of a range; bytes that are not UTF-8 are replaced.
  package func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}

/// A place in a file, both numbers counted from 1; a column is a character.
package struct LuaPosition: Sendable, Hashable, Comparable {
  package var line: Int
  package var column: Int

  /// Makes a position.
  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// Whether it comes before the other in its file.
  package static func < (one: LuaPosition, other: LuaPosition) -> Bool {
    (one.line, one.column) < (other.line, other.column)
  }
}
