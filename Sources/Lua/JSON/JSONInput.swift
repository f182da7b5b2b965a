import CLuaShim
import Glibc

/// The bytes of a JSON text, lent for one decode.
///
/// Reads past the end give 0, which no rule of the grammar accepts. Offsets are never negative.
@safe struct JSONInput {
  private let bytes: UnsafeRawBufferPointer
  let count: Int

  /// The bytes must outlive the view.
  init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = unsafe bytes
    count = bytes.count
  }

  /// The byte at an offset; 0 at the end and after.
  @inline(__always)
  subscript(offset: Int) -> UInt8 {
    // SAFETY: inside the buffer by the test.
    offset < count ? unsafe bytes[offset] : 0
  }

  /// Lends the bytes of a range that lies within the text.
  @inline(__always)
  func view(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(rebasing: bytes[range])
  }

  /// Whether the bytes at an offset are those of a literal.
  @inline(__always)
  func has(_ literal: StaticString, at offset: Int) -> Bool {
    let length = literal.utf8CodeUnitCount
    guard offset + length <= count else { return false }
    for index in 0..<length where unsafe self[offset + index] != literal.utf8Start[index] {
      return false
    }
    return true
  }

  /// Whether the bytes at two offsets are the same.
  ///
  /// - Parameter first: An offset with at least `length` bytes behind it; the second may be too near the end.
  @inline(__always)
  func isSame(_ first: Int, _ second: Int, count length: Int) -> Bool {
    guard second + length <= count, let start = unsafe bytes.baseAddress else { return false }
    // SAFETY: both ranges are within the buffer.
    return unsafe memcmp(start + first, start + second, length) == 0
  }

  /// Whether the bytes at an offset, with as many behind it, are the given ones.
  @inline(__always)
  func has(_ other: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    guard let start = unsafe bytes.baseAddress, let wanted = other.baseAddress else {
      return true
    }
    // SAFETY: both ranges are within their buffers.
    return unsafe memcmp(start + offset, wanted, other.count) == 0
  }

  /// Whether a range that lies within the text holds a backslash.
  func hasBackslash(_ range: Range<Int>) -> Bool {
    range.contains { self[$0] == UInt8(ascii: "\\") }
  }

  /// Returns the offset of the first byte that is not white space.
  @inline(__always)
  func skipSpace(_ offset: Int) -> Int {
    var offset = offset
    while self[offset] <= UInt8(ascii: " ") {
      switch self[offset] {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
        offset += 1
      default: return offset
      }
    }
    return offset
  }

  /// Returns the offset of the first quote, backslash or control character, or the end.
  ///
  /// - Parameter isHigh: Becomes true when a byte above 127 came before it.
  @inline(__always)
  func endOfPlainText(from offset: Int, isHigh: inout Bool) -> Int {
    guard let start = unsafe bytes.baseAddress, offset < count else { return count }
    // SAFETY: only the buffer is read.
    return unsafe rl_end_of_plain_text(start, offset, count, &isHigh)
  }
}

extension UInt64 {
  /// The top bit of each byte.
  static let topBits: UInt64 = 0x8080_8080_8080_8080
}
