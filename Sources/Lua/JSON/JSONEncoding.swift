import CLua
import CLuaShim

/// One encode: a walk over Lua values that writes JSON, without recursion and without metamethods.
///
/// Stack of an open container: its table, the key of the child being written, and on top the child.
@safe struct JSONEncoding: ~Copyable {
  /// How the children of a container are found.
  enum Order {
    /// An array, by `lua_next` as long as that gives 1, 2, 3…
    case array
    /// An array whose elements Lua keeps in another order, by index.
    case indexed
    /// An object, by `lua_next`.
    case object
    /// An object, by its sorted keys.
    case sorted
  }

  /// What the metatable says that a table is.
  enum Shape { case unmarked, array, object }

  /// An open array or object.
  @safe struct Container {
    let table: UnsafeRawPointer?
    /// Where the table is on the Lua stack; the key is in the next slot.
    let slot: Int32
    let shape: Shape
    var order: Order
    /// How many children were begun.
    var index = 0
    /// How many children there are, when that is known.
    var count = 0
    /// Where its keys begin in the sorted ones.
    var firstKey = 0

    var isArray: Bool { order == .array || order == .indexed }
  }

  let lua: OpaquePointer
  let context: UnsafeMutablePointer<rl_context>
  let options: JSONEncodingOptions
  var output: JSONOutput
  var containers: [Container] = []
  private let arrayMarker: UnsafeRawPointer?
  private let objectMarker: UnsafeRawPointer?
  private var reserved: Int32 = 0
  /// The keys of the open sorted objects.
  ///
  /// They stay where they are: nothing is collected during a sorted encode.
  private var sortedKeys: [UnsafeRawBufferPointer]

  /// Prepares an encode; call with the memory limit relaxed.
  init(of lua: OpaquePointer, options: JSONEncodingOptions) {
    unsafe self.lua = unsafe lua
    unsafe context = unsafe rl_context_of(lua)
    self.options = options
    unsafe sortedKeys = []
    output = JSONOutput(maximum: options.maximumBytes)
    unsafe rl_push_array_marker(lua)
    unsafe arrayMarker = unsafe lua_topointer(lua, -1)
    unsafe rl_push_object_marker(lua)
    unsafe objectMarker = unsafe lua_topointer(lua, -1)
    unsafe rl_pop(lua, 2)
  }

  /// Writes the value on top of the stack and pops it.
  mutating func run() throws(JSONValueFault) {
    try reserveStack()
    try value()
    while !containers.isEmpty {
      if try next() { try value() }
    }
    if options.isPretty { try output.append("\n") }
    if output.isTooLarge { throw .size }
  }

  /// Writes the value on top of the stack and pops it; opens it when it is a table.
  private mutating func value() throws(JSONValueFault) {
    let type = unsafe lua_type(lua, -1)
    switch type {
    case LUA_TSTRING: try text(at: -1)
    case LUA_TNUMBER: try number()
    case LUA_TBOOLEAN: try output.append(unsafe lua_toboolean(lua, -1) != 0 ? "true" : "false")
    case LUA_TNIL: try output.append("null")
    case LUA_TLIGHTUSERDATA where unsafe lua_touserdata(lua, -1) == nil: try output.append("null")
    case LUA_TTABLE: return try open()
    default: throw .type(LuaType(rawValue: type) ?? .none)
    }
    unsafe rl_pop(lua, 1)
  }

  /// Gives the text away.
  consuming func takeOutput() -> JSONOutput { output }

  // MARK: - Containers

  /// Begins the table on top of the stack; its first key and value are then on top of it.
  private mutating func open() throws(JSONValueFault) {
    if unsafe context.pointee.interrupt != 0 { throw .stopped }
    let table = unsafe lua_topointer(lua, -1)
    for container in containers where unsafe container.table == table { throw .cycle }
    guard containers.count < options.maximumDepth else { throw .depth }
    try reserveStack()
    let slot = unsafe lua_gettop(lua)
    let shape = shape(at: slot)
    unsafe lua_pushnil(lua)
    if unsafe lua_next(lua, slot) == 0 {
      try output.append(shape == .array ? "[]" : "{}")
      unsafe rl_pop(lua, 1)
      return
    }
    let keyType = unsafe lua_type(lua, -2)
    let isArray = shape == .array || (shape == .unmarked && keyType == LUA_TNUMBER)
    var container = unsafe Container(
      table: table, slot: slot, shape: shape, order: isArray ? .array : .object)
    containers.append(container)
    if !isArray, options.sortsKeys {
      try sortKeys(&container)
      containers[containers.count - 1] = container
    }
    try output.append(isArray ? UInt8(ascii: "[") : UInt8(ascii: "{"))
  }

  private func shape(at position: Int32) -> Shape {
    guard unsafe lua_getmetatable(lua, position) != 0 else { return .unmarked }
    let metatable = unsafe lua_topointer(lua, -1)
    unsafe rl_pop(lua, 1)
    if unsafe metatable == arrayMarker { return .array }
    return unsafe metatable == objectMarker ? .object : .unmarked
  }

  /// Pushes the next child of the innermost container and writes what comes before it.
  ///
  /// - Returns: False when there is none and the container was closed.
  private mutating func next() throws(JSONValueFault) -> Bool {
    let last = containers.count - 1
    var container = containers[last]
    guard try step(&container) else {
      try close(container)
      return false
    }
    container.index += 1
    containers[last] = container
    if container.index & 1023 == 0, unsafe context.pointee.interrupt != 0 { throw .stopped }
    if container.index > 1 { try output.append(UInt8(ascii: ",")) }
    if options.isPretty { try output.appendLine(level: containers.count) }
    if container.isArray { return true }
    do throws(JSONValueFault) {
      try text(at: -2)
    } catch {
      if case .text(let offset) = error { throw .keyText(offset: offset) }
      throw error
    }
    if options.isPretty { try output.append(": ") } else { try output.append(UInt8(ascii: ":")) }
    return true
  }

  /// Pushes the next key and value, or returns false with the table on top.
  private mutating func step(_ container: inout Container) throws(JSONValueFault) -> Bool {
    switch container.order {
    case .array:
      // The first entry is on the stack since the container was opened.
      if container.index > 0, unsafe lua_next(lua, container.slot) == 0 { return false }
      if unsafe lua_isinteger(lua, -2) != 0,
        unsafe lua_tointegerx(lua, -2, nil) == lua_Integer(container.index) + 1
      {
        return true
      }
      unsafe lua_settop(lua, container.slot)
      container.count = try countElements(container)
      container.order = .indexed
      unsafe lua_pushnil(lua)
      return try step(&container)
    case .indexed:
      if container.index == container.count {
        unsafe lua_settop(lua, container.slot)
        return false
      }
      let type = unsafe lua_rawgeti(lua, container.slot, lua_Integer(container.index) + 1)
      if type == LUA_TNIL { throw .changed }
    case .object:
      if container.index > 0, unsafe lua_next(lua, container.slot) == 0 { return false }
      guard unsafe lua_type(lua, -2) == LUA_TSTRING else {
        throw fault(forKeyAt: -2, in: container)
      }
    case .sorted:
      unsafe lua_settop(lua, container.slot)
      if container.index == container.count { return false }
      let key = unsafe sortedKeys[container.firstKey + container.index]
      unsafe lua_pushlstring(lua, key.baseAddress?.assumingMemoryBound(to: CChar.self), key.count)
      unsafe lua_pushvalue(lua, -1)
      if unsafe lua_rawget(lua, container.slot) == LUA_TNIL { throw .changed }
    }
    return true
  }

  private mutating func close(_ container: Container) throws(JSONValueFault) {
    containers.removeLast()
    if container.order == .sorted { unsafe sortedKeys.removeSubrange(container.firstKey...) }
    if options.isPretty { try output.appendLine(level: containers.count) }
    try output.append(container.isArray ? UInt8(ascii: "]") : UInt8(ascii: "}"))
    unsafe rl_pop(lua, 1)
  }

  private mutating func reserveStack() throws(JSONValueFault) {
    let height = unsafe lua_gettop(lua)
    guard height + 8 > reserved else { return }
    guard unsafe lua_checkstack(lua, 64) != 0 else { throw .depth }
    reserved = height + 64
  }

  // MARK: - Keys

  /// Counts the elements of a table whose keys are exactly 1 to n, and throws for any other.
  private func countElements(_ container: Container) throws(JSONValueFault) -> Int {
    var count = 0
    var largest: lua_Integer = 0
    unsafe lua_pushnil(lua)
    while unsafe lua_next(lua, container.slot) != 0 {
      unsafe rl_pop(lua, 1)
      guard unsafe lua_isinteger(lua, -1) != 0 else {
        throw fault(forKeyAt: -1, in: container)
      }
      let key = unsafe lua_tointegerx(lua, -1, nil)
      if key < 1 { throw container.shape == .array ? .arrayKey : .integerKey(key) }
      count += 1
      largest = max(largest, key)
    }
    if count == Int(largest) { return count }
    if container.shape == .unmarked, unsafe lua_rawgeti(lua, container.slot, 1) == LUA_TNIL {
      throw .integerKey(largest)
    }
    var missing = 1
    while unsafe lua_rawgeti(lua, container.slot, lua_Integer(missing)) != LUA_TNIL {
      unsafe rl_pop(lua, 1)
      missing += 1
    }
    throw .hole(missing)
  }

  /// Why the key at a position cannot be where it is.
  private func fault(forKeyAt position: Int32, in container: Container) -> JSONValueFault {
    if container.shape == .array { return .arrayKey }
    let type = LuaType(rawValue: unsafe lua_type(lua, position)) ?? .none
    guard unsafe lua_isinteger(lua, position) != 0 else {
      return container.isArray && type == .string ? .mixed : .key(type)
    }
    // The first key decides what an unmarked table is taken for.
    let isMixed = container.shape == .unmarked && !container.isArray
    return isMixed ? .mixed : .integerKey(unsafe lua_tointegerx(lua, position, nil))
  }

  private mutating func sortKeys(_ container: inout Container) throws(JSONValueFault) {
    container.firstKey = unsafe sortedKeys.count
    container.order = .sorted
    unsafe lua_settop(lua, container.slot)
    unsafe lua_pushnil(lua)
    while unsafe lua_next(lua, container.slot) != 0 {
      unsafe rl_pop(lua, 1)
      guard unsafe lua_type(lua, -1) == LUA_TSTRING else {
        throw fault(forKeyAt: -1, in: container)
      }
      var length = 0
      let start = unsafe lua_tolstring(lua, -1, &length)
      unsafe sortedKeys.append(UnsafeRawBufferPointer(start: start, count: length))
    }
    container.count = unsafe sortedKeys.count - container.firstKey
    unsafe sortedKeys[container.firstKey...].sort { unsafe $0.lexicographicallyPrecedes($1) }
  }
}
