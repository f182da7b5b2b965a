import CLuaShim

/// The rules of strings (RFC 8259, section 7).
extension JSONInput {
  /// Appends what a string stands for, when it has escapes.
  ///
  /// - Parameters:
  ///   - plain: The offset of the first byte that is not plain text.
  ///   - isHighBefore: Whether a byte above 127 comes before it.
  /// - Returns: The offset of the closing quote.
  func unescape(
    at quote: Int, plainUntil plain: Int, _ isHighBefore: Bool, into scratch: inout [UInt8]
  ) throws(JSONFault) -> Int {
    var isHigh = isHighBefore
    var offset = plain
    var start = quote + 1
    while true {
      unsafe scratch.append(contentsOf: view(start..<offset))
      if offset >= count { throw JSONFault(.openText, at: quote) }
      if self[offset] == UInt8(ascii: "\"") { break }
      guard self[offset] == UInt8(ascii: "\\") else { throw JSONFault(.control, at: offset) }
      if offset + 1 >= count { throw JSONFault(.openText, at: quote) }
      offset = try escape(at: offset, into: &scratch)
      start = offset
      offset = endOfPlainText(from: offset, isHigh: &isHigh)
    }
    if isHigh { try checkUTF8(quote + 1..<offset) }
    return offset
  }

  /// Appends what an escape stands for, and returns the offset after it.
  private func escape(at backslash: Int, into scratch: inout [UInt8]) throws(JSONFault) -> Int {
    switch self[backslash + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      scratch.append(self[backslash + 1])
    case UInt8(ascii: "b"): scratch.append(0x08)
    case UInt8(ascii: "f"): scratch.append(0x0C)
    case UInt8(ascii: "n"): scratch.append(0x0A)
    case UInt8(ascii: "r"): scratch.append(0x0D)
    case UInt8(ascii: "t"): scratch.append(0x09)
    case UInt8(ascii: "u"): return try unicodeEscape(at: backslash, into: &scratch)
    default:
      throw JSONFault(.escape, at: backslash)
    }
    return backslash + 2
  }

  private func unicodeEscape(
    at backslash: Int, into scratch: inout [UInt8]
  ) throws(JSONFault) -> Int {
    var value = try codeUnit(at: backslash)
    var end = backslash + 6
    if value & 0xF800 == 0xD800 {
      guard value < 0xDC00, self[end] == UInt8(ascii: "\\"), self[end + 1] == UInt8(ascii: "u")
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
      switch self[offset] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = self[offset] - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = self[offset] - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = self[offset] - UInt8(ascii: "A") + 10
      default: throw JSONFault(.codeUnit, at: backslash)
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// Checks that a range within the text is UTF-8.
  func checkUTF8(_ range: Range<Int>) throws(JSONFault) {
    if let invalid = unsafe firstInvalidUTF8(in: view(range)) {
      throw JSONFault(.utf8, at: range.lowerBound + invalid)
    }
  }
}
