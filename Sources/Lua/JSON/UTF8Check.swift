/// Returns the offset of the first byte that does not belong to well-formed UTF-8, or nil.
///
/// Source: the Unicode standard, table 3-7. Overlong forms, surrogates and values above U+10FFFF are not well-formed; a sequence
/// that is cut short is reported at its first byte.
func firstInvalidUTF8(in bytes: UnsafeRawBufferPointer) -> Int? {
  var offset = 0
  let count = bytes.count
  while offset < count {
    if offset + 8 <= count {
      let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if word & UInt64.topBits == 0 {
        offset += 8
        continue
      }
    }
    let first = unsafe bytes[offset]
    if first < 0x80 {
      offset += 1
      continue
    }
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch first {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    case 0xF1...0xF3: length = 4
    default: return offset
    }
    guard offset + length <= count, unsafe second.contains(bytes[offset + 1]) else { return offset }
    for index in 2..<max(2, length) {
      guard unsafe bytes[offset + index] & 0xC0 == 0x80 else { return offset }
    }
    offset += length
  }
  return nil
}
