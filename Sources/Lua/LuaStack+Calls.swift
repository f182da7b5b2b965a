import CLua
import CLuaShim

extension LuaStack {
  /// Calls the function below the topmost `arguments` values, and leaves `results` values in their place.
  ///
  /// The function runs protected and cannot suspend. On an error the function and its arguments are gone.
  ///
  /// - Throws: What the function raises. Thrown on by a host function, the script catches the very same value.
  public func call(arguments: Int, results: Int) throws(LuaError) {
    reserve(Int32(max(1, results)))
    let status = unsafe rl_call(raw, Int32(arguments), Int32(results))
    guard status == LUA_OK else { throw takeError(status: status) }
  }

  /// Compiles a chunk of text and pushes it as a function.
  ///
  /// - Parameter name: `@file` or `=name`, as in `luaL_loadbufferx`.
  /// - Throws: ``LuaError/Code/syntax`` with the line, also for bytecode, which is never loaded.
  public func load(_ source: [UInt8], name: String) throws(LuaError) {
    reserve(2)
    let status = unsafe source.withUnsafeBytes { bytes in
      let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      return unsafe name.withCString { name in
        unsafe rl_load_text(raw, start ?? name, bytes.count, name)
      }
    }
    guard status == LUA_OK else {
      var error = takeError(status: status)
      // Lua shortens long names in its messages; a place that cannot be opened is of no use.
      if error.location?.source.hasPrefix("...") == true {
        error.location?.source = String(name.dropFirst())
      }
      throw error
    }
  }

  /// Returns the text that Lua's `tostring` gives for a value, `__tostring` and `__name` included.
  ///
  /// A metamethod that fails is reported in the text itself, so that an error can always be shown.
  public func displayText(at position: Int) -> String {
    if let text = string(at: position) { return text }
    reserve(4)
    let type = type(at: position)
    let height = unsafe lua_gettop(raw)
    defer { unsafe lua_settop(raw, height) }
    let status = unsafe rl_to_display_string(raw, Int32(position))
    guard status == LUA_OK, let text = string(at: -1) else {
      return "(a \(type.name) that cannot be shown)"
    }
    return text
  }

  /// Returns the place of the innermost Lua function of this stack that is not in the standard library.
  public func location() -> LuaError.Location? {
    var source: UnsafePointer<CChar>?
    var length = 0
    var line: Int32 = 0
    guard unsafe rl_where(raw, &source, &length, &line), let start = unsafe source else {
      return nil
    }
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
    var name = unsafe String(decoding: bytes, as: UTF8.self)
    if name.hasPrefix("@") || name.hasPrefix("=") { name.removeFirst() }
    if name.contains("\n") { name = "chunk" }
    return LuaError.Location(source: name, line: Int(line))
  }

  /// Pops the error value that a failed call left, and keeps it so that it can pass through Swift unchanged.
  func takeError(status: Int32) -> LuaError {
    var error = describeError(status: status)
    error.valueNumber = state.keepErrorValue(of: self)
    return error
  }

  /// Describes the error value on top of the stack.
  func describeError(status: Int32) -> LuaError {
    let interrupt = unsafe Int32(rl_context_of(raw).pointee.interrupt)
    if interrupt != RL_NOT_INTERRUPTED { return describeInterrupt(interrupt) }
    let code: LuaError.Code =
      switch status {
      case LUA_ERRSYNTAX: .syntax
      case LUA_ERRMEM: .memory
      default: .runtime
      }
    guard type(at: -1) == .string else {
      return LuaError(displayText(at: -1), code: code)
    }
    let (location, message) = LuaError.split(displayText(at: -1))
    // The buffers of Lua's string library report a full memory as an ordinary error.
    let isMemory = code == .runtime && message == "not enough memory"
    return LuaError(message, code: isMemory ? .memory : code, location: location)
  }

  /// Describes a stop.
  ///
  /// Another error may be on top, when it was on its way as the stop arrived; the stop is what counts.
  private func describeInterrupt(_ interrupt: Int32) -> LuaError {
    var error =
      switch interrupt {
      case Int32(RL_DEADLINE): LuaError("time limit reached", code: .deadline)
      case Int32(RL_INSTRUCTIONS): LuaError("instruction limit reached", code: .instructions)
      case Int32(RL_HELD): LuaError("held up other runs", code: .held)
      default: LuaError("stopped", code: .stopped)
      }
    if type(at: -1) == .string {
      let (location, message) = LuaError.split(displayText(at: -1))
      if message == error.message { error.location = location }
    }
    return error
  }

  /// Pushes a Swift error as the value that the script will catch, and returns the status for the trampoline.
  ///
  /// Pushes nothing for a memory error, which only C can raise.
  func pushError(_ error: any Error) -> Int32 {
    reserve(4)
    switch error {
    case let error as LuaError:
      if let number = error.valueNumber, state.pushErrorValue(numbered: number, on: self) {
        return Int32(RL_RAISE)
      }
      if error.code == .memory { return Int32(RL_MEMORY) }
      push(error.description)
      return Int32(error.location == nil ? RL_ERROR : RL_RAISE)
    case let error as JSONError where error.code == .memory:
      return Int32(RL_MEMORY)
    case let error as any LuaErrorValue:
      error.pushErrorValue(on: self)
      return Int32(error.isLocated ? RL_RAISE : RL_ERROR)
    default:
      push(String(describing: error))
    }
    return Int32(RL_ERROR)
  }
}
