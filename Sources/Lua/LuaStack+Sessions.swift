import CLua
import CLuaShim

/// What a host needs that keeps one state for many chunks.
extension LuaStack {
  /// Pops a table and makes it the globals of the Lua function at a position.
  ///
  /// - Precondition: The function is a chunk as ``load(_:name:)`` leaves it.
  public func setEnvironment(ofFunctionAt position: Int) {
    let function = unsafe lua_absindex(raw, Int32(position))
    if unsafe lua_setupvalue(raw, function, 1) == nil { pop() }
  }

  /// Pushes the entry whose key is on top of the stack, in place of the key; nil when there is none.
  ///
  /// Raw: no metamethods.
  @discardableResult
  public func pushEntry(at position: Int) -> LuaType {
    let table = unsafe lua_absindex(raw, Int32(position))
    return LuaType(rawValue: unsafe lua_rawget(raw, table)) ?? .none
  }

  /// Returns the address by which a table, function, userdata or thread is told from all others; nil for other values.
  public func identity(at position: Int) -> UInt? {
    guard let pointer = unsafe lua_topointer(raw, Int32(position)) else { return nil }
    return UInt(bitPattern: pointer)
  }
}

extension LuaState {
  /// Lets scripts run again after a deadline or the ``StopSignal`` has stopped one.
  ///
  /// Coroutines that were stopped stay dead; all values are as the stopped script left them.
  public func resetInterrupt() {
    unsafe context.pointee.interrupt = sig_atomic_t(RL_NOT_INTERRUPTED)
    unsafe context.pointee.is_preempting = 0
    unsafe context.pointee.stop_requested = 0
  }

  /// Begins to measure ``memoryPeak`` anew, from what is held now.
  public func resetMemoryPeak() {
    unsafe context.pointee.bytes_peak = unsafe context.pointee.bytes_used
  }
}

extension LuaStack {
  /// Returns the first bytes of the string at a position; nil for everything else.
  public func bytes(at position: Int, limit: Int) -> [UInt8]? {
    unsafe withBytes(at: position) { bytes in unsafe Array(bytes.prefix(limit)) }
  }

  /// Calls `body` for each entry of the table at a position as ``forEachEntry(at:_:)`` does, for as long as a condition holds.
  public func forEachEntry(
    at position: Int, while condition: () -> Bool, _ body: (borrowing LuaStack) -> Void
  ) {
    let table = unsafe lua_absindex(raw, Int32(position))
    reserve(3)
    let height = unsafe lua_gettop(raw)
    unsafe lua_pushnil(raw)
    while condition(), unsafe lua_next(raw, table) != 0 {
      body(self)
      unsafe lua_settop(raw, height + 1)
    }
    unsafe lua_settop(raw, height)
  }

  /// Says what the function at a position is: `function shape.lua:12`, or `function (built in)`.
  public func functionText(at position: Int) -> String {
    var place = unsafe lua_Debug()
    pushCopy(of: position)
    let isKnown = unsafe lua_getinfo(raw, ">S", &place) != 0
    guard isKnown, unsafe place.linedefined >= 0 else {
      return "function (built in)"
    }
    guard let source = unsafe place.source else { return "function" }
    var name = unsafe String(cString: source)
    if name.hasPrefix("@") || name.hasPrefix("=") { name.removeFirst() }
    let line = unsafe place.linedefined
    return "function \(name):\(line)"
  }
}
