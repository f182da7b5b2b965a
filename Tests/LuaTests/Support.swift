import Testing

@testable import Lua

/// Counts how many of its objects live, so that a test can see what was released.
final class Counter {
  var alive = 0
  var made = 0

  func make() -> Token { Token(self) }

  final class Token {
    private let counter: Counter

    init(_ counter: Counter) {
      self.counter = counter
      counter.alive += 1
      counter.made += 1
    }

    deinit { counter.alive -= 1 }
  }
}

/// Runs a chunk and returns the error that it ends with.
func failure(
  of source: String, in lua: LuaState, name: String = "@script.lua",
  sourceLocation: SourceLocation = #_sourceLocation
) -> LuaError? {
  do {
    try lua.run(source, name: name)
    Issue.record("the chunk did not fail", sourceLocation: sourceLocation)
  } catch let error as LuaError {
    return error
  } catch {
    Issue.record("not a Lua error: \(error)", sourceLocation: sourceLocation)
  }
  return nil
}

/// Runs a chunk that returns one string.
func text(of source: String, in lua: LuaState) throws -> String? {
  try lua.run(source) { stack, _ in stack.string(at: -1) }
}
