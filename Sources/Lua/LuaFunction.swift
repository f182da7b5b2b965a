import CLuaShim

/// A Swift function that Lua can call.
///
/// It finds its arguments on the stack that it is lent, pushes its results, and says how many there are. A thrown error
/// becomes a Lua error that `pcall` catches. It runs on the thread that runs the script, and must not keep the stack.
///
/// ```swift
/// lua.setGlobal("double") { stack in
///   stack.push(2 * (try stack.integer(1, "value")))
///   return .results(1)
/// }
/// ```
public typealias LuaFunction = (borrowing LuaStack) throws -> LuaOutcome

/// What a host function asks of Lua when it returns.
public struct LuaOutcome: Sendable, Equatable {
  let status: Int32

  /// Returns the topmost `count` values of the stack to the script.
  public static func results(_ count: Int) -> LuaOutcome {
    precondition(count >= 0, "a count of results is not negative, but is \(count)")
    return LuaOutcome(status: Int32(truncatingIfNeeded: count))
  }

  /// Suspends the script until the host resumes its thread with the results or with an error.
  ///
  /// Works at any depth: inside `pcall`, iterators, metamethods and the script's own coroutines. Inside a C function that
  /// calls back, such as `table.sort`, the call raises instead.
  public static let suspend = LuaOutcome(status: -2)

  /// Calls the function below the topmost `arguments` values with them, and returns what it returns.
  ///
  /// The host function is done by then, so the called one may suspend wherever the script could.
  public static func call(arguments count: Int) -> LuaOutcome {
    precondition(count >= 0, "a count of arguments is not negative, but is \(count)")
    return LuaOutcome(status: Int32(RL_CALL) - Int32(truncatingIfNeeded: count))
  }
}

/// A Swift error that arrives in Lua as a value of its own making, such as a table with fields.
public protocol LuaErrorValue: Error {
  /// Pushes exactly one value, the one that the script will catch.
  func pushErrorValue(on stack: borrowing LuaStack)
  /// Whether a text among the values already says where it was raised; else the place of the call is put before it.
  var isLocated: Bool { get }
}

extension LuaErrorValue {
  /// False: the place of the call is put before a text.
  public var isLocated: Bool { false }
}

/// The Swift object behind a host function.
final class FunctionBox {
  let body: LuaFunction

  init(_ body: @escaping LuaFunction) {
    self.body = body
  }
}

/// Host functions that many states share, also on different threads.
///
/// Registering a library costs about 100 ns a function and no Swift allocation. Its functions find what belongs to the
/// calling state in ``LuaStack/attachment(as:)``.
public final class LuaLibrary: Sendable {
  /// A function of a library: one that any thread may call.
  public typealias Function = @Sendable (borrowing LuaStack) throws -> LuaOutcome

  let functions: [(name: String, box: SharedFunctionBox)]

  /// Makes a library from functions and the names of their fields.
  public init(_ functions: [(name: String, function: Function)]) {
    self.functions = functions.map { ($0.name, SharedFunctionBox($0.function)) }
  }
}

// The guard: a box is immutable, and its function is @Sendable by the type of its initializer.
final class SharedFunctionBox: @unchecked Sendable {
  let box: FunctionBox

  init(_ function: @escaping LuaLibrary.Function) {
    box = FunctionBox(function)
  }
}
