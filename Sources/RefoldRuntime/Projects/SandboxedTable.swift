import Lua
import Posix

/// Runs a Lua file that is data: nothing of `refold`, no `require`, two seconds and 16 MiB at most.
enum SandboxedTable {
  /// How to fix what went wrong in the source.
  ///
  /// - Parameter absent: What the source cannot use, in words.
  static func hint(for error: LuaError, absent: String) -> String {
    switch error.code {
    case .deadline: "it has two seconds: look for a loop without end"
    case .memory: "it has 16 MiB: keep large data elsewhere"
    case .syntax: "the file does not compile as Lua 5.4"
    default: "it is Lua that returns a table; \(absent) there"
    }
  }

  private static let timeLimitNanoseconds: Int64 = 2_000_000_000
  private static let memoryLimit = 16 << 20

  /// Runs the source, and lends what it returns on top of a stack.
  ///
  /// - Throws: `LuaError` for what the source does wrong, and what `body` throws.
  static func read<Value>(
    _ source: [UInt8], path: String, _ body: (borrowing LuaStack) throws -> Value
  ) throws -> Value {
    let lua = try LuaState(memoryLimit: memoryLimit)
    lua.setDeadline(nanoseconds: LuaState.monotonicNanoseconds + timeLimitNanoseconds)
    defer { lua.setDeadline(nanoseconds: nil) }
    return try lua.withStack { stack in
      let script = Script(name: path, source: source, moduleFolders: [])
      try stack.load(script.sourceWithoutShebang, name: "@" + path)
      do throws(LuaError) {
        try stack.call(arguments: 0, results: 1)
      } catch {
        var error = error
        // Lua shortens a long path; there is no other file here.
        if error.location != nil { error.location?.source = path }
        throw error
      }
      return try body(stack)
    }
  }
}
