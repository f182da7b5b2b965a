import CLua
import CLuaShim

/// A view of one Lua stack, lent for the length of a call.
///
/// Positions count from 1 at the bottom; -1 is the top. No member raises a Lua error or runs script code, except
/// ``call(arguments:results:)`` and ``displayText(at:)``, which do so protected. Table access is raw: no metamethods.
@safe public struct LuaStack: ~Copyable {
  let raw: OpaquePointer

  init(_ raw: OpaquePointer) {
    unsafe self.raw = unsafe raw
  }

  /// The state that the stack belongs to.
  public var state: LuaState {
    // SAFETY: the owner outlives its context, and a stack is only lent while the owner is alive.
    unsafe Unmanaged<LuaState>.fromOpaque(rl_context_of(raw).pointee.owner).takeUnretainedValue()
  }

  /// The state's ``LuaState/attachment``, when it is of the type asked for.
  public func attachment<Attachment: AnyObject>(as type: Attachment.Type) -> Attachment? {
    state.attachment as? Attachment
  }

  /// How many values are on the stack; inside a host function, how many arguments it was given.
  public var count: Int { Int(unsafe lua_gettop(raw)) }

  /// Makes room for `count` more values.
  ///
  /// Costs a few nanoseconds when there is room.
  ///
  /// - Precondition: The stack stays below Lua's limit of a million values.
  @inline(__always)
  func reserve(_ count: Int32) {
    precondition(
      unsafe lua_checkstack(raw, count) != 0, "a Lua stack holds at most a million values")
  }

  /// Removes `count` values from the top.
  public func pop(_ count: Int = 1) {
    unsafe rl_pop(raw, Int32(count))
  }

  /// Sets the height of the stack: drops values, or fills up with nil.
  public func setCount(_ count: Int) {
    reserve(Int32(max(0, count - self.count)))
    unsafe lua_settop(raw, Int32(count))
  }

  /// Pushes a copy of a value.
  public func pushCopy(of position: Int) {
    reserve(1)
    unsafe lua_pushvalue(raw, Int32(position))
  }

  /// Removes the value at a position; those above move down.
  public func remove(at position: Int) {
    unsafe lua_rotate(raw, Int32(position), -1)
    unsafe rl_pop(raw, 1)
  }

  /// Moves the top value to a position; those above move up.
  public func insert(at position: Int) {
    unsafe lua_rotate(raw, Int32(position), 1)
  }

  /// Returns the position counted from the bottom.
  public func absolute(_ position: Int) -> Int {
    Int(unsafe lua_absindex(raw, Int32(position)))
  }

  /// Whether a host function may return ``LuaOutcome/suspend`` here.
  public var canSuspend: Bool { unsafe rl_can_suspend(raw) }

  // MARK: - Reading

  /// Returns the type of the value at a position; ``LuaType/none`` above the top.
  public func type(at position: Int) -> LuaType {
    LuaType(rawValue: unsafe lua_type(raw, Int32(position))) ?? .none
  }

  /// Returns the integer at a position; nil for everything else, also for floats and numeric strings.
  public func integer(at position: Int) -> Int64? {
    guard unsafe lua_isinteger(raw, Int32(position)) != 0 else { return nil }
    return unsafe lua_tointegerx(raw, Int32(position), nil)
  }

  /// Returns the number at a position as a double; nil for everything else, also for numeric strings.
  public func number(at position: Int) -> Double? {
    guard unsafe lua_type(raw, Int32(position)) == LUA_TNUMBER else { return nil }
    return unsafe lua_tonumberx(raw, Int32(position), nil)
  }

  /// Returns the boolean at a position; nil for everything else.
  public func boolean(at position: Int) -> Bool? {
    guard type(at: position) == .boolean else { return nil }
    return unsafe lua_toboolean(raw, Int32(position)) != 0
  }

  /// Returns the string at a position, bytes that are not UTF-8 replaced; nil for everything else.
  public func string(at position: Int) -> String? {
    unsafe withBytes(at: position) { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// Returns a copy of the bytes of the string at a position; nil for everything else.
  public func bytes(at position: Int) -> [UInt8]? {
    unsafe withBytes(at: position) { unsafe Array($0) }
  }

  /// Lends the bytes of the string at a position; returns nil without calling `body` for everything else.
  ///
  /// The bytes are valid during the call only, and only while the value stays on the stack.
  func withBytes<Result, Failure: Error>(
    at position: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    // A number would be converted in place, which breaks a traversal, so only true strings count.
    guard unsafe lua_type(raw, Int32(position)) == LUA_TSTRING else { return nil }
    var length = 0
    guard let start = unsafe lua_tolstring(raw, Int32(position), &length) else { return nil }
    return try unsafe body(UnsafeRawBufferPointer(start: start, count: length))
  }

  /// Whether two values are primitively equal, without metamethods.
  public func rawEqual(_ first: Int, _ second: Int) -> Bool {
    unsafe lua_rawequal(raw, Int32(first), Int32(second)) != 0
  }

  // MARK: - Pushing

  /// Pushes nil.
  public func pushNil() {
    reserve(1)
    unsafe lua_pushnil(raw)
  }

  /// Pushes a boolean.
  public func push(_ value: Bool) {
    reserve(1)
    unsafe lua_pushboolean(raw, value ? 1 : 0)
  }

  /// Pushes an integer.
  public func push(_ value: Int64) {
    reserve(1)
    unsafe lua_pushinteger(raw, value)
  }

  /// Pushes an integer.
  public func push(_ value: Int) {
    push(Int64(value))
  }

  /// Pushes a float.
  public func push(_ value: Double) {
    reserve(1)
    unsafe lua_pushnumber(raw, value)
  }

  /// Pushes a string.
  public func push(_ value: String) {
    reserve(1)
    var value = value
    value.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
        _ = unsafe lua_pushlstring(raw, characters.baseAddress, characters.count)
      }
    }
  }

  /// Pushes a string of any bytes.
  public func push(_ value: [UInt8]) {
    reserve(1)
    unsafe value.withUnsafeBytes { bytes in
      let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      _ = unsafe lua_pushlstring(raw, start, bytes.count)
    }
  }

  /// Pushes a host function, released when Lua collects it or the state is closed.
  public func push(function: @escaping LuaFunction) {
    reserve(4)
    unsafe rl_push_owned_function(raw, Unmanaged.passRetained(FunctionBox(function)).toOpaque())
  }

  func push(borrowed box: FunctionBox) {
    reserve(2)
    unsafe rl_push_borrowed_function(raw, Unmanaged.passUnretained(box).toOpaque())
  }
}
