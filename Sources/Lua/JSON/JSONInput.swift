/// The bytes of a JSON text, lent to describe what is wrong with it.
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
}
