import CLua
import CLuaShim

extension LuaStack {
  /// Pushes a new table with room for `elements` array elements and `fields` other fields.
  public func pushTable(elements: Int = 0, fields: Int = 0) {
    reserve(1)
    unsafe lua_createtable(raw, Int32(clamping: elements), Int32(clamping: fields))
  }

  /// Pushes the table of global variables.
  public func pushGlobals() {
    reserve(1)
    unsafe lua_rawgeti(raw, rl_registry_index(), lua_Integer(LUA_RIDX_GLOBALS))
  }

  /// Pops the top value into a field of the table at a position.
  ///
  /// Raw: no metamethods.
  public func setField(_ name: String, at position: Int) {
    let table = unsafe lua_absindex(raw, Int32(position))
    push(name)
    unsafe lua_rotate(raw, -2, 1)
    unsafe lua_rawset(raw, table)
  }

  /// Pops the top value and the key below it into the table at a position.
  ///
  /// Raw: no metamethods. The key must not be nil or NaN.
  func setEntry(at position: Int) {
    unsafe lua_rawset(raw, Int32(position))
  }

  /// Pops the top value into an element of the table at a position, counted from 1.
  ///
  /// Raw: no metamethods.
  public func setElement(_ index: Int, at position: Int) {
    unsafe lua_rawseti(raw, Int32(position), lua_Integer(index))
  }

  /// Pushes a field of the table at a position, nil when it is absent, and returns its type.
  ///
  /// Raw: no metamethods.
  @discardableResult
  public func pushField(_ name: String, at position: Int) -> LuaType {
    let table = unsafe lua_absindex(raw, Int32(position))
    push(name)
    return LuaType(rawValue: unsafe lua_rawget(raw, table)) ?? .none
  }

  /// Pushes an element of the table at a position, counted from 1, and returns its type.
  ///
  /// Raw: no metamethods.
  @discardableResult
  public func pushElement(_ index: Int, at position: Int) -> LuaType {
    reserve(1)
    return LuaType(rawValue: unsafe lua_rawgeti(raw, Int32(position), lua_Integer(index))) ?? .none
  }

  /// Returns the length of the table or string at a position.
  ///
  /// Raw: no metamethods.
  public func rawLength(at position: Int) -> Int {
    Int(unsafe lua_rawlen(raw, Int32(position)))
  }

  /// Calls `body` for each entry of the table at a position, with the key at -2 and the value at -1.
  ///
  /// The order is Lua's. `body` must not add keys to the table, must leave the key as it is, and may push: the stack is
  /// brought back to its height after each entry.
  public func forEachEntry<Failure: Error>(
    at position: Int, _ body: (borrowing LuaStack) throws(Failure) -> Void
  ) throws(Failure) {
    let table = unsafe lua_absindex(raw, Int32(position))
    reserve(3)
    let height = unsafe lua_gettop(raw)
    unsafe lua_pushnil(raw)
    // lua_next raises only for a key that is not in the table; this one always is.
    while unsafe lua_next(raw, table) != 0 {
      do throws(Failure) {
        try body(self)
      } catch {
        unsafe lua_settop(raw, height)
        throw error
      }
      unsafe lua_settop(raw, height + 1)
    }
  }

  /// Pops a table and makes it the metatable of the value at a position.
  public func setMetatable(at position: Int) {
    unsafe lua_setmetatable(raw, Int32(position))
  }

  /// Pushes the metatable of the value at a position; pushes nothing and returns false when it has none.
  public func pushMetatable(at position: Int) -> Bool {
    reserve(1)
    return unsafe lua_getmetatable(raw, Int32(position)) != 0
  }

  /// Pops the top value into the registry, where only the host can reach it, under a name.
  public func setRegistryField(_ name: String) {
    setField(name, at: Int(rl_registry_index()))
  }

  /// Pushes a value from the registry, nil when it is absent, and returns its type.
  @discardableResult
  public func pushRegistryField(_ name: String) -> LuaType {
    pushField(name, at: Int(rl_registry_index()))
  }
}
