import CLua
import CLuaShim

/// How a Lua value is written as JSON.
public struct JSONEncodingOptions: Sendable {
  /// Whether line breaks and two blanks a level are written.
  public var isPretty = false
  /// Whether the keys of objects are written in the order of their bytes, instead of Lua's order.
  public var sortsKeys = false
  /// How deep tables may lie.
  public var maximumDepth = 1000

  /// Makes the default options.
  public init() {}
}

extension LuaStack {
  /// Returns the JSON text (RFC 8259) of the value at a position.
  ///
  /// A table is an array when it is marked as one or its keys are exactly 1…n with n ≥ 1; an empty unmarked table is `{}`. A
  /// float without a fraction, below 2^53, is written without one; other floats in the shortest form that reads back the
  /// same. Metamethods are not called. Costs about 2 ns a byte.
  ///
  /// - Throws: ``JSONError`` with the path, for what has no JSON form: functions, NaN and infinities, cycles, sparse arrays,
  ///   keys that are not strings, text that is not UTF-8, tables deeper than the limit.
  public func encodeJSON(
    at position: Int, options: JSONEncodingOptions = JSONEncodingOptions()
  ) throws(JSONError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256)
    try encodeJSON(at: position, options: options, into: &bytes)
    return bytes
  }

  /// Appends the JSON text of the value at a position to a buffer; see ``encodeJSON(at:options:)``.
  public func encodeJSON(
    at position: Int, options: JSONEncodingOptions = JSONEncodingOptions(),
    into bytes: inout [UInt8]
  ) throws(JSONError) {
    let height = count
    var encoder = unsafe JSONEncoder(raw, options)
    swap(&encoder.bytes, &bytes)
    defer {
      swap(&encoder.bytes, &bytes)
      unsafe lua_settop(raw, Int32(height))
    }
    do throws(JSONError) {
      try encoder.encode(unsafe lua_absindex(raw, Int32(position)))
    } catch {
      var placed = error
      placed.path = "$" + (error.path ?? "")
      throw placed
    }
  }
}

/// Walks a Lua value and writes it.
@safe struct JSONEncoder {
  private let lua: OpaquePointer
  private let options: JSONEncodingOptions
  private var arrayMarker: Int32 = 0
  private var objectMarker: Int32 = 0
  private var ancestors: [UInt] = []  // the addresses of the tables around the value
  var bytes: [UInt8] = []

  init(_ lua: OpaquePointer, _ options: JSONEncodingOptions) {
    unsafe self.lua = unsafe lua
    self.options = options
  }

  mutating func encode(_ index: Int32) throws(JSONError) {
    try reserve(6)
    unsafe rl_push_array_marker(lua)
    unsafe arrayMarker = lua_gettop(lua)
    unsafe rl_push_object_marker(lua)
    objectMarker = arrayMarker + 1
    try value(index)
    if options.isPretty { bytes.append(UInt8(ascii: "\n")) }
  }

  private mutating func value(_ index: Int32) throws(JSONError) {
    switch unsafe lua_type(lua, index) {
    case LUA_TSTRING: try string(index)
    case LUA_TNUMBER: try number(index)
    case LUA_TBOOLEAN: write(unsafe lua_toboolean(lua, index) != 0 ? "true" : "false")
    case LUA_TTABLE: try table(index)
    case LUA_TLIGHTUSERDATA where unsafe lua_touserdata(lua, index) == nil: write("null")
    case LUA_TNIL: write("null")
    case let type:
      let name = LuaType(rawValue: type)?.name ?? "value"
      throw JSONError(.value, "a \(name) has no JSON form")
    }
  }

  private mutating func number(_ index: Int32) throws(JSONError) {
    if unsafe lua_isinteger(lua, index) != 0 {
      return write(String(unsafe lua_tointegerx(lua, index, nil)))
    }
    let value = unsafe lua_tonumberx(lua, index, nil)
    guard value.isFinite else {
      throw JSONError(.number, value.isNaN ? "NaN has no JSON form" : "infinity has no JSON form")
    }
    if value.magnitude < 9_007_199_254_740_992, value == value.rounded(.towardZero) {
      return write(value == 0 && value.sign == .minus ? "-0" : String(Int64(value)))
    }
    write(value.description)
  }

  // MARK: - Tables

  private mutating func table(_ index: Int32) throws(JSONError) {
    guard let address = unsafe lua_topointer(lua, index) else { return }
    let identity = UInt(bitPattern: address)
    if ancestors.contains(identity) { throw JSONError(.value, "the table contains itself") }
    if ancestors.count >= min(options.maximumDepth, JSONDecodingOptions.deepest) {
      throw JSONError(.depth, "nested deeper than \(options.maximumDepth) levels")
    }
    try reserve(8)
    ancestors.append(identity)
    if try isArray(index) { try array(index) } else { try object(index) }
    ancestors.removeLast()
  }

  private func isArray(_ index: Int32) throws(JSONError) -> Bool {
    if unsafe lua_getmetatable(lua, index) != 0 {
      let isArray = unsafe lua_rawequal(lua, -1, arrayMarker) != 0
      let isObject = unsafe lua_rawequal(lua, -1, objectMarker) != 0
      unsafe rl_pop(lua, 1)
      if isArray || isObject { return isArray }
    }
    let length = unsafe lua_rawlen(lua, index)
    guard length > 0 else { return false }
    // Nothing follows the last element: all keys are in the array part. The key exists, so this cannot raise.
    unsafe lua_pushinteger(lua, lua_Integer(length))
    if unsafe lua_next(lua, index) == 0 { return true }
    unsafe rl_pop(lua, 2)
    return try keysAreSequence(index)
  }

  /// Whether the keys are exactly 1…n, by counting them.
  private func keysAreSequence(_ index: Int32) throws(JSONError) -> Bool {
    var (integers, others) = (0, 0)
    var largest: lua_Integer = 0
    unsafe lua_pushnil(lua)
    while unsafe lua_next(lua, index) != 0 {
      unsafe rl_pop(lua, 1)
      let key = unsafe lua_isinteger(lua, -1) != 0 ? lua_tointegerx(lua, -1, nil) : 0
      if key >= 1 {
        integers += 1
        largest = max(largest, key)
      } else {
        others += 1
      }
    }
    if integers == 0 { return false }
    if others > 0 {
      throw JSONError(
        .value, "a table with both list items and other keys is neither array nor object")
    }
    if largest != integers {
      throw JSONError(
        .value, "a list with holes: \(integers) items, but the last has the index \(largest)")
    }
    return true
  }

  private mutating func array(_ index: Int32) throws(JSONError) {
    let length = Int(unsafe lua_rawlen(lua, index))
    try checkMarkedArray(index, length)
    if length == 0 { return write("[]") }
    bytes.append(UInt8(ascii: "["))
    for element in 1...length {
      if element > 1 { bytes.append(UInt8(ascii: ",")) }
      breakLine()
      unsafe lua_rawgeti(lua, index, lua_Integer(element))
      do throws(JSONError) {
        if unsafe lua_type(lua, -1) == LUA_TNIL {
          throw JSONError(.value, "a hole in a list; use null for an empty item")
        }
        try value(unsafe lua_gettop(lua))
      } catch {
        throw error.below("[\(element)]")
      }
      unsafe rl_pop(lua, 1)
    }
    breakLine(outdent: true)
    bytes.append(UInt8(ascii: "]"))
  }

  /// A marked array may hold nothing but its items.
  private func checkMarkedArray(_ index: Int32, _ length: Int) throws(JSONError) {
    if length == 0 {
      unsafe lua_pushnil(lua)
    } else {
      unsafe lua_pushinteger(lua, lua_Integer(length))
    }
    guard unsafe lua_next(lua, index) != 0 else { return }
    unsafe rl_pop(lua, 2)
    guard try keysAreSequence(index) else {
      throw JSONError(.value, "a table marked as an array has keys that are not list indexes")
    }
  }

  private mutating func object(_ index: Int32) throws(JSONError) {
    unsafe lua_pushnil(lua)
    guard unsafe lua_next(lua, index) != 0 else { return write("{}") }
    bytes.append(UInt8(ascii: "{"))
    if options.sortsKeys {
      unsafe rl_pop(lua, 2)
      try sortedMembers(index)
    } else {
      var isFirst = true
      repeat {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        try member(key: unsafe lua_gettop(lua) - 1)
        unsafe rl_pop(lua, 1)
      } while unsafe lua_next(lua, index) != 0
    }
    breakLine(outdent: true)
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func sortedMembers(_ index: Int32) throws(JSONError) {
    var keys: [[UInt8]] = []
    unsafe lua_pushnil(lua)
    while unsafe lua_next(lua, index) != 0 {
      unsafe rl_pop(lua, 1)
      try checkKey(-1)
      if let key = unsafe LuaStack(lua).bytes(at: -1) { keys.append(key) }
    }
    keys.sort { $0.lexicographicallyPrecedes($1) }
    for (number, key) in keys.enumerated() {
      if number > 0 { bytes.append(UInt8(ascii: ",")) }
      unsafe LuaStack(lua).push(key)
      unsafe lua_pushvalue(lua, -1)
      unsafe lua_rawget(lua, index)
      try member(key: unsafe lua_gettop(lua) - 1)
      unsafe rl_pop(lua, 2)
    }
  }

  /// Writes a key and the value above it on the stack.
  private mutating func member(key: Int32) throws(JSONError) {
    try checkKey(key)
    breakLine()
    do throws(JSONError) {
      try string(key)
      bytes.append(UInt8(ascii: ":"))
      if options.isPretty { bytes.append(UInt8(ascii: " ")) }
      try value(key + 1)
    } catch {
      throw error.below(".\(unsafe LuaStack(lua).string(at: Int(key)) ?? "?")")
    }
  }

  private func checkKey(_ index: Int32) throws(JSONError) {
    let type = unsafe lua_type(lua, index)
    guard type != LUA_TSTRING else { return }
    if unsafe lua_isinteger(lua, index) != 0 {
      throw JSONError(
        .value, "the key \(unsafe lua_tointegerx(lua, index, nil)) of an object must be a string")
    }
    throw JSONError(
      .value,
      "a key of an object must be a string, not a \(LuaType(rawValue: type)?.name ?? "value")")
  }

  // MARK: - Text

  private mutating func string(_ index: Int32) throws(JSONError) {
    var length = 0
    guard let start = unsafe lua_tolstring(lua, index, &length) else { return }
    let source = unsafe UnsafeRawBufferPointer(start: start, count: length)
      .bindMemory(to: UInt8.self)
    bytes.append(UInt8(ascii: "\""))
    var plain = 0
    var hasHighBytes = false
    for position in 0..<length {
      let byte = unsafe source[position]
      if byte >= 0x80 { hasHighBytes = true }
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
        continue
      }
      unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[plain..<position]))
      escape(byte)
      plain = position + 1
    }
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[plain..<length]))
    bytes.append(UInt8(ascii: "\""))
    if hasHighBytes, let bad = unsafe UTF8Check.firstInvalid(in: source) {
      throw JSONError(.encoding, "the text is not UTF-8 at byte \(bad)")
    }
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): write("\\\"")
    case UInt8(ascii: "\\"): write("\\\\")
    case 0x08: write("\\b")
    case 0x0C: write("\\f")
    case 0x0A: write("\\n")
    case 0x0D: write("\\r")
    case 0x09: write("\\t")
    default:
      let digits = String(byte, radix: 16)
      write(digits.count == 1 ? "\\u000\(digits)" : "\\u00\(digits)")
    }
  }

  private mutating func write(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func breakLine(outdent: Bool = false) {
    guard options.isPretty else { return }
    bytes.append(UInt8(ascii: "\n"))
    let level = ancestors.count - (outdent ? 1 : 0)
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
  }

  private func reserve(_ count: Int32) throws(JSONError) {
    if unsafe lua_checkstack(lua, count) == 0 {
      throw JSONError(.depth, "nested too deep for the Lua stack")
    }
  }
}

extension JSONError {
  /// The same error, one level further out.
  fileprivate func below(_ step: String) -> JSONError {
    var error = self
    error.path = step + (path ?? "")
    return error
  }
}
