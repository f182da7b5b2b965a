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
    let (clock, seed) = (lane.clock, lane.configuration.seed)
    try stack.load(Array(source.utf8), name: "=virtual time")
    stack.push(function: { stack in
      stack.push(clock.now)
      return .results(1)
    })
    stack.push(epoch)
    stack.push(Int64(bitPattern: seed))
    try stack.call(arguments: 3, results: 0)
  }
}
