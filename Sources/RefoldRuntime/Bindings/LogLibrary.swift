import Lua

/// `refold.log`, `print` and `require`.
enum LogLibrary {
  static func functions() -> LuaLibrary {
    LuaLibrary(
      [LogLine.Level.debug, .info, .warn, .error].map { level in
        (level.rawValue, { stack in try write(stack, level) })
      })
  }

  static func globals() -> LuaLibrary {
    LuaLibrary([("print", printLine), ("require", requireModule)])
  }

  private static func write(
    _ stack: borrowing LuaStack, _ level: LogLine.Level
  ) throws -> LuaOutcome {
    let run = try RefoldLibrary.run(of: stack)
    guard !stack.isAbsent(1) else {
      throw stack.argumentError(1, "message", expected: "string")
    }
    var line = LogLine(level: level, message: stack.displayText(at: 1), location: stack.location())
    if try stack.optionalTable(2, "fields") {
      do throws(JSONError) {
        line.fields = try stack.encodeJSON(at: 2)
      } catch {
        throw stack.argumentError(2, "fields", problem: error.message)
      }
    }
    let bytes = line.message.utf8.count + (line.fields?.count ?? 0) + 1
    if run.countOutput(bytes, at: line.location) { run.log(line) }
    return .results(0)
  }

  private static func printLine(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let run = try RefoldLibrary.run(of: stack)
    let count = stack.count
    let texts = (0..<count).map { stack.displayText(at: $0 + 1) }
    let line = LogLine(level: .plain, message: texts.joined(separator: "\t"))
    if run.countOutput(line.message.utf8.count + 1, at: stack.location()) { run.log(line) }
    return .results(0)
  }

  private static func requireModule(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let name = try stack.string(1, "name")
    stack.setCount(1)
    try RefoldLibrary.run(of: stack).modules.pushModule(name, on: stack)
    return .results(1)
  }
}
