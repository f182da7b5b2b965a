import CLua
import CLuaShim

/// How JSON text is read.
public struct JSONDecodingOptions: Sendable {
  /// How deep arrays and objects may lie.
  public var maximumDepth = 1000
  /// Whether an integer beyond 64 bits keeps its digits as a string, instead of becoming a float.
  public var keepsBigIntegers = false

  /// Makes the default options.
  public init() {}

  /// The deepest limit that the reader's own recursion allows.
  public static let deepest = 10_000
}

extension LuaStack {
  /// Reads JSON text (RFC 8259) and pushes its value, straight from the bytes.
  ///
  /// Objects become tables; arrays become tables with the array marker; null becomes the light userdata `NULL`; integers of 64
  /// bits stay integers, other numbers become floats; of duplicate keys the last wins. The text must be UTF-8. Costs about
  /// 2 ns a byte.
  ///
  /// - Throws: ``JSONError`` with line, column and byte; nothing is pushed then.
  public func pushJSON(
    _ text: [UInt8], options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONError) {
    let height = count
    do throws(JSONError) {
      try unsafe text.withUnsafeBufferPointer { (bytes) throws(JSONError) in
        var decoder = unsafe JSONDecoder(raw, bytes, options)
        try decoder.decode()
      }
    } catch {
      unsafe lua_settop(raw, Int32(height))
      throw error
    }
  }
}

/// One pass over JSON text that builds Lua values as it goes.
///
/// Tables are created with the size of the previous one at the same depth: in an array of records that is exact from the
/// second record on, and no table is rehashed.
@safe struct JSONDecoder {
  let lua: OpaquePointer
  let context: UnsafeMutablePointer<rl_context>
  let start: UnsafePointer<UInt8>
  let end: UnsafePointer<UInt8>
  var cursor: UnsafePointer<UInt8>
  let options: JSONDecodingOptions
  var depth = 0
  var arrayMarker: Int32 = 0
  var scratch: [UInt8] = []
  private var sizes = [Int32](repeating: 0, count: 32)

  init(
    _ lua: OpaquePointer, _ bytes: UnsafeBufferPointer<UInt8>, _ options: JSONDecodingOptions
  ) {
    unsafe self.lua = unsafe lua
    unsafe context = unsafe rl_context_of(lua)
    // An empty array may have no address; a pointer that is never read stands in.
    let base = unsafe bytes.baseAddress ?? UnsafePointer(bitPattern: 1).unsafelyUnwrapped
    unsafe start = unsafe base
    unsafe cursor = unsafe base
    unsafe end = unsafe base + bytes.count
    self.options = options
  }

  /// Leaves exactly the value on the stack.
  mutating func decode() throws(JSONError) {
    try reserve(4)
    unsafe rl_push_array_marker(lua)
    unsafe arrayMarker = lua_gettop(lua)
    try checkByteOrderMark()
    skipSpace()
    try value()
    skipSpace()
    if unsafe cursor < end { throw failure(.syntax, "unexpected text after the value") }
    unsafe lua_rotate(lua, -2, 1)
    unsafe rl_pop(lua, 1)
    try checkMemory()
  }

  private func checkByteOrderMark() throws(JSONError) {
    if unsafe end - start >= 3 && start[0] == 0xEF && start[1] == 0xBB && start[2] == 0xBF {
      throw failure(.syntax, "a byte order mark is not part of JSON; save the text without one")
    }
  }

  // MARK: - Values

  private mutating func value() throws(JSONError) {
    guard let byte = peek() else { throw failure(.syntax, "expected a value, found the end") }
    switch byte {
    case UInt8(ascii: "\""):
      unsafe cursor += 1
      try string()
    case UInt8(ascii: "{"): try object()
    case UInt8(ascii: "["): try array()
    case UInt8(ascii: "t"):
      try literal("true")
      unsafe lua_pushboolean(lua, 1)
    case UInt8(ascii: "f"):
      try literal("false")
      unsafe lua_pushboolean(lua, 0)
    case UInt8(ascii: "n"):
      try literal("null")
      unsafe lua_pushlightuserdata(lua, nil)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    default: throw failure(.syntax, "expected a value, found \(found())")
    }
  }

  private mutating func literal(_ text: StaticString) throws(JSONError) {
    for offset in 0..<text.utf8CodeUnitCount {
      guard let byte = peek(offset), unsafe byte == text.utf8Start[offset] else {
        throw failure(.syntax, "expected a value, found \(found())")
      }
    }
    unsafe cursor += text.utf8CodeUnitCount
  }

  private mutating func object() throws(JSONError) {
    try enter()
    skipSpace()
    if peek() == UInt8(ascii: "}") {
      unsafe lua_createtable(lua, 0, 0)
      return leave(size: 0)
    }
    unsafe lua_createtable(lua, 0, expectedSize())
    let table = unsafe lua_gettop(lua)
    var count: Int32 = 0
    while true {
      guard peek() == UInt8(ascii: "\"") else {
        throw failure(.syntax, "expected a key in double quotes, found \(found())")
      }
      unsafe cursor += 1
      try string()
      skipSpace()
      guard peek() == UInt8(ascii: ":") else {
        throw failure(.syntax, "expected ':' after the key, found \(found())")
      }
      unsafe cursor += 1
      skipSpace()
      try value()
      unsafe lua_rawset(lua, table)
      count &+= 1
      skipSpace()
      let next = peek()
      guard next == UInt8(ascii: ",") else {
        guard next == UInt8(ascii: "}") else {
          throw failure(.syntax, "expected ',' or '}', found \(found())")
        }
        break
      }
      unsafe cursor += 1
      skipSpace()
      if count & 255 == 0 { try checkMemory() }
    }
    leave(size: count)
    try checkMemory()
  }

  private mutating func array() throws(JSONError) {
    try enter()
    skipSpace()
    if peek() == UInt8(ascii: "]") {
      unsafe lua_createtable(lua, 0, 0)
      markArray()
      return leave(size: 0)
    }
    unsafe lua_createtable(lua, expectedSize(), 0)
    let table = unsafe lua_gettop(lua)
    var count: Int32 = 0
    while true {
      try value()
      count &+= 1
      unsafe lua_rawseti(lua, table, lua_Integer(count))
      skipSpace()
      let next = peek()
      guard next == UInt8(ascii: ",") else {
        guard next == UInt8(ascii: "]") else {
          throw failure(.syntax, "expected ',' or ']', found \(found())")
        }
        break
      }
      unsafe cursor += 1
      skipSpace()
      if count & 255 == 0 { try checkMemory() }
    }
    markArray()
    leave(size: count)
    try checkMemory()
  }

  private func markArray() {
    unsafe lua_pushvalue(lua, arrayMarker)
    unsafe lua_setmetatable(lua, -2)
  }

  // MARK: - Depth and size

  private mutating func enter() throws(JSONError) {
    depth += 1
    let limit = min(options.maximumDepth, JSONDecodingOptions.deepest)
    if depth > limit { throw failure(.depth, "nested deeper than \(limit) levels") }
    unsafe cursor += 1
    try reserve(6)
  }

  private mutating func leave(size: Int32) {
    unsafe cursor += 1
    if depth < sizes.count { sizes[depth] = size }
    depth -= 1
  }

  /// The size of the previous table at this depth, but never more than the rest of the text could fill.
  private func expectedSize() -> Int32 {
    guard depth < sizes.count else { return 0 }
    return min(sizes[depth], Int32(clamping: unsafe (end - cursor) / 2))
  }

  private func reserve(_ count: Int32) throws(JSONError) {
    if unsafe lua_checkstack(lua, count) == 0 {
      throw failure(.depth, "nested too deep for the Lua stack")
    }
  }

  /// Stops a decode that has filled the state's memory.
  ///
  /// The trampoline raises the memory error in the script.
  func checkMemory() throws(JSONError) {
    guard unsafe context.pointee.over_limit else { return }
    unsafe rl_collect_garbage(lua)
    if unsafe context.pointee.bytes_used > context.pointee.bytes_limit {
      throw JSONError(.memory, "not enough memory")
    }
    unsafe context.pointee.over_limit = false
  }

  // MARK: - Bytes

  @inline(__always)
  func peek(_ offset: Int = 0) -> UInt8? {
    unsafe cursor + offset < end ? cursor[offset] : nil
  }

  @inline(__always)
  private mutating func skipSpace() {
    while unsafe cursor < end {
      switch unsafe cursor.pointee {
      case 0x20, 0x0A, 0x0D, 0x09: unsafe cursor += 1
      default: return
      }
    }
  }

  /// Where the cursor is, in bytes from the start.
  var offset: Int { unsafe cursor - start }

  // MARK: - Failures

  func failure(
    _ code: JSONError.Code, _ reason: String, at place: Int? = nil
  ) -> JSONError {
    var error = JSONError(code, reason)
    var (line, lineStart) = (1, 0)
    let offset = place ?? self.offset
    for index in 0..<offset where unsafe start[index] == 0x0A {
      line += 1
      lineStart = index + 1
    }
    error.position = .init(line: line, column: offset - lineStart + 1, byte: offset)
    return error
  }

  /// What stands at the cursor, for a message.
  private func found() -> String {
    guard let byte = peek() else { return "the end" }
    guard byte >= 0x20 && byte < 0x7F else {
      return "byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return "'\(Character(Unicode.Scalar(byte)))'"
  }
}
