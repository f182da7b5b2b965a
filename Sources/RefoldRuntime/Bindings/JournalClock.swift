import Lua

/// `os.time` and `os.date` of runs with a journal: without a time of their own, they show what the journal keeps.
enum JournalClock {
  static func functions() -> LuaLibrary { LuaLibrary([("time", time), ("date", date)]) }

  /// Where Lua's own function is kept.
  static func field(_ name: String) -> String { "refold.os.\(name)" }

  /// The time that the journal keeps; nil when it keeps none, as in a look-up.
  private static func recorded(_ stack: borrowing LuaStack) throws -> Int64? {
    let run = try RefoldLibrary.run(of: stack)
    return run.current?.lookUp == nil ? run.journal?.time() : nil
  }

  private static func time(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    stack.setCount(1)
    if stack.isAbsent(1), let time = try recorded(stack) {
      stack.push(time)
      return .results(1)
    }
    stack.pushRegistryField(field("time"))
    stack.pushCopy(of: 1)
    return .call(arguments: 1)
  }

  private static func date(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    stack.setCount(2)
    stack.pushRegistryField(field("date"))
    if stack.isAbsent(1) { stack.push("%c") } else { stack.pushCopy(of: 1) }
    if stack.isAbsent(2), let time = try recorded(stack) {
      stack.push(time)
    } else {
      stack.pushCopy(of: 2)
    }
    return .call(arguments: 2)
  }
}
