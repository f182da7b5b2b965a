import CLuaShim

extension JSONOutput {
  /// Appends a string with its quotes, escaped where JSON demands it (RFC 8259, section 7), and a byte behind it.
  ///
  /// - Returns: Whether the string holds bytes above 127.
  @inline(__always)
  mutating func appendText(
    _ bytes: UnsafeRawBufferPointer, followedBy suffix: UInt8?
  ) throws(JSONValueFault) -> Bool {
    // Room for the string, the quotes, the suffix, and a whole block where only a part of one is written.
    try reserve(bytes.count + 24)
    var isHigh = false
    put(UInt8(ascii: "\""))
    if unsafe !appendPlain(bytes, &isHigh) {
      isHigh = false
      try unsafe appendEscaped(bytes, &isHigh)
    }
    put(UInt8(ascii: "\""))
    if let suffix { put(suffix) }
    return isHigh
  }

  /// Writes a string with something to escape, without its quotes.
  private mutating func appendEscaped(
    _ bytes: UnsafeRawBufferPointer, _ isHigh: inout Bool
  ) throws(JSONValueFault) {
    var start = 0
    for index in 0..<bytes.count {
      let byte = unsafe bytes[index]
      if byte > 127 { isHigh = true }
      guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 else {
        continue
      }
      try unsafe append(UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
      try reserve(bytes.count - index + 24)
      putEscape(byte)
      start = index + 1
    }
    try unsafe append(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    try reserve(2)
  }

  /// Writes what stands for a byte that cannot stand for itself; there must be room for six bytes.
  private mutating func putEscape(_ byte: UInt8) {
    put(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(byte)
    case 0x08: put(UInt8(ascii: "b"))
    case 0x0C: put(UInt8(ascii: "f"))
    case 0x0A: put(UInt8(ascii: "n"))
    case 0x0D: put(UInt8(ascii: "r"))
    case 0x09: put(UInt8(ascii: "t"))
    default:
      for digit in "u00".utf8 { put(digit) }
      put(UInt8(ascii: "0") + byte >> 4)
      let low = byte & 0x0F
      put(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
    }
  }
}
