/// Reads the lines of code out of bytecode that Lua 5.4 itself has just written.
///
/// Follows `ldump.c` of Lua 5.4: its format 0.
struct BytecodeReader {
  private let bytes: [UInt8]
  private var offset = 0
  private var found: Set<Int> = []

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// The signature, the version, the format, the check data, three sizes, an integer, a number, and the count of upvalues.
  private static let headerLength = 4 + 1 + 1 + 6 + 3 + 8 + 8 + 1

  /// Returns the lines that hold instructions, sorted; empty for what is no bytecode of that format.
  mutating func lines() -> [Int] {
    guard bytes.count > Self.headerLength, bytes[4] == 0x54, bytes[5] == 0 else { return [] }
    offset = Self.headerLength
    guard function() else { return [] }
    return found.sorted()
  }

  /// Reads a function with those in it; returns false when the bytes end early.
  private mutating func function() -> Bool {
    skipString()
    let firstLine = integer()
    _ = integer()
    guard offset + 3 <= bytes.count else { return false }
    let isVariadic = bytes[offset + 1] != 0
    offset += 3
    skip(integer(), bytesEach: 4)
    skipConstants()
    skip(integer(), bytesEach: 3)
    for _ in 0..<integer() {
      guard function() else { return false }
    }
    readLines(from: firstLine, isVariadic: isVariadic)
    for _ in 0..<integer() {
      skipString()
      _ = integer()
      _ = integer()
    }
    for _ in 0..<integer() { skipString() }
    return offset <= bytes.count
  }

  private mutating func readLines(from firstLine: Int, isVariadic: Bool) {
    let count = integer()
    guard offset + count <= bytes.count else {
      offset = bytes.count + 1
      return
    }
    let steps = bytes[offset..<offset + count].map { Int(Int8(bitPattern: $0)) }
    offset += count
    var absolute: [Int: Int] = [:]
    for _ in 0..<integer() {
      let instruction = integer()
      absolute[instruction] = integer()
    }
    var line = firstLine
    for (instruction, step) in steps.enumerated() {
      line = step == -128 ? absolute[instruction] ?? line : line + step
      // The instruction that takes in variable arguments is no line of anybody's.
      if instruction > 0 || !isVariadic { found.insert(line) }
    }
  }

  private mutating func skipConstants() {
    for _ in 0..<integer() {
      guard offset < bytes.count else { return }
      let type = bytes[offset]
      offset += 1
      switch type {
      case 0x03, 0x13: offset += 8
      case 0x04, 0x14: skipString()
      default: break
      }
    }
  }

  private mutating func skipString() {
    let size = integer()
    if size > 0 { offset += size - 1 }
  }

  private mutating func skip(_ count: Int, bytesEach size: Int) { offset += count * size }

  /// Seven bits a byte, the highest first; the last byte has its eighth bit set.
  private mutating func integer() -> Int {
    var value = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      value = value << 7 | Int(byte & 0x7F)
      if byte & 0x80 != 0 || value > 1 << 40 { return value }
    }
    return 0
  }
}
