import CLua
import CLuaShim

/// Reading the arguments of a host function.
///
/// Every error names the argument, the function, and the type that was given.
extension LuaStack {
  /// Returns an argument as an integer.
  ///
  /// Floats and strings with an integral value count, as in `luaL_checkinteger`.
  public func integer(_ position: Int, _ name: StaticString) throws(LuaError) -> Int64 {
    var isInteger: Int32 = 0
    let value = unsafe lua_tointegerx(raw, Int32(position), &isInteger)
    guard isInteger != 0 else { throw argumentError(position, name, expected: "integer") }
    return value
  }

  /// Returns an argument as a double.
  ///
  /// Numeric strings count, as in `luaL_checknumber`.
  public func number(_ position: Int, _ name: StaticString) throws(LuaError) -> Double {
    var isNumber: Int32 = 0
    let value = unsafe lua_tonumberx(raw, Int32(position), &isNumber)
    guard isNumber != 0 else { throw argumentError(position, name, expected: "number") }
    return value
  }

  /// Returns an argument as a boolean.
  public func boolean(_ position: Int, _ name: StaticString) throws(LuaError) -> Bool {
    guard let value = boolean(at: position) else {
      throw argumentError(position, name, expected: "boolean")
    }
    return value
  }

  /// Returns an argument as a string.
  public func string(_ position: Int, _ name: StaticString) throws(LuaError) -> String {
    guard let value = string(at: position) else {
      throw argumentError(position, name, expected: "string")
    }
    return value
  }

  /// Returns an argument as a string, or nil when it is nil or absent.
  public func optionalString(_ position: Int, _ name: StaticString) throws(LuaError) -> String? {
    isAbsent(position) ? nil : try string(position, name)
  }

  /// Returns an argument as an integer, or nil when it is nil or absent.
  public func optionalInteger(_ position: Int, _ name: StaticString) throws(LuaError) -> Int64? {
    isAbsent(position) ? nil : try integer(position, name)
  }

  /// Checks that an argument is a table.
  public func table(_ position: Int, _ name: StaticString) throws(LuaError) {
    guard type(at: position) == .table else {
      throw argumentError(position, name, expected: "table")
    }
  }

  /// Checks that an argument is a table, nil or absent, and returns whether it is a table.
  public func optionalTable(_ position: Int, _ name: StaticString) throws(LuaError) -> Bool {
    if isAbsent(position) { return false }
    try table(position, name)
    return true
  }

  /// Whether an argument is nil or was not given.
  public func isAbsent(_ position: Int) -> Bool {
    unsafe lua_type(raw, Int32(position)) <= LUA_TNIL
  }

  /// Makes the error for an argument that is not what the function takes.
  ///
  /// ```swift
  /// // bad argument 'app' (#1) to 'exec': string expected, got nil
  /// throw stack.argumentError(1, "app", expected: "string")
  /// ```
  public func argumentError(
    _ position: Int, _ name: StaticString, expected: String
  ) -> LuaError {
    argumentError(position, name, problem: "\(expected) expected, got \(typeName(at: position))")
  }

  /// The name of the type of a value: what its metatable says under `__name`, as in `luaL_typeerror`, else Lua's own.
  private func typeName(at position: Int) -> String {
    guard type(at: position) != .none, pushMetatable(at: position) else {
      return type(at: position).name
    }
    let own = pushField("__name", at: -1) == .string ? string(at: -1) : nil
    pop(2)
    return own ?? type(at: position).name
  }

  /// Makes the error for an argument with a problem of its own.
  public func argumentError(_ position: Int, _ name: StaticString, problem: String) -> LuaError {
    var function = "?"
    if let called = unsafe rl_called_name(raw) { function = unsafe String(cString: called) }
    return LuaError("bad argument '\(name)' (#\(position)) to '\(function)': \(problem)")
  }
}
