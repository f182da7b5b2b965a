import CLuaShim

/// The growing text of one encode, freed when it goes out of scope.
@safe struct JSONOutput: ~Copyable {
  private var start: UnsafeMutableRawPointer
  private var capacity = 1024
  private(set) var count = 0
  private let maximum: Int

  /// Makes an empty text that stays below `maximum` bytes.
  init(maximum: Int) {
    unsafe start = .allocate(byteCount: capacity, alignment: 16)
    self.maximum = maximum
  }

  deinit {
    unsafe start.deallocate()
  }

  /// Whether the text has become larger than it may.
  var isTooLarge: Bool { count > maximum }

  /// Lends the text.
  func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
  }

  /// Appends one byte.
  @inline(__always)
  mutating func append(_ byte: UInt8) throws(JSONValueFault) {
    try reserve(1)
    unsafe start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count += 1
  }

  /// Appends bytes.
  @inline(__always)
  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(JSONValueFault) {
    guard let source = bytes.baseAddress else { return }
    try reserve(bytes.count)
    unsafe (start + count).copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }

  /// Appends a literal.
  @inline(__always)
  mutating func append(_ literal: StaticString) throws(JSONValueFault) {
    try unsafe append(
      UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  /// Appends a line break and an indentation of two spaces a level.
  mutating func appendLine(level: Int) throws(JSONValueFault) {
    try append(UInt8(ascii: "\n"))
    for _ in 0..<level { try append("  ") }
  }

  /// Appends an integer in decimal.
  mutating func append(_ value: Int64) throws(JSONValueFault) {
    try reserve(20)
    if value < 0 { try append(UInt8(ascii: "-")) }
    var rest = value.magnitude
    var length = 1
    var bound: UInt64 = 10
    while rest >= bound, length < 19 {
      length += 1
      bound &*= 10
    }
    if length == 19, rest >= bound, bound != 0 { length = 20 }
    var offset = count + length
    count = offset
    repeat {
      offset -= 1
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      unsafe start.storeBytes(
        of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit), toByteOffset: offset,
        as: UInt8.self)
      rest = quotient
    } while rest != 0
  }

  /// Appends a finite double in the shortest form that reads back the same.
  mutating func append(_ value: Double) throws(JSONValueFault) {
    try reserve(Int(RL_DOUBLE_BYTES))
    // SAFETY: room for the most that is written was reserved.
    count += unsafe rl_write_double(start + count, value)
  }

  /// Writes a byte for which room was reserved.
  @inline(__always)
  mutating func put(_ byte: UInt8) {
    unsafe start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count += 1
  }

  /// Appends a string for which room was reserved; returns false, and appends nothing, when it needs escapes.
  @inline(__always)
  mutating func appendPlain(_ bytes: UnsafeRawBufferPointer, _ isHigh: inout Bool) -> Bool {
    guard let source = bytes.baseAddress else { return true }
    // SAFETY: as many bytes as are read are written, and room for them was reserved.
    let isPlain = unsafe rl_copy_plain_text(start + count, source, bytes.count, &isHigh)
    if isPlain { count += bytes.count }
    return isPlain
  }

  /// Makes room for more bytes.
  @inline(__always)
  mutating func reserve(_ bytes: Int) throws(JSONValueFault) {
    if capacity - count < bytes { try grow(bytes) }
  }

  private mutating func grow(_ bytes: Int) throws(JSONValueFault) {
    guard count + bytes <= maximum + 32 else { throw .size }
    let larger = max(capacity * 2, count + bytes)
    let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    unsafe moved.copyMemory(from: start, byteCount: count)
    unsafe start.deallocate()
    unsafe start = unsafe moved
    capacity = larger
  }
}
