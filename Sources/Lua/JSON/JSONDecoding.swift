import CLua
import CLuaShim

/// One decode: a single pass from bytes to Lua values, with no value tree between.
///
/// The children of an open container wait on the Lua stack; at its closing bracket the table is made at its exact size and
/// filled from there. Containers with very many children are emptied into their table batch by batch.
///
/// Stack of a container: the slot of its table (nil until there is one), then the children: values of an array, or keys and
/// values of an object.
@safe struct JSONDecoding: ~Copyable {
  /// An open array or object.
  struct Container {
    var isObject: Bool
    var hasTable = false
    /// Where the table is on the Lua stack.
    var slot: Int32
    /// How many children wait on the stack.
    var waiting: Int32 = 0
    /// How many children wait at most.
    var batch: Int32
    /// How many children are in the table.
    var stored = 0
    /// How many children the table has room for.
    var capacity = 0
    /// How many keys were read, as long as they are predicted.
    var keys: Int32 = 0
    /// How many of them were the predicted ones.
    var predicted: Int32 = 0
  }

  let lua: OpaquePointer
  let context: UnsafeMutablePointer<rl_context>
  let input: JSONInput
  let options: JSONDecodingOptions
  /// Where the metatable that marks arrays is on the Lua stack.
  let marker: Int32
  /// The height of the Lua stack.
  var height: Int32
  /// The height up to which Lua has promised room.
  private var reserved: Int32
  private var container = Container(isObject: false, slot: 0, batch: 0)
  private var parents = JSONStack(placeholder: Container(isObject: false, slot: 0, batch: 0))
  private var depth = 0
  private var prediction: JSONKeyPrediction
  /// The unescaped form of the string being read.
  var scratch: [UInt8] = []

  /// Prepares a decode that pushes onto a stack; call with the memory limit relaxed.
  init(onto lua: OpaquePointer, input: JSONInput, options: JSONDecodingOptions) {
    unsafe self.lua = unsafe lua
    unsafe context = unsafe rl_context_of(lua)
    self.input = input
    self.options = options
    let base = unsafe lua_gettop(lua)
    unsafe rl_push_array_marker(lua)
    marker = base + 1
    unsafe prediction = JSONKeyPrediction(for: input, on: lua)
    height = unsafe lua_gettop(lua)
    reserved = height
  }

  /// Decodes the whole text and leaves one value in the place of the marker.
  mutating func run() throws(JSONFault) {
    if input.has("\u{FEFF}", at: 0) { throw JSONFault(.byteOrderMark, at: 0) }
    var offset = input.skipSpace(0)
    repeat {
      offset = try value(at: offset)
    } while try follow(&offset)
    offset = input.skipSpace(offset)
    guard offset == input.count else {
      throw JSONFault(.trailing, at: offset)
    }
    unsafe lua_copy(lua, -1, marker)
    unsafe lua_settop(lua, marker)
  }

  /// Reads a value up to its end, or a container up to its first child.
  ///
  /// - Returns: The offset after a complete value, or the offset of the child when a container was opened.
  private mutating func value(at start: Int) throws(JSONFault) -> Int {
    var offset = start
    while true {
      if height + 8 > reserved { try reserveStack(at: offset) }
      switch input[offset] {
      case UInt8(ascii: "\""):
        return try text(at: offset)
      case UInt8(ascii: "{"):
        try open(isObject: true, at: offset)
        offset = input.skipSpace(offset + 1)
        if input[offset] == UInt8(ascii: "}") { return try close(at: offset) }
        offset = try key(at: offset, orElse: "a key in double quotes")
      case UInt8(ascii: "["):
        try open(isObject: false, at: offset)
        offset = input.skipSpace(offset + 1)
        if input[offset] == UInt8(ascii: "]") { return try close(at: offset) }
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        return try number(at: offset)
      default:
        return try literal(at: offset)
      }
    }
  }

  private mutating func literal(at offset: Int) throws(JSONFault) -> Int {
    height += 1
    switch input[offset] {
    case UInt8(ascii: "t") where input.has("true", at: offset):
      unsafe lua_pushboolean(lua, 1)
      return offset + 4
    case UInt8(ascii: "f") where input.has("false", at: offset):
      unsafe lua_pushboolean(lua, 0)
      return offset + 5
    case UInt8(ascii: "n") where input.has("null", at: offset):
      unsafe lua_pushlightuserdata(lua, nil)
      return offset + 4
    default:
      throw JSONFault(.expected("a value"), at: offset)
    }
  }

  /// Reads a key and the colon after it, and returns the offset of the value.
  private mutating func key(at offset: Int, orElse what: StaticString) throws(JSONFault) -> Int {
    guard input[offset] == UInt8(ascii: "\"") else { throw JSONFault(.expected(what), at: offset) }
    let end = input.skipSpace(try keyText(at: offset))
    guard input[end] == UInt8(ascii: ":") else {
      throw JSONFault(.expected("':' after the key"), at: end)
    }
    return input.skipSpace(end + 1)
  }

  /// Pushes a key, by the string of the object before when that had the same key in the same place.
  @inline(__always)
  private mutating func keyText(at quote: Int) throws(JSONFault) -> Int {
    guard let place = prediction.place(depth: depth, key: container.keys) else {
      return try text(at: quote)
    }
    container.keys += 1
    if let end = prediction.end(of: place, at: quote + 1, in: input) {
      unsafe lua_pushvalue(lua, prediction.slot(of: place))
      height += 1
      container.predicted += 1
      return end
    }
    let end = try text(at: quote)
    prediction.learn(quote + 1..<end, at: place)
    unsafe lua_copy(lua, -1, prediction.slot(of: place))
    return end
  }

  /// Goes on after a complete value: closes what ends there, and moves to the next child.
  ///
  /// - Returns: Whether there is a next child; false after the outermost value.
  private mutating func follow(_ offset: inout Int) throws(JSONFault) -> Bool {
    while depth > 0 {
      container.waiting += 1
      offset = input.skipSpace(offset)
      let byte = input[offset]
      if byte == UInt8(ascii: ",") {
        if container.waiting == container.batch { try store(at: offset) }
        offset = input.skipSpace(offset + 1)
        guard container.isObject else { return true }
        if height + 8 > reserved { try reserveStack(at: offset) }
        offset = try key(at: offset, orElse: "a key in double quotes")
        return true
      }
      guard byte == (container.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
        throw JSONFault(.expected(container.isObject ? "',' or '}'" : "',' or ']'"), at: offset)
      }
      offset = try close(at: offset)
    }
    return false
  }

  // MARK: - Containers

  private mutating func open(isObject: Bool, at offset: Int) throws(JSONFault) {
    guard depth < options.maximumDepth else { throw JSONFault(.depth, at: offset) }
    if unsafe context.pointee.interrupt != 0 { throw JSONFault(.stopped, at: offset) }
    if depth > 0 { parents.push(container) }
    depth += 1
    unsafe lua_pushnil(lua)
    height += 1
    // The depth of what waits is bounded too: 16 levels of 1024, and 16 in each below fit Lua's million slots.
    let batch: Int32 = depth <= 16 ? 1024 : 16
    container = Container(isObject: isObject, slot: height, batch: isObject ? batch / 2 : batch)
  }

  /// Finishes the innermost container and leaves its table on top of the stack.
  private mutating func close(at offset: Int) throws(JSONFault) -> Int {
    if container.hasTable { try reserveGrowth(at: offset) }
    empty(room: Int(container.waiting))
    if !container.isObject {
      unsafe lua_pushvalue(lua, marker)
      unsafe lua_setmetatable(lua, container.slot)
    }
    if unsafe context.pointee.over_limit { try settleMemory(at: offset) }
    depth -= 1
    if depth > 0 { container = parents.pop() }
    return offset + 1
  }

  /// Moves a full batch into the table, so that a large container does not fill the stack.
  private mutating func store(at offset: Int) throws(JSONFault) {
    if unsafe context.pointee.interrupt != 0 { throw JSONFault(.stopped, at: offset) }
    try reserveGrowth(at: offset)
    empty(room: container.capacity)
  }

  /// Makes sure that the table may grow as much as it must for the waiting children.
  private mutating func reserveGrowth(at offset: Int) throws(JSONFault) {
    let total = container.stored + Int(container.waiting)
    guard total >= container.capacity else { return }
    // Lua grows a table to a power of two, and the old one is there until the new one is filled.
    container.capacity = (total + 1).roundedUpToPowerOfTwo
    try reserveMemory(container.capacity * (container.isObject ? 40 : 16), at: offset)
  }

  /// Moves the waiting children into the table, which is made with the given room when there is none.
  private mutating func empty(room: Int) {
    let slot = container.slot
    let count = container.waiting
    if !container.hasTable {
      let size = Int32(truncatingIfNeeded: room)
      unsafe lua_createtable(lua, container.isObject ? 0 : size, container.isObject ? size : 0)
      unsafe lua_copy(lua, -1, slot)
      unsafe rl_pop(lua, 1)
      container.hasTable = true
    }
    if container.isObject, prediction.rulesOutTwins(container, depth: depth, in: input) {
      for _ in 0..<count { unsafe lua_rawset(lua, slot) }
    } else if container.isObject {
      // In the order of the text, so that of equal keys the last one wins.
      for index in 0..<count {
        unsafe lua_pushvalue(lua, slot + 1 + 2 * index)
        unsafe lua_pushvalue(lua, slot + 2 + 2 * index)
        unsafe lua_rawset(lua, slot)
      }
      unsafe lua_settop(lua, slot)
    } else {
      for index in stride(from: lua_Integer(count), to: 0, by: -1) {
        unsafe lua_rawseti(lua, slot, lua_Integer(container.stored) + index)
      }
    }
    container.stored += Int(count)
    container.waiting = 0
    height = slot
  }

  // MARK: - Limits

  private mutating func reserveStack(at offset: Int) throws(JSONFault) {
    guard unsafe lua_checkstack(lua, 64) != 0 else { throw JSONFault(.depth, at: offset) }
    reserved = height + 64
  }

  /// Makes sure that `bytes` more fit the memory limit.
  func reserveMemory(_ bytes: Int, at offset: Int) throws(JSONFault) {
    guard unsafe rl_has_memory(lua, bytes) else { throw JSONFault(.memory, at: offset) }
  }

  /// Collects garbage when the limit was passed, and gives up when that does not help.
  func settleMemory(at offset: Int) throws(JSONFault) {
    unsafe context.pointee.over_limit = false
    // Room for more than a few values, or each of them would collect again.
    try reserveMemory(unsafe context.pointee.bytes_limit / 64, at: offset)
  }
}

extension Int {
  fileprivate var roundedUpToPowerOfTwo: Int {
    self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
  }
}
