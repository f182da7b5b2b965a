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
    var found: String?
    let wanted = name.utf8
    let count = wanted.count
    guard let initial = wanted.first?.asciiLowercased else { return nil }
    forEachLine(of: block) { line, value in
      guard line.count == count, block[line.lowerBound].asciiLowercased == initial,
        zip(block[line], wanted).allSatisfy({ $0.asciiLowercased == $1.asciiLowercased })
      else { return true }
      found = String(decoding: trim(block[value]), as: UTF8.self)
      return false
    }
    return found
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
