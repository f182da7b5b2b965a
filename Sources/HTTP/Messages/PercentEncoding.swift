/// Percent-encoding of URL parts (RFC 3986, 2.1).
public enum PercentEncoding {
  /// Returns the text as one path segment: everything but unreserved characters is encoded.
  ///
  /// The segments `.` and `..` are encoded too, so that no server takes them for a way up.
  ///
  /// ```swift
  /// PercentEncoding.encodePathSegment("a/b c")  // "a%2Fb%20c"
  /// ```
  public static func encodePathSegment(_ text: String) -> String {
    if text == "." { return "%2E" }
    if text == ".." { return "%2E%2E" }
    guard !text.utf8.allSatisfy(isUnreserved) else { return text }
    var encoded: [UInt8] = []
    encoded.reserveCapacity(text.utf8.count * 3)
    for byte in text.utf8 {
      if isUnreserved(byte) {
        encoded.append(byte)
      } else {
        encoded += [0x25, digit(byte >> 4), digit(byte & 0xF)]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  /// Returns the decoded text, or nil when an escape is malformed or the result is not UTF-8.
  ///
  /// A plus sign stays a plus sign.
  public static func decode(_ text: String) -> String? {
    guard text.utf8.contains(0x25) else { return text }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(text.utf8.count)
    var bytes = text.utf8.makeIterator()
    while let byte = bytes.next() {
      guard byte == 0x25 else {
        decoded.append(byte)
        continue
      }
      guard let high = bytes.next().flatMap(value), let low = bytes.next().flatMap(value) else {
        return nil
      }
      decoded.append(high << 4 | low)
    }
    return String(validating: decoded, as: UTF8.self)
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
    default: false
    }
  }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? 0x30 + nibble : 0x41 + nibble - 10
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
}
