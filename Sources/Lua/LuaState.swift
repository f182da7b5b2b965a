import CLua
import CLuaShim

/// A Lua 5.4 interpreter with only the libraries that untrusted scripts may have.
///
/// Open: `string` without `dump`, `table`, `math`, `utf8`, `coroutine` without `close`, `os.time date clock difftime`, and the
/// basic functions less `dofile loadfile print warn`; `load` takes text only, `collectgarbage` only counts, and
/// `setmetatable` refuses `__gc`. A state belongs to one thread at a time and may move between calls.
/// Opening and closing one costs about 15 µs and 15 KiB.
@safe public final class LuaState {
  let context: UnsafeMutablePointer<rl_context>

  /// What shared host functions find through ``LuaStack/attachment(as:)``.
  public var attachment: AnyObject?

  /// Stops what the state runs, from any thread.
  public private(set) lazy var interrupter: LuaInterrupter = {
    hasInterrupter = true
    return unsafe LuaInterrupter(context)
  }()

  /// What counts the lines that it runs; kept alive for as long as it may.
  var coverage: LineCoverage?
  private var hasInterrupter = false
  private var libraries: [LuaLibrary] = []
  private var errorNumber = 0

  /// Opens a state whose Lua objects may take `memoryLimit` bytes together.
  ///
  /// - Throws: ``LuaError/Code/memory`` when the limit is too small for the libraries (about 20 KiB) or no memory is left.
  public init(memoryLimit: Int = 64 << 20) throws(LuaError) {
    _ = Self.interruptsInstalled
    // SAFETY: the owner is filled in below, before any host function can run.
    let placeholder = unsafe UnsafeMutableRawPointer(bitPattern: 1)
    guard let placeholder = unsafe placeholder,
      let context = unsafe rl_open(max(0, memoryLimit), placeholder, callHost, releaseHost)
    else {
      throw LuaError("not enough memory to open a Lua state", code: .memory)
    }
    unsafe self.context = unsafe context
    unsafe context.pointee.owner = unsafe Unmanaged.passUnretained(self).toOpaque()
  }

  deinit {
    if hasInterrupter { interrupter.disconnect() }
    unsafe rl_close(context)
  }

  var main: OpaquePointer { unsafe context.pointee.main }

  /// The bytes that Lua holds now.
  public var memoryUsed: Int { unsafe context.pointee.bytes_used }

  /// The most bytes that Lua held at once since the state was opened.
  public var memoryPeak: Int { unsafe context.pointee.bytes_peak }

  /// The bytes that Lua may hold; lowering it below ``memoryUsed`` makes the next allocation fail.
  public var memoryLimit: Int {
    get { unsafe context.pointee.bytes_limit }
    set { unsafe context.pointee.bytes_limit = max(0, newValue) }
  }

  /// Runs a full collection.
  ///
  /// Costs time in proportion to what the state holds.
  public func collectGarbage() {
    unsafe rl_begin_host(main)
    unsafe rl_collect_garbage(main)
    unsafe rl_end_host(main)
  }

  /// Lends the state's main stack, and leaves it as tall as it was.
  public func withStack<Result>(
    _ body: (borrowing LuaStack) throws -> Result
  ) rethrows -> Result {
    let lua = unsafe main
    let height = unsafe lua_gettop(lua)
    unsafe rl_begin_host(lua)
    defer {
      unsafe lua_settop(lua, height)
      unsafe rl_end_host(lua)
    }
    return try body(unsafe LuaStack(lua))
  }

  /// Sets a global to a host function.
  ///
  /// The function is released when Lua collects it or the state is closed.
  public func setGlobal(_ name: String, to function: @escaping LuaFunction) {
    withStack { stack in
      stack.pushGlobals()
      stack.push(function: function)
      stack.setField(name, at: -2)
    }
  }

  /// Sets a global to a table of the library's functions.
  public func setGlobal(_ name: String, to library: LuaLibrary) {
    withStack { stack in
      stack.pushGlobals()
      stack.pushTable(fields: library.functions.count)
      add(library, toTableOn: stack)
      stack.setField(name, at: -2)
    }
  }

  /// Adds the library's functions to the table on top of the stack.
  public func add(_ library: LuaLibrary, toTableOn stack: borrowing LuaStack) {
    if !libraries.contains(where: { $0 === library }) { libraries.append(library) }
    for function in library.functions {
      stack.push(function.name)
      stack.push(borrowed: function.box.box)
      stack.setEntry(at: -3)
    }
  }

  /// Runs a chunk from start to end and lends its results.
  ///
  /// - Parameter name: `@file` or `=name`, as in `luaL_loadbufferx`; it appears in messages and tracebacks.
  /// - Throws: What the chunk raises, or ``LuaError`` when it suspends, since nobody is there to resume it.
  public func run<Result>(
    _ source: String, name: String = "=chunk",
    results: (borrowing LuaStack, Int) throws -> Result
  ) throws -> Result {
    let thread = try LuaThread(self)
    try thread.load(Array(source.utf8), name: name)
    switch thread.resume() {
    case .returned(let count): return try thread.withStack { try results($0, count) }
    case .failed(let error): throw error
    case .suspended, .preempted:
      throw LuaError("the chunk waits for a call, and nothing here resumes it")
    }
  }

  /// Runs a chunk from start to end and drops its results.
  public func run(_ source: String, name: String = "=chunk") throws {
    try run(source, name: name) { _, _ in }
  }

  /// Keeps the error value on top of the stack, so that it can pass through Swift unchanged.
  ///
  /// Pops it.
  func keepErrorValue(of stack: borrowing LuaStack) -> Int {
    errorNumber += 1
    unsafe lua_rawsetp(stack.raw, rl_registry_index(), context)
    return errorNumber
  }

  /// Pushes the kept error value when it is still the one with that number.
  func pushErrorValue(numbered number: Int, on stack: borrowing LuaStack) -> Bool {
    guard number == errorNumber else { return false }
    unsafe lua_rawgetp(stack.raw, rl_registry_index(), context)
    return true
  }

  private static let interruptsInstalled: Bool = rl_interrupts_install() == 0
}

/// Runs a host function.
///
/// Everything that raises or yields happens in C, after this has returned.
private func callHost(_ lua: OpaquePointer, _ box: UnsafeMutableRawPointer) -> Int32 {
  // SAFETY: a borrowed box is kept by its library, an owned one by the Lua function that is running.
  unsafe Unmanaged<FunctionBox>.fromOpaque(box)._withUnsafeGuaranteedRef { function in
    let stack = unsafe LuaStack(lua)
    do {
      return try function.body(stack).status
    } catch {
      return stack.pushError(error)
    }
  }
}

private func releaseHost(_ box: UnsafeMutableRawPointer) {
  unsafe Unmanaged<FunctionBox>.fromOpaque(box).release()
}
