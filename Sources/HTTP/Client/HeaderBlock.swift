/// Splits the raw header block of an answer.
enum HeaderBlock {
  /// Returns the headers below the status line; bytes that are not UTF-8 become replacement characters.
  static func parse(_ block: [UInt8]) -> [HTTPHeader] {
    var headers: [HTTPHeader] = []
    headers.reserveCapacity(16)
    var start = 0
    while let end = block[start...].firstIndex(of: 0x0A) {
      let line = block[start..<end]
      start = end + 1
      guard let colon = line.firstIndex(of: 0x3A), !line.starts(with: "HTTP/".utf8) else {
        continue
      }
      let value = trim(line[(colon + 1)...])
      headers.append(
        HTTPHeader(
          name: String(decoding: line[..<colon], as: UTF8.self),
          value: String(decoding: value, as: UTF8.self)))
    }
    return headers
  }

  private static func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
    guard let first = bytes.firstIndex(where: { !isBlank($0) }),
      let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return [] }
    return bytes[first...last]
  }
}
