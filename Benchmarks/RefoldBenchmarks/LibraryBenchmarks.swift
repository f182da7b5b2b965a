import Floor
import Lua
import Measuring

/// The functions of `string` and `table` that an interrupt can stop, beside Lua's own.
enum LibraryBenchmarks {
  private static let line =
    "local s = '2024-05-06T07:08:09.123Z user=ada.lovelace@example.com path=/crm/v3/objects?limit=100 "
    + "status=200 dur=12ms'\n"

  private static let programs: [(name: String, source: String)] = [
    ("match 'status=(%d+)'", matching("status=(%d+)")),
    ("match '(%d+)-(%d+)-(%d+)T'", matching("(%d+)-(%d+)-(%d+)T")),
    ("match '([%w%.]+)@([%w%.]+)'", matching("([%w%.]+)@([%w%.]+)")),
    ("match '^(.-)%s'", matching("^(.-)%s")),
    ("match 'dur=(%d+)ms$'", matching("dur=(%d+)ms$")),
    (
      "find '%s+$'",
      line + "local n = 0 for i = 1, 60000 do if s:find('%s+$') then n = n + 1 end end return n"
    ),
    (
      "gmatch '(%w+)=(%w+)'",
      line
        + "local n = 0 for i = 1, 30000 do for k, v in s:gmatch('(%w+)=(%w+)') do n = n + #v end end return n"
    ),
    (
      "gsub '%d' → '#'",
      line + "local n = 0 for i = 1, 30000 do n = n + #s:gsub('%d', '#') end return n"
    ),
    (
      "gsub '%w+' → function",
      line + "local n = 0 for i = 1, 10000 do n = n + #s:gsub('%w+', string.upper) end return n"
    ),
    (
      "rep, 1000 times 8 bytes",
      "local n = 0 for i = 1, 60000 do n = n + #('abcdefgh'):rep(1000) end return n"
    ),
    (
      "concat of 100 strings",
      "local t = {} for i = 1, 100 do t[i] = 'item' .. i end local n = 0 for i = 1, 30000 do n = n + #table.concat(t, ', ') end return n"
    ),
    (
      "insert and remove at the end",
      "local t = {} for i = 1, 1000000 do table.insert(t, i) end local n = 0 for i = 1, 1000000 do n = n + table.remove(t) end return n"
    ),
    ("sort of 20,000 numbers", sorting(20_000, "")),
    ("sort of 2,000 records by a function", sorting(2000, ", function(a, b) return a < b end")),
  ]

  private static func matching(_ pattern: String) -> String {
    line + "local n = 0 for i = 1, 100000 do n = n + #s:match('\(pattern)') end return n"
  }

  private static func sorting(_ count: Int, _ order: String) -> String {
    """
    local seed, n = 42, 0
    for _ = 1, 5 do
      local t = {}
      for i = 1, \(count) do seed = (seed * 1103515245 + 12345) & 0x7fffffff t[i] = seed end
      table.sort(t\(order))
      for i = 1, \(count), 97 do n = (n * 31 + t[i]) & 0xffffffff end
    end
    return n
    """
  }

  static func run() throws {
    print("\nLibraries that can be stopped, beside Lua's own (fastest of interleaved rounds)")
    for program in programs {
      var answers: (ours: Int64?, stock: Int64) = (nil, 0)
      let best = try fastest(
        rounds: 7,
        [
          {
            let lua = try LuaState(memoryLimit: 1 << 30)
            let start = LuaState.monotonicNanoseconds
            answers.ours = try lua.run(program.source) { stack, _ in stack.integer(at: -1) }
            return Double(LuaState.monotonicNanoseconds - start)
          },
          {
            // SAFETY: the floor copies the source before it returns.
            Double(unsafe floor_host_call(program.source, &answers.stock))
          },
        ])
      guard answers.ours == answers.stock, best[1] > 0 else {
        throw WrongAnswer(what: program.name)
      }
      let factor = best[0] / best[1]
      Figure(
        name: program.name,
        value: "\((best[0] / 1e6).short) ms, Lua \((best[1] / 1e6).short) ms",
        target: "≤ 1.20× the time: \(factor.ratio)", isReached: factor <= 1.2
      ).print()
    }
  }
}
