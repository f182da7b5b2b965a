/// Splits the raw header block of an answer.
enum HeaderBlock {
  /// Returns the headers below the status line; bytes that are not UTF-8 become replacement characters.
  static func parse(_ block: [UInt8]) -> [HTTPHeader] {
    var headers: [HTTPHeader] = []
    headers.reserveCapacity(16)
    forEachLine(of: block) { name, value in
      headers.append(
        HTTPHeader(
          name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self)
        ))
      return true
    }
    return headers
  }

  /// Returns the value of the first header with a name, in any case; makes no other strings.
  static func value(of name: String, in block: [UInt8]) -> String? {
    var found: String?
    let wanted = name.utf8
    forEachLine(of: block) { name, value in
      guard name.count == wanted.count,
        zip(name, wanted).allSatisfy({ $0.asciiLowercased == $1.asciiLowercased })
      else { return true }
      found = String(decoding: value, as: UTF8.self)
      return false
    }
    return found
  }

  /// Calls a function with each header, until it returns false.
  private static func forEachLine(
    of block: [UInt8], _ body: (_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Bool
  ) {
    var start = 0
    while let end = block[start...].firstIndex(of: 0x0A) {
      let line = block[start..<end]
      start = end + 1
      guard let colon = line.firstIndex(of: 0x3A), !line.starts(with: "HTTP/".utf8) else {
        continue
      }
      if !body(line[..<colon], trim(line[(colon + 1)...])) { return }
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
