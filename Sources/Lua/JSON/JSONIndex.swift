/// One value or key of an indexed text.
struct JSONNode {
  /// The offset of its first byte.
  var start: UInt32
  /// The offset after its last byte.
  var end: UInt32
  /// The node after it and all that it contains; of an open container, the container around it.
  var next: UInt32
  /// Of an array how many elements, of an object how many members, of a string with escapes 1.
  var count: UInt32 = 0
}

/// A pass that checks a whole text by the same rules as a decode, and notes where each value is.
///
/// The nodes stand in the order of the text: a container, then what it contains; of an object, each key and then its value.
@safe struct JSONIndexing: ~Copyable {
  let input: JSONInput
  let maximumDepth: Int
  /// How many nodes there may be at most.
  private let maximumCount: Int
  private var nodes: UnsafeMutablePointer<JSONNode>
  private var capacity: Int
  /// How many nodes there are.
  private var count = 0
  /// The innermost open container.
  private var container = Self.none
  private var isObject = false
  private var depth = 0
  private var scratch: [UInt8] = []

  private static let none = UInt32.max

  /// Prepares a pass that may use `memory` bytes for what it notes.
  init(_ input: JSONInput, maximumDepth: Int, memory: Int) {
    self.input = input
    self.maximumDepth = maximumDepth
    maximumCount = memory / MemoryLayout<JSONNode>.stride
    capacity = input.count / 12 + 16
    unsafe nodes = .allocate(capacity: capacity)
  }

  deinit {
    unsafe nodes.deallocate()
  }

  /// Lends the nodes of a text that was read.
  func withNodes<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<JSONNode>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(UnsafeBufferPointer(start: nodes, count: count))
  }

  /// Reads the whole text; afterwards there is at least one node.
  mutating func run() throws(JSONFault) {
    guard input.count < Int(UInt32.max) else { throw JSONFault(.memory, at: 0) }
    if input.has("\u{FEFF}", at: 0) { throw JSONFault(.byteOrderMark, at: 0) }
    var offset = input.skipSpace(0)
    repeat {
      offset = try value(at: offset)
    } while try follow(&offset)
    offset = input.skipSpace(offset)
    guard offset == input.count else { throw JSONFault(.trailing, at: offset) }
  }

  /// Reads a value up to its end, or containers up to their first child, whose offset it returns.
  private mutating func value(at start: Int) throws(JSONFault) -> Int {
    var offset = start
    while true {
      switch input[offset] {
      case UInt8(ascii: "\""):
        return try text(at: offset)
      case UInt8(ascii: "{"):
        try open(isObject: true, at: offset)
        offset = input.skipSpace(offset + 1)
        if input[offset] == UInt8(ascii: "}") { return close(at: offset) }
        offset = try key(at: offset)
      case UInt8(ascii: "["):
        try open(isObject: false, at: offset)
        offset = input.skipSpace(offset + 1)
        if input[offset] == UInt8(ascii: "]") { return close(at: offset) }
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        return try number(at: offset)
      case UInt8(ascii: "t") where input.has("true", at: offset),
        UInt8(ascii: "n") where input.has("null", at: offset):
        return try add(offset, offset + 4)
      case UInt8(ascii: "f") where input.has("false", at: offset):
        return try add(offset, offset + 5)
      default:
        throw JSONFault(.expected("a value"), at: offset)
      }
    }
  }

  /// Goes on after a complete value; returns whether there is a next one.
  private mutating func follow(_ offset: inout Int) throws(JSONFault) -> Bool {
    while container != Self.none {
      unsafe nodes[Int(container)].count += 1
      offset = input.skipSpace(offset)
      let byte = input[offset]
      if byte == UInt8(ascii: ",") {
        offset = input.skipSpace(offset + 1)
        if isObject { offset = try key(at: offset) }
        return true
      }
      guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
        throw JSONFault(.expected(isObject ? "',' or '}'" : "',' or ']'"), at: offset)
      }
      offset = close(at: offset)
    }
    return false
  }

  // MARK: - Containers

  private mutating func open(isObject: Bool, at offset: Int) throws(JSONFault) {
    guard depth < maximumDepth else { throw JSONFault(.depth, at: offset) }
    depth += 1
    let opened = UInt32(truncatingIfNeeded: count)
    _ = try add(offset, offset)
    unsafe nodes[Int(opened)].next = container
    container = opened
    self.isObject = isObject
  }

  private mutating func close(at offset: Int) -> Int {
    let closed = Int(container)
    // SAFETY: what is open is one of the nodes.
    container = unsafe nodes[closed].next
    unsafe nodes[closed].next = UInt32(truncatingIfNeeded: count)
    unsafe nodes[closed].end = UInt32(truncatingIfNeeded: offset + 1)
    depth -= 1
    if container != Self.none {
      isObject = unsafe input[Int(nodes[Int(container)].start)] == UInt8(ascii: "{")
    }
    return offset + 1
  }

  // MARK: - Scalars

  /// Reads a key and the colon after it, and returns the offset of the value.
  private mutating func key(at offset: Int) throws(JSONFault) -> Int {
    guard input[offset] == UInt8(ascii: "\"") else {
      throw JSONFault(.expected("a key in double quotes"), at: offset)
    }
    let end = input.skipSpace(try text(at: offset))
    guard input[end] == UInt8(ascii: ":") else {
      throw JSONFault(.expected("':' after the key"), at: end)
    }
    return input.skipSpace(end + 1)
  }

  @inline(__always)
  private mutating func text(at quote: Int) throws(JSONFault) -> Int {
    let start = quote + 1
    var isHigh = false
    let end = input.endOfPlainText(from: start, isHigh: &isHigh)
    if end == input.count { throw JSONFault(.openText, at: quote) }
    if input[end] != UInt8(ascii: "\"") {
      scratch.removeAll(keepingCapacity: true)
      let end = try input.unescape(at: quote, plainUntil: end, isHigh, into: &scratch)
      return try add(quote, end + 1, isEscaped: true)
    }
    if isHigh { try input.checkUTF8(start..<end) }
    return try add(quote, end + 1)
  }

  private mutating func number(at start: Int) throws(JSONFault) -> Int {
    let number = try input.number(at: start)
    if number.mayBeTooLarge { _ = try input.double(number.range) }
    return try add(start, number.range.upperBound)
  }

  @inline(__always)
  private mutating func add(
    _ start: Int, _ end: Int, isEscaped: Bool = false
  ) throws(JSONFault) -> Int {
    if count == capacity { try grow(at: start) }
    // SAFETY: there is room for one more.
    unsafe (nodes + count).initialize(
      to: JSONNode(
        start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
        next: UInt32(truncatingIfNeeded: count + 1), count: isEscaped ? 1 : 0))
    count += 1
    return end
  }

  private mutating func grow(at offset: Int) throws(JSONFault) {
    guard count < maximumCount else { throw JSONFault(.memory, at: offset) }
    let larger = min(capacity * 2, maximumCount)
    let moved = UnsafeMutablePointer<JSONNode>.allocate(capacity: larger)
    unsafe moved.moveInitialize(from: nodes, count: count)
    unsafe nodes.deallocate()
    unsafe nodes = unsafe moved
    capacity = larger
  }
}
