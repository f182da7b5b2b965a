import CLua
import CLuaShim

extension JSONDecoding {
  /// Pushes the string whose opening quote is at an offset, and returns the offset after the closing quote.
  mutating func text(at quote: Int) throws(JSONFault) -> Int {
    let start = quote + 1
    var high: UInt64 = 0
    let end = input.endOfPlainText(from: start, high: &high)
    if end == input.count { throw JSONFault(.openText, at: quote) }
    if input[end] != UInt8(ascii: "\"") { return try escapedText(at: quote, plainUntil: end, high) }
    if high & UInt64.topBits != 0 { try checkUTF8(start..<end) }
    try unsafe push(input.view(start..<end), at: quote)
    return end + 1
  }

  private mutating func escapedText(
    at quote: Int, plainUntil plain: Int, _ highBefore: UInt64
  ) throws(JSONFault) -> Int {
    var high = highBefore
    var offset = plain
    var start = quote + 1
    scratch.removeAll(keepingCapacity: true)
    while true {
      unsafe scratch.append(contentsOf: input.view(start..<offset))
      if offset >= input.count { throw JSONFault(.openText, at: quote) }
      if input[offset] == UInt8(ascii: "\"") { break }
      guard input[offset] == UInt8(ascii: "\\") else { throw JSONFault(.control, at: offset) }
      if offset + 1 >= input.count { throw JSONFault(.openText, at: quote) }
      offset = try escape(at: offset)
      start = offset
      offset = input.endOfPlainText(from: offset, high: &high)
    }
    if high & UInt64.topBits != 0 { try checkUTF8(quote + 1..<offset) }
    let text = scratch
    try unsafe text.span.withUnsafeBytes { bytes throws(JSONFault) in
      try unsafe push(bytes, at: quote)
    }
    return offset + 1
  }

  /// Appends what an escape stands for, and returns the offset after it.
  private mutating func escape(at backslash: Int) throws(JSONFault) -> Int {
    switch input[backslash + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      scratch.append(input[backslash + 1])
    case UInt8(ascii: "b"): scratch.append(0x08)
    case UInt8(ascii: "f"): scratch.append(0x0C)
    case UInt8(ascii: "n"): scratch.append(0x0A)
    case UInt8(ascii: "r"): scratch.append(0x0D)
    case UInt8(ascii: "t"): scratch.append(0x09)
    case UInt8(ascii: "u"): return try unicodeEscape(at: backslash)
    default:
      throw JSONFault(.escape, at: backslash)
    }
    return backslash + 2
  }

  private mutating func unicodeEscape(at backslash: Int) throws(JSONFault) -> Int {
    var value = try codeUnit(at: backslash)
    var end = backslash + 6
    if value & 0xF800 == 0xD800 {
      guard value < 0xDC00, input[end] == UInt8(ascii: "\\"), input[end + 1] == UInt8(ascii: "u")
      else { throw JSONFault(.surrogate, at: backslash) }
      let low = try codeUnit(at: end)
      guard low & 0xFC00 == 0xDC00 else { throw JSONFault(.surrogate, at: backslash) }
      value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
      end += 6
    }
    switch value {
    case ..<0x80:
      scratch.append(UInt8(value))
    case ..<0x800:
      scratch.append(UInt8(0xC0 | value >> 6))
      scratch.append(UInt8(0x80 | value & 0x3F))
    case ..<0x10000:
      scratch.append(UInt8(0xE0 | value >> 12))
      scratch.append(UInt8(0x80 | value >> 6 & 0x3F))
      scratch.append(UInt8(0x80 | value & 0x3F))
    default:
      scratch.append(UInt8(0xF0 | value >> 18))
      scratch.append(UInt8(0x80 | value >> 12 & 0x3F))
      scratch.append(UInt8(0x80 | value >> 6 & 0x3F))
      scratch.append(UInt8(0x80 | value & 0x3F))
    }
    return end
  }

  /// Reads the four digits of the `\u` escape at an offset.
  private func codeUnit(at backslash: Int) throws(JSONFault) -> UInt32 {
    var value: UInt32 = 0
    for offset in backslash + 2..<backslash + 6 {
      let digit: UInt8
      switch input[offset] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = input[offset] - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = input[offset] - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = input[offset] - UInt8(ascii: "A") + 10
      default: throw JSONFault(.codeUnit, at: backslash)
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  private func checkUTF8(_ range: Range<Int>) throws(JSONFault) {
    if let invalid = unsafe firstInvalidUTF8(in: input.view(range)) {
      throw JSONFault(.utf8, at: range.lowerBound + invalid)
    }
  }

  /// Pushes a string of bytes that lie outside Lua, or in a string that is on its stack.
  @inline(__always)
  mutating func push(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(JSONFault) {
    if bytes.count > 1 << 15 { try reserveMemory(bytes.count, at: offset) }
    let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    unsafe lua_pushlstring(lua, start, bytes.count)
    height += 1
    if unsafe context.pointee.over_limit { try settleMemory(at: offset) }
  }
}
