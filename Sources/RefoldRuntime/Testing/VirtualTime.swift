import Lua

/// `os.time`, `os.date`, `os.clock` and `math.random` of a state whose lane has a virtual clock.
enum VirtualTime {
  /// What the clock shows at its start, in seconds since 1970: 2026-01-01 12:00:00 UTC.
  static let epoch: Int64 = 1_767_268_800

  private static let source = """
    local now, epoch, seed = ...
    local time, date = os.time, os.date
    function os.time(fields)
      if fields == nil then return epoch + now() // 1000000000 end
      return time(fields)
    end
    function os.date(format, at)
      return date(format or "%c", at or epoch + now() // 1000000000)
    end
    function os.clock() return now() / 1e9 end
    math.randomseed(seed)
    """

  /// Replaces them in the globals of a state.
  static func install(_ lane: Lane, on stack: borrowing LuaStack) throws {
    let clock = lane.clock
    try install(seed: lane.configuration.seed, epoch: epoch, on: stack) { clock.now }
  }

  /// Replaces `os.clock` alone.
  static func installClock(_ lane: Lane, on stack: borrowing LuaStack) {
    let clock = lane.clock
    stack.pushField("os", at: 1)
    stack.push(function: { stack in
      stack.push(Double(clock.now) / 1e9)
      return .results(1)
    })
    stack.setField("clock", at: -2)
    stack.pop()
  }

  /// Replaces them by what the facts of a run say; `os.clock` stays.
  static func install(
    _ facts: RunFacts, _ journal: RunJournal?, on stack: borrowing LuaStack
  ) throws {
    let clock = facts.clock
    stack.pushField("os", at: 1)
    stack.pushField("clock", at: -1)
    try install(seed: facts.seed, epoch: 0, on: stack) {
      clock.seconds(of: journal) * 1_000_000_000
    }
    stack.setField("clock", at: -2)
    stack.pop()
  }

  private static func install(
    seed: UInt64, epoch: Int64, on stack: borrowing LuaStack, now: @escaping () -> Int64
  ) throws {
    try stack.load(Array(source.utf8), name: "=virtual time")
    stack.push(function: { stack in
      stack.push(now())
      return .results(1)
    })
    stack.push(epoch)
    stack.push(Int64(bitPattern: seed))
    try stack.call(arguments: 3, results: 0)
  }
}
