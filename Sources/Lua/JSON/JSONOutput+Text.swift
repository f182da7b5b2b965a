extension JSONOutput {
  /// Appends a string with its quotes, escaped where JSON demands it (RFC 8259, section 7), and a byte behind it.
  ///
  /// Copies eight bytes at a time, and looks at them on the way.
  ///
  /// - Returns: A word with the top bit of some byte set when the string holds bytes above 127.
  @inline(__always)
  mutating func appendText(
    _ bytes: UnsafeRawBufferPointer, followedBy suffix: UInt8?
  ) throws(JSONValueFault) -> UInt64 {
    // Room for the rest, the quotes, the suffix, and a whole word where only a part of one is written.
    try reserve(bytes.count + 16)
    var high: UInt64 = 0
    var offset = 0
    put(UInt8(ascii: "\""))
    while offset < bytes.count {
      let length = min(8, bytes.count - offset)
      let word =
        unsafe length == 8
        ? UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        : bytes.word(at: offset, count: length)
      let special = word.bytesSpecialInText
      // What lies behind the string reads as blanks, which are not special.
      if special == 0 {
        high |= word
        put(word, count: length)
        offset += length
        continue
      }
      let plain = special.trailingZeroBitCount >> 3
      high |= word & ((1 &<< UInt64(plain &* 8)) &- 1)
      put(word, count: plain)
      putEscape(UInt8(truncatingIfNeeded: word &>> UInt64(plain &* 8)))
      offset += plain + 1
      try reserve(bytes.count - offset + 16)
    }
    put(UInt8(ascii: "\""))
    if let suffix { put(suffix) }
    return high
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

extension UnsafeRawBufferPointer {
  /// Reads up to seven bytes as the low bytes of a word whose other bytes are blanks.
  @inline(__always)
  fileprivate func word(at start: Int, count: Int) -> UInt64 {
    var word: UInt64 = 0x2020_2020_2020_2020
    var shift: UInt64 = 0
    var offset = start
    func place(_ value: UInt64, bytes: Int) {
      let mask: UInt64 = (1 &<< UInt64(bytes &* 8)) &- 1
      word = (word & ~(mask &<< shift)) | (value &<< shift)
      shift += UInt64(bytes &* 8)
      offset += bytes
    }
    // SAFETY: the bits of the count say which of these reads lie within the buffer.
    if count & 4 != 0 {
      place(
        UInt64(unsafe UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))),
        bytes: 4)
    }
    if count & 2 != 0 {
      place(
        UInt64(unsafe UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))),
        bytes: 2)
    }
    if count & 1 != 0 { place(UInt64(unsafe self[offset]), bytes: 1) }
    return word
  }
}
