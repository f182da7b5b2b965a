import CLua
import CLuaShim

extension JSONDecoder {
  /// Pushes a string; the cursor is behind its opening quote.
  mutating func string() throws(JSONError) {
    let first = unsafe cursor
    let hasHighBytes = scan()
    guard let byte = peek() else { throw failure(.syntax, "the string does not end") }
    if byte == UInt8(ascii: "\"") {
      let length = unsafe cursor - first
      if hasHighBytes { try unsafe checkUTF8(first, length) }
      unsafe pushBytes(first, length)
      unsafe cursor += 1
      if length > 4096 { try checkMemory() }
      return
    }
    try unsafe escapedString(from: first, hasHighBytes: hasHighBytes)
  }

  /// Moves the cursor to the next quote, backslash or control character; returns whether bytes above 127 were passed.
  private mutating func scan() -> Bool {
    var high: UInt64 = 0
    while unsafe end - cursor >= 8 {
      let word = unsafe UnsafeRawPointer(cursor).loadUnaligned(as: UInt64.self)
      let stops = Self.stops(in: word)
      if stops != 0 {
        let passed = stops.trailingZeroBitCount & ~7
        high |= word & ((1 << UInt64(passed)) &- 1)
        unsafe cursor += passed / 8
        return high & 0x8080_8080_8080_8080 != 0
      }
      high |= word
      unsafe cursor += 8
    }
    while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      high |= UInt64(byte)
      unsafe cursor += 1
    }
    return high & 0x8080_8080_8080_8080 != 0
  }

  /// Sets the top bit of each byte of a little-endian word that ends a plain stretch: `"`, `\` or below 0x20.
  ///
  /// The lowest bit that is set is exact; higher ones may be wrong after it, which does not matter.
  @inline(__always)
  private static func stops(in word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    let quote = word ^ (ones &* 0x22)
    let backslash = word ^ (ones &* 0x5C)
    let isQuote = (quote &- ones) & ~quote
    let isBackslash = (backslash &- ones) & ~backslash
    let isControl = (word &- ones &* 0x20) & ~word
    return (isQuote | isBackslash | isControl) & tops
  }

  /// Builds a string with escapes in the scratch buffer.
  private mutating func escapedString(
    from first: UnsafePointer<UInt8>, hasHighBytes: Bool
  ) throws(JSONError) {
    var hasHighBytes = hasHighBytes
    scratch.removeAll(keepingCapacity: true)
    var stretch = unsafe first
    while true {
      unsafe scratch.append(
        contentsOf: UnsafeBufferPointer(start: stretch, count: cursor - stretch))
      guard let byte = peek() else { throw failure(.syntax, "the string does not end") }
      if byte == UInt8(ascii: "\"") { break }
      guard byte == UInt8(ascii: "\\") else {
        throw failure(.syntax, "a control character in a string must be escaped")
      }
      try escape()
      unsafe stretch = unsafe cursor
      if scan() { hasHighBytes = true }
    }
    if hasHighBytes { try unsafe checkUTF8(first, cursor - first) }
    unsafe cursor += 1
    unsafe scratch.withUnsafeBufferPointer { bytes in
      if let base = bytes.baseAddress {
        unsafe pushBytes(base, bytes.count)
      } else {
        unsafe pushBytes(start, 0)
      }
    }
    if scratch.count > 4096 { try checkMemory() }
  }

  private mutating func escape() throws(JSONError) {
    guard let letter = peek(1) else { throw failure(.syntax, "the string does not end") }
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(letter)
    case UInt8(ascii: "b"): scratch.append(0x08)
    case UInt8(ascii: "f"): scratch.append(0x0C)
    case UInt8(ascii: "n"): scratch.append(0x0A)
    case UInt8(ascii: "r"): scratch.append(0x0D)
    case UInt8(ascii: "t"): scratch.append(0x09)
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw failure(.syntax, "unknown escape in a string")
    }
    unsafe cursor += 2
  }

  private mutating func unicodeEscape() throws(JSONError) {
    let unit = try codeUnit(at: 0)
    var length = 6
    var scalar = unit
    if (0xD800..<0xDC00).contains(unit), peek(6) == UInt8(ascii: "\\"), peek(7) == UInt8(ascii: "u")
    {
      let low = try codeUnit(at: 6)
      if (0xDC00..<0xE000).contains(low) {
        scalar = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
        length = 12
      }
    }
    guard let scalar = Unicode.Scalar(scalar) else {
      throw failure(.encoding, "a surrogate escape without its other half")
    }
    scratch.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
    unsafe cursor += length
  }

  private func codeUnit(at offset: Int) throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for index in 2..<6 {
      guard let byte = peek(offset + index), let digit = Self.hexadecimal(byte) else {
        throw failure(.syntax, "expected four hexadecimal digits after \\u")
      }
      value = value << 4 | digit
    }
    return value
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  private func checkUTF8(_ first: UnsafePointer<UInt8>, _ length: Int) throws(JSONError) {
    let bytes = unsafe UnsafeBufferPointer(start: first, count: length)
    if let bad = unsafe UTF8Check.firstInvalid(in: bytes) {
      throw failure(.encoding, "the text is not UTF-8", at: unsafe first - start + bad)
    }
  }

  private func pushBytes(_ first: UnsafePointer<UInt8>, _ length: Int) {
    unsafe first.withMemoryRebound(to: CChar.self, capacity: length) { characters in
      _ = unsafe lua_pushlstring(lua, characters, length)
    }
  }
}

/// The rules of well-formed UTF-8: The Unicode Standard, table 3-7.
enum UTF8Check {
  /// Returns the offset of the first byte that begins an ill-formed sequence, nil when all is well.
  static func firstInvalid(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var index = 0
    let count = bytes.count
    while index < count {
      let lead = unsafe bytes[index]
      if lead < 0x80 {
        index += 1
        continue
      }
      guard let (length, second) = sequence(lead), index + length <= count,
        unsafe second.contains(bytes[index + 1])
      else { return index }
      for next in stride(from: index + 2, to: index + length, by: 1) {
        guard unsafe bytes[next] & 0xC0 == 0x80 else { return index }
      }
      index += length
    }
    return nil
  }

  /// The length of a sequence and what its second byte may be.
  private static func sequence(_ lead: UInt8) -> (Int, ClosedRange<UInt8>)? {
    switch lead {
    case 0xC2...0xDF: (2, 0x80...0xBF)
    case 0xE0: (3, 0xA0...0xBF)
    case 0xED: (3, 0x80...0x9F)
    case 0xE1...0xEF: (3, 0x80...0xBF)
    case 0xF0: (4, 0x90...0xBF)
    case 0xF1...0xF3: (4, 0x80...0xBF)
    case 0xF4: (4, 0x80...0x8F)
    default: nil
    }
  }
}
