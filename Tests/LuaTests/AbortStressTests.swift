import Foundation
import Lua
import Synchronization
import Testing

/// Scripts that are stopped at random moments, thousands of times: none goes on, and none harms its state.
///
/// `REFOLD_STRESS_ABORTS` says how many stops there are, half of them by the deadline and half from another thread.
@Suite(.serialized) struct AbortStressTests {
  private static let count =
    ProcessInfo.processInfo.environment["REFOLD_STRESS_ABORTS"].flatMap { Int($0) } ?? 1500

  private static let shapes = [
    "while true do end",
    "while true do pcall(function() while true do end end) end",
    "local t = {} while true do t[#t % 500 + 1] = { #t, tostring(#t) } end",
    "while true do local co = coroutine.wrap(function() for i = 1, 50 do coroutine.yield(i) end end) for i = 1, 50 do co() end end",
    "local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end while true do f(150) end",
    "while true do xpcall(function() local t = setmetatable({}, { __index = function(t, k) return k .. 'x' end }) for i = 1, 100 do local _ = t[i] end error('x') end, function() while true do end end) end",
    "while true do local s = {} for i = 1, 200 do s[i] = ('x'):rep(i) end table.sort(s, function(a, b) return #a > #b end) table.concat(s) end",
    "while true do local f = load('local a, b = ... return a + b') f(1, 2) end",
    "while true do (('ab'):rep(200)):gsub('a', function(c) return c .. c end) end",
    "local s = ('a'):rep(40) while true do s:find(('a?'):rep(20) .. s) end",
    "while true do for k, v in string.gmatch('a=1, b=2, c=3', '(%w+)=(%w+)') do local _ = k .. v end end",
    "local text = '[' .. ('{\"a\":[1,2.5,\"x\"]},'):rep(200) .. '1]' while true do json.encode(json.decode(text)) end",
    "local t <close> = setmetatable({}, { __close = function() while true do end end }) while true do end",
    "while true do pcall(coroutine.wrap(function() pcall(coroutine.yield) error({}) end)) end",
  ]

  private func makeState() throws -> LuaState {
    let lua = try LuaState()
    lua.withStack { stack in
      stack.pushGlobals()
      stack.pushJSONLibrary()
      stack.setField("json", at: -2)
    }
    return lua
  }

  @Test func `no deadline is missed`() throws {
    let guardian = Guardian()
    var random = SystemRandomNumberGenerator()
    for round in 0..<Self.count / 2 {
      let lua = try makeState()
      let shape = Self.shapes[round % Self.shapes.count]
      let delay = Int64.random(in: 0..<1_500_000, using: &random)
      lua.setDeadline(nanoseconds: LuaState.monotonicNanoseconds + delay)
      let error = failure(of: shape, in: lua)
      lua.setDeadline(nanoseconds: nil)
      guardian.noteProgress()
      #expect(error?.code == .deadline, "\(shape)")
    }
  }

  @Test func `no stop from another thread is missed`() throws {
    let guardian = Guardian()
    let target = Mutex<LuaInterrupter?>(nil)
    let isOver = Atomic<Bool>(false)
    let (pause, hasEnded) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    Thread.detachNewThread {
      while !isOver.load(ordering: .acquiring) {
        _ = pause.wait(timeout: .now() + .microseconds(.random(in: 0..<1500)))
        // Also when the state has just been closed, or has not begun to run.
        target.withLock { $0 }?.stop()
      }
      hasEnded.signal()
    }
    Ticks.start(every: .microseconds(200))
    defer {
      Ticks.stop()
      isOver.store(true, ordering: .releasing)
      hasEnded.wait()
    }
    for round in 0..<Self.count / 2 {
      let lua = try makeState()
      lua.isPreemptible = round % 2 == 0
      target.withLock { $0 = lua.interrupter }
      let shape = Self.shapes[round % Self.shapes.count]
      let thread = try LuaThread(lua)
      try thread.load(Array(shape.utf8), name: "=shape")
      var resumption = thread.resume()
      while case .preempted = resumption { resumption = thread.resume() }
      guardian.noteProgress()
      var code: LuaError.Code?
      if case .failed(let error) = resumption { code = error.code }
      #expect(code == .stopped, "\(shape)")
    }
  }
}

/// Ends the tests when one script goes on for ever, which nothing else could.
private final class Guardian: Sendable {
  private let last = Mutex(ContinuousClock.now)
  private let isOver: IsOver

  private final class IsOver: Sendable {
    let value = Atomic<Bool>(false)
  }

  init() {
    isOver = IsOver()
    let pause = DispatchSemaphore(value: 0)
    Thread.detachNewThread { [weak self, isOver] in
      while !isOver.value.load(ordering: .acquiring) {
        _ = pause.wait(timeout: .now() + .milliseconds(200))
        guard let self else { return }
        if ContinuousClock.now - self.last.withLock({ $0 }) > .seconds(30) {
          FileHandle.standardError.write(Data("a script was not stopped within 30 seconds\n".utf8))
          exit(1)
        }
      }
    }
  }

  deinit { isOver.value.store(true, ordering: .releasing) }

  func noteProgress() { last.withLock { $0 = .now } }
}
