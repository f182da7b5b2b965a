import Floor
import Lua
import Measuring
import RefoldRuntime

/// The cost of the embedding: host calls, suspension, opening a state.
enum LuaBenchmarks {
  static func run() throws {
    print("Lua embedding (fastest of interleaved rounds)")
    try hostCall()
    try suspension()
    try opening()
  }

  private static let calls = 2_000_000
  private static let empty = "local n = 0 for i = 1, \(calls) do n = n + i end return n"
  private static let calling =
    "local f, n = addone, 0 for i = 1, \(calls) do n = n + f(i) end return n"
  private static let expected = Int64(calls) * Int64(calls + 1) / 2 + Int64(calls)

  private static func hostCall() throws {
    let library = LuaLibrary([
      (
        "addone",
        { stack in
          stack.push(try stack.integer(1, "value") + 1)
          return .results(1)
        }
      )
    ])
    let lua = try LuaState()
    lua.withStack { stack in
      stack.pushGlobals()
      lua.add(library, toTableOn: stack)
    }
    let best = try fastest(
      rounds: 7,
      [
        { try swift(lua, empty, expecting: expected - Int64(calls)) },
        { try swift(lua, calling, expecting: expected) },
        { try c(empty, expecting: expected - Int64(calls)) },
        { try c(calling, expecting: expected) },
      ])
    let ours = (best[1] - best[0]) / Double(calls)
    let floor = (best[3] - best[2]) / Double(calls)
    Figure(
      name: "host call Lua → Swift → Lua", value: "\(ours.short) ns, C \(floor.short) ns",
      target: "≤ 2× C: \((ours / floor).ratio)", isReached: ours <= 2 * floor
    ).print()
  }

  private static func swift(
    _ lua: LuaState, _ source: String, expecting expected: Int64
  ) throws -> Double {
    let start = LuaState.monotonicNanoseconds
    let sum = try lua.run(source) { stack, _ in stack.integer(at: -1) }
    let elapsed = LuaState.monotonicNanoseconds - start
    guard sum == expected else { throw WrongAnswer(what: "host call") }
    return Double(elapsed)
  }

  private static func c(_ source: String, expecting expected: Int64) throws -> Double {
    var sum: Int64 = 0
    // SAFETY: the floor copies the source before it returns.
    let elapsed = unsafe floor_host_call(source, &sum)
    guard elapsed >= 0, sum == expected else { throw WrongAnswer(what: "host call in C") }
    return Double(elapsed)
  }

  private static func suspension() throws {
    let count = 500_000
    let best = try fastest(
      rounds: 7, [{ try suspendAndResume(count) }, { Double(floor_suspend_resume(Int32(count))) }])
    let ours = best[0] / Double(count)
    Figure(
      name: "suspend and resume",
      value: "\(ours.short) ns, C \((best[1] / Double(count)).short) ns",
      target: "≤ 300 ns", isReached: ours <= 300
    ).print()
  }

  private static func suspendAndResume(_ count: Int) throws -> Double {
    let lua = try LuaState()
    lua.setGlobal("wait") { _ in .suspend }
    let thread = try LuaThread(lua)
    try thread.load(
      Array("local n = 0 for i = 1, \(count) do n = n + wait() end return n".utf8), name: "=bench")
    let start = LuaState.monotonicNanoseconds
    var resumption = thread.resume()
    while case .suspended = resumption {
      resumption = thread.resume { stack in
        stack.push(7)
        return 1
      }
    }
    let elapsed = LuaState.monotonicNanoseconds - start
    guard thread.withStack({ $0.integer(at: -1) }) == Int64(7 * count) else {
      throw WrongAnswer(what: "suspend and resume")
    }
    return Double(elapsed)
  }

  private static func opening() throws {
    let count = 2000
    let lane = Lane(backend: NoBackend())
    var bytes = 0
    let best = try fastest(
      rounds: 7,
      [
        {
          let start = LuaState.monotonicNanoseconds
          for _ in 0..<count { bytes = try lane.openAndCloseState() }
          return Double(LuaState.monotonicNanoseconds - start)
        },
        { Double(floor_open_close(Int32(count))) },
      ])
    let ours = best[0] / Double(count) / 1000
    let kibibytes = Double(bytes) / 1024
    Figure(
      name: "state with bindings, opened and closed",
      value: "\(ours.short) µs, C without bindings \((best[1] / Double(count) / 1000).short) µs",
      target: "≤ 20 µs", isReached: ours <= 20
    ).print()
    Figure(
      name: "state with bindings, memory", value: "\(kibibytes.short) KiB", target: "≤ 20 KiB",
      isReached: kibibytes <= 20
    ).print()
  }
}
