import CLua
import CLuaShim

/// A coroutine that the host runs: it may suspend in a host call and be resumed later.
///
/// Confined to the thread of its state. Dropping a suspended thread gives its call up; the state stays usable.
@safe public final class LuaThread {
  /// How a resumed thread came back.
  public enum Resumption {
    /// The function returned this many values; they are on top of the thread's stack.
    case returned(Int)
    /// A host function suspended it.
    case suspended
    /// It has computed for a while and lets others have their turn; ``LuaThread/resume(_:)`` continues it, with no values.
    case preempted
    /// It raised; the error value is on top of the thread's stack.
    case failed(LuaError)
  }

  private enum Phase { case idle, suspended, preempted, failed }

  /// The state that the thread belongs to.
  public let state: LuaState
  private let raw: OpaquePointer
  private let reference: Int32
  private var phase = Phase.idle

  /// Makes a thread with an empty stack.
  public init(_ state: LuaState) throws(LuaError) {
    self.state = state
    let main = unsafe state.main
    unsafe rl_begin_host(main)
    defer { unsafe rl_end_host(main) }
    guard unsafe lua_checkstack(main, 4) != 0, let raw = unsafe lua_newthread(main) else {
      throw LuaError("not enough memory for a coroutine", code: .memory)
    }
    unsafe self.raw = unsafe raw
    unsafe reference = luaL_ref(main, rl_registry_index())
  }

  deinit {
    if phase == .suspended || phase == .preempted {
      unsafe state.context.pointee.suspended_count -= 1
    }
    unsafe luaL_unref(state.main, rl_registry_index(), reference)
  }

  /// Whether a host call has suspended the thread.
  public var isSuspended: Bool { phase == .suspended }

  /// Lends the thread's stack.
  ///
  /// Unlike ``LuaState/withStack(_:)`` what is pushed stays.
  public func withStack<Result>(
    _ body: (borrowing LuaStack) throws -> Result
  ) rethrows -> Result {
    unsafe rl_begin_host(raw)
    defer { unsafe rl_end_host(raw) }
    return try body(unsafe LuaStack(raw))
  }

  /// Compiles a chunk of text and pushes it, ready for ``resume(_:)``.
  public func load(_ source: [UInt8], name: String) throws(LuaError) {
    let stack = unsafe LuaStack(raw)
    unsafe rl_begin_host(raw)
    defer { unsafe rl_end_host(raw) }
    try stack.load(source, name: name)
  }

  /// Continues the thread: goes on where it was preempted, calls the function on top of its stack, or returns from the host call that suspended it.
  ///
  /// - Parameter push: Pushes the arguments, or the results of the suspended call, and returns their count. What it throws
  ///   is raised in the script at the suspended call.
  /// - Precondition: The thread has not failed.
  public func resume(_ push: (borrowing LuaStack) throws -> Int = { _ in 0 }) -> Resumption {
    precondition(phase != .failed, "a thread that failed cannot be resumed")
    if phase == .preempted {
      unsafe state.context.pointee.suspended_count -= 1
      return run(arguments: 0, base: nil)
    }
    let wasSuspended = phase == .suspended
    unsafe rl_begin_host(raw)
    let stack = unsafe LuaStack(raw)
    let height = stack.count
    var count = 0
    do {
      if wasSuspended { stack.push(true) }
      count = try push(stack) + (wasSuspended ? 1 : 0)
    } catch {
      stack.setCount(height)
      unsafe rl_end_host(raw)
      return fail(with: error)
    }
    unsafe rl_end_host(raw)
    return run(arguments: count, base: wasSuspended ? nil : height - 1)
  }

  /// Raises an error in the script at the host call that suspended it.
  ///
  /// A thread that is not suspended fails with the error itself.
  public func fail(with error: any Error) -> Resumption {
    guard phase == .suspended else {
      phase = .failed
      let failure = error as? LuaError ?? LuaError(String(describing: error))
      withStack { stack in stack.push(failure.message) }
      return .failed(failure)
    }
    let count = withStack { stack in
      stack.push(false)
      switch stack.pushError(error) {
      case Int32(RL_MEMORY): return 1
      case Int32(RL_RAISE):
        stack.push(true)
        return 3
      default: return 2
      }
    }
    return run(arguments: count, base: nil)
  }

  private var callBase = 0

  private func run(arguments: Int, base: Int?) -> Resumption {
    if let base { callBase = base }
    var resultCount: Int32 = 0
    let status = unsafe rl_resume(raw, Int32(arguments), &resultCount)
    switch status {
    case LUA_OK:
      phase = .idle
      return .returned(Int(unsafe lua_gettop(raw)) - callBase)
    case LUA_YIELD where unsafe state.context.pointee.is_preempted:
      phase = .preempted
      return .preempted
    case LUA_YIELD:
      phase = .suspended
      return .suspended
    default:
      phase = .failed
      return .failed(describeFailure(status: status))
    }
  }

  /// Describes the error on top of the dead coroutine, whose frames are still there to be read.
  private func describeFailure(status: Int32) -> LuaError {
    withStack { stack in
      var error = stack.describeError(status: status)
      let innermost = stack.location()
      if error.location == nil || error.location?.source.hasPrefix("...") == true {
        error.location = innermost ?? error.location
      }
      stack.reserve(2)
      unsafe luaL_traceback(raw, raw, nil, 0)
      error.traceback = stack.string(at: -1)
      stack.pop()
      return error
    }
  }
}
