import Glibc

/// Splits the raw header block of an answer.
enum HeaderBlock {
  /// Returns the headers below the status line; bytes that are not UTF-8 become replacement characters.
  static func parse(_ block: [UInt8]) -> [HTTPHeader] {
    var headers: [HTTPHeader] = []
    headers.reserveCapacity(16)
    forEachLine(of: block) { name, value in
      headers.append(
        HTTPHeader(
          name: String(decoding: block[name], as: UTF8.self),
          value: String(decoding: trim(block[value]), as: UTF8.self)))
      return true
    }
    return headers
  }

  /// Returns the value of the first header with a name, in any case; makes no other strings.
  static func value(of name: String, in block: [UInt8]) -> String? {
    let wanted = Array(name.utf8)
    var start = 0
    while let end = lineEnd(from: start, in: block) {
      let colon = start + wanted.count
      if colon < end, block[colon] == 0x3A, isEqual(wanted, to: block, at: start) {
        return String(decoding: trim(block[(colon + 1)..<end]), as: UTF8.self)
      }
      start = end + 1
    }
    return nil
  }

  /// Returns where the line ends that begins at a place; nil when no line break follows.
  private static func lineEnd(from start: Int, in block: [UInt8]) -> Int? {
    // SAFETY: the search stays within the bytes, which outlive the call.
    unsafe block.withUnsafeBytes { bytes in
      guard start < bytes.count, let base = bytes.baseAddress,
        let found = unsafe memchr(base + start, 0x0A, bytes.count - start)
      else { return nil }
      return unsafe UnsafeRawPointer(found) - base
    }
  }

  /// Whether a name stands at a place of the block, in any case.
  private static func isEqual(_ name: [UInt8], to block: [UInt8], at start: Int) -> Bool {
    name.indices.allSatisfy { name[$0].asciiLowercased == block[start + $0].asciiLowercased }
  }

  /// Calls a function with the places of each header's name and value, until it returns false.
  private static func forEachLine(
    of block: [UInt8], _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Bool
  ) {
    var (start, colon) = (0, -1)
    // By index: slices cost more than the looking.
    for index in block.indices {
      let byte = block[index]
      if byte == 0x3A, colon < 0 { colon = index }
      guard byte == 0x0A else { continue }
      // A status line is no header, even when its reason has a colon.
      if colon >= 0, block[start] != 0x48 || !block[start..<index].starts(with: "HTTP/".utf8),
        !body(start..<colon, (colon + 1)..<index)
      {
        return
      }
      (start, colon) = (index + 1, -1)
    }
  }

  private static func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
    guard let first = bytes.firstIndex(where: { !isBlank($0) }),
      let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return [] }
    return bytes[first...last]
  }
}
