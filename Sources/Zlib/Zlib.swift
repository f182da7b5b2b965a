import CZlib

/// Bytes made smaller, and back (RFC 1950).
///
/// ```swift
/// let small = Zlib.compress(bytes)
/// try Zlib.expand(small, count: bytes.count)  // bytes
/// ```
public enum Zlib {
  /// Compresses bytes as fast as zlib can, which is some 100 MB a second.
  public static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(uLong(bytes.count))
    let capacity = Int(count)
    return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
      // SAFETY: the buffer has the size that zlib asks for, and both outlive the call. With that it cannot fail but for memory.
      let status = unsafe bytes.withUnsafeBufferPointer { source in
        unsafe compress2(
          buffer.baseAddress, &count, source.baseAddress, uLong(source.count), Z_BEST_SPEED)
      }
      precondition(
        status == Z_OK, "zlib compresses anything while there is memory, and said \(status)")
      initialized = Int(count)
    }
  }

  /// Expands what was compressed.
  ///
  /// - Parameter count: How many bytes there were.
  /// - Throws: ``ZlibError`` when the bytes are damaged, or were not so many.
  public static func expand(_ bytes: [UInt8], count: Int) throws(ZlibError) -> [UInt8] {
    var expanded = uLong(count)
    var status = Z_OK
    let result = unsafe [UInt8](unsafeUninitializedCapacity: max(count, 1)) { buffer, initialized in
      // SAFETY: zlib writes at most `count` bytes into a buffer of at least that size, and says how many.
      status = unsafe bytes.withUnsafeBufferPointer { source in
        unsafe uncompress(buffer.baseAddress, &expanded, source.baseAddress, uLong(source.count))
      }
      initialized = status == Z_OK ? Int(expanded) : 0
    }
    guard status == Z_OK, result.count == count else { throw ZlibError() }
    return result
  }
}

/// Bytes that are no compressed bytes, or not as many as were promised.
public struct ZlibError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public var description: String { "the compressed bytes are damaged" }
}
