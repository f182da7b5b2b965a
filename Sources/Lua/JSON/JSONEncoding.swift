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
  /// The innermost open container; meaningless when there is none.
  var container: Container
  /// The ones around it.
  var parents: JSONStack<Container>
  /// How many containers are open.
  private(set) var depth = 0
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
    unsafe container = Container(table: nil, slot: 0, shape: .unmarked, order: .array)
    parents = JSONStack(placeholder: container)
    unsafe rl_push_array_marker(lua)
    unsafe arrayMarker = unsafe lua_topointer(lua, -1)
    unsafe rl_push_object_marker(lua)
    unsafe objectMarker = unsafe lua_topointer(lua, -1)
    unsafe rl_pop(lua, 2)
  }

  /// Writes the value on top of the stack and pops it.
  mutating func run() throws(JSONValueFault) {
    try reserveStack()
    try value(unsafe lua_type(lua, -1))
    while depth > 0 { try child() }
    if options.isPretty { try output.append("\n") }
    if output.isTooLarge { throw .size }
  }

  /// Writes the next child of the innermost container, or closes the container after the last one.
  @inline(__always)
  private mutating func child() throws(JSONValueFault) {
    if container.isArray {
      guard try element() else { return try close() }
      try begin()
      return try value(unsafe lua_type(lua, -1))
    }
    guard try step() else { return try close() }
    try begin()
    do throws(JSONValueFault) {
      try text(at: -2, followedBy: UInt8(ascii: ":"))
    } catch {
      if case .text(let offset) = error { throw .keyText(offset: offset) }
      throw error
    }
    if options.isPretty { try output.append(UInt8(ascii: " ")) }
    try value(unsafe lua_type(lua, -1))
  }

  /// Writes the value of a type that is on top of the stack and pops it; opens it when it is a table.
  @inline(__always)
  private mutating func value(_ type: Int32) throws(JSONValueFault) {
    switch type {
    case LUA_TSTRING: try text(at: -1)
    case LUA_TNUMBER: try number()
    case LUA_TBOOLEAN: try output.append(unsafe lua_toboolean(lua, -1) != 0 ? "true" : "false")
    case LUA_TNIL: try output.append("null")
    case LUA_TLIGHTUSERDATA where unsafe lua_touserdata(lua, -1) == nil: try output.append("null")
    case LUA_TTABLE: return try open()
    case LUA_TUSERDATA where isView:
      try materialize()
      return try open()
    default: throw .type(LuaType(rawValue: type) ?? .none)
    }
    unsafe rl_pop(lua, 1)
  }

  /// Gives the text away.
  consuming func takeOutput() -> JSONOutput { output }

  // MARK: - Containers

  /// Begins the table on top of the stack.
  private mutating func open() throws(JSONValueFault) {
    if unsafe context.pointee.interrupt != 0 { throw .stopped }
    let table = unsafe lua_topointer(lua, -1)
    if depth > 0 {
      if unsafe container.table == table { throw .cycle }
      for index in 0..<parents.count where unsafe parents[index].table == table { throw .cycle }
    }
    guard depth < options.maximumDepth else { throw .depth }
    try reserveStack()
    let slot = unsafe lua_gettop(lua)
    var opened = unsafe Container(table: table, slot: slot, shape: shape(at: slot), order: .array)
    unsafe lua_pushnil(lua)
    if unsafe lua_next(lua, slot) == 0 {
      try output.append(opened.shape == .array ? "[]" : "{}")
      return unsafe rl_pop(lua, 1)
    }
    let isNumber = unsafe lua_type(lua, -2) == LUA_TNUMBER
    let isArray = opened.shape == .array || (opened.shape == .unmarked && isNumber)
    if !isArray { opened.order = .object }
    enter(opened)
    if !isArray, options.sortsKeys { try sortKeys() }
    try output.append(isArray ? UInt8(ascii: "[") : UInt8(ascii: "{"))
  }

  private mutating func enter(_ opened: Container) {
    if depth > 0 { parents.push(container) }
    depth += 1
    container = opened
  }

  private func shape(at position: Int32) -> Shape {
    guard unsafe lua_getmetatable(lua, position) != 0 else { return .unmarked }
    let metatable = unsafe lua_topointer(lua, -1)
    unsafe rl_pop(lua, 1)
    if unsafe metatable == arrayMarker { return .array }
    return unsafe metatable == objectMarker ? .object : .unmarked
  }

  /// Counts a child, and writes what stands before it.
  @inline(__always)
  private mutating func begin() throws(JSONValueFault) {
    container.index += 1
    if container.index & 1023 == 0, unsafe context.pointee.interrupt != 0 { throw .stopped }
    if container.index > 1 { try output.append(UInt8(ascii: ",")) }
    if options.isPretty { try output.appendLine(level: depth) }
  }

  /// Pushes the next element of an array with its key below it, or returns false with the table on top.
  @inline(__always)
  private mutating func element() throws(JSONValueFault) -> Bool {
    if container.order == .array {
      // The first entry is on the stack since the container was opened.
      if container.index > 0, unsafe lua_next(lua, container.slot) == 0 { return false }
      // A float is never a key that an integer equals, so this is the integer itself.
      if unsafe lua_tointegerx(lua, -2, nil) == lua_Integer(container.index) + 1,
        unsafe lua_type(lua, -2) == LUA_TNUMBER
      {
        return true
      }
      unsafe lua_settop(lua, container.slot)
      container.count = try countElements()
      container.order = .indexed
      unsafe lua_pushnil(lua)
    }
    if container.index == container.count {
      unsafe lua_settop(lua, container.slot)
      return false
    }
    if unsafe lua_rawgeti(lua, container.slot, lua_Integer(container.index) + 1) == LUA_TNIL {
      throw .changed
    }
    return true
  }

  /// Pushes the next key and value of an object, or returns false with the table on top.
  @inline(__always)
  private mutating func step() throws(JSONValueFault) -> Bool {
    if container.order == .object {
      // The first entry is on the stack since the container was opened.
      if container.index > 0, unsafe lua_next(lua, container.slot) == 0 { return false }
      guard unsafe lua_type(lua, -2) == LUA_TSTRING else { throw fault(forKeyAt: -2) }
      return true
    }
    unsafe lua_settop(lua, container.slot)
    if container.index == container.count { return false }
    let key = unsafe sortedKeys[container.firstKey + container.index]
    unsafe lua_pushlstring(lua, key.baseAddress?.assumingMemoryBound(to: CChar.self), key.count)
    unsafe lua_pushvalue(lua, -1)
    if unsafe lua_rawget(lua, container.slot) == LUA_TNIL { throw .changed }
    return true
  }

  private mutating func close() throws(JSONValueFault) {
    if container.order == .sorted { unsafe sortedKeys.removeSubrange(container.firstKey...) }
    depth -= 1
    if options.isPretty { try output.appendLine(level: depth) }
    try output.append(container.isArray ? UInt8(ascii: "]") : UInt8(ascii: "}"))
    unsafe rl_pop(lua, 1)
    if depth > 0 { container = parents.pop() }
  }

  private mutating func reserveStack() throws(JSONValueFault) {
    let height = unsafe lua_gettop(lua)
    guard height + 8 > reserved else { return }
    guard unsafe lua_checkstack(lua, 64) != 0 else { throw .depth }
    reserved = height + 64
  }

  // MARK: - Keys

  /// Counts the elements of a table whose keys are exactly 1 to n, and throws for any other.
  private func countElements() throws(JSONValueFault) -> Int {
    var count = 0
    var largest: lua_Integer = 0
    unsafe lua_pushnil(lua)
    while unsafe lua_next(lua, container.slot) != 0 {
      unsafe rl_pop(lua, 1)
      guard unsafe lua_isinteger(lua, -1) != 0 else {
        throw fault(forKeyAt: -1)
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
  private func fault(forKeyAt position: Int32) -> JSONValueFault {
    if container.shape == .array { return .arrayKey }
    let type = LuaType(rawValue: unsafe lua_type(lua, position)) ?? .none
    guard unsafe lua_isinteger(lua, position) != 0 else {
      return container.isArray && type == .string ? .mixed : .key(type)
    }
    // The first key decides what an unmarked table is taken for.
    let isMixed = container.shape == .unmarked && !container.isArray
    return isMixed ? .mixed : .integerKey(unsafe lua_tointegerx(lua, position, nil))
  }

  private mutating func sortKeys() throws(JSONValueFault) {
    container.firstKey = unsafe sortedKeys.count
    container.order = .sorted
    unsafe lua_settop(lua, container.slot)
    unsafe lua_pushnil(lua)
    while unsafe lua_next(lua, container.slot) != 0 {
      unsafe rl_pop(lua, 1)
      guard unsafe lua_type(lua, -1) == LUA_TSTRING else {
        throw fault(forKeyAt: -1)
      }
      var length = 0
      let start = unsafe lua_tolstring(lua, -1, &length)
      unsafe sortedKeys.append(UnsafeRawBufferPointer(start: start, count: length))
    }
    container.count = unsafe sortedKeys.count - container.firstKey
    unsafe sortedKeys[container.firstKey...].sort { unsafe $0.lexicographicallyPrecedes($1) }
  }
}
