import Lua
import Posix

/// Runs a Lua file that is data: nothing of `refold`, no `require`, two seconds and 16 MiB at most.
enum SandboxedTable {
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
