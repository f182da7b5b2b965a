import Foundation
import RefoldActions
import RefoldTesting
import Testing

@testable import RefoldRuntime

@Suite struct VirtualClockTests {
  @Test func `timers are due when the clock reaches them, in their order`() {
    let clock = LaneClock.virtual()
    var timers = Timers(clock)
    var rung: [String] = []
    _ = timers.add(after: .seconds(20)) { rung.append("late") }
    _ = timers.add(after: .seconds(10)) { rung.append("early") }
    let removed = timers.add(after: .seconds(15)) { rung.append("removed") }
    timers.remove(removed)
    #expect(timers.next == .seconds(10))
    #expect(timers.takeDue().isEmpty)
    clock.advance(to: 9_999_999_999)
    #expect(timers.takeDue().isEmpty)
    clock.advance(to: 30_000_000_000)
    for action in timers.takeDue() { action() }
    #expect(rung == ["early", "late"])
  }

  @Test func `a virtual clock goes forward only`() {
    let clock = LaneClock.virtual()
    clock.advance(to: 5)
    clock.advance(to: 3)
    #expect(clock.now == 5)
    clock.restart()
    #expect(clock.now == 0)
    #expect(clock.isVirtual && !LaneClock.monotonic().isVirtual)
  }

  private func lane(_ backend: any Backend) -> Lane {
    var configuration = Lane.Configuration(random: { 0.5 })
    configuration.clock = .virtual()
    return Lane(backend: backend, configuration)
  }

  private func script(_ source: String) -> Script {
    Script(name: "script.lua", source: Array(source.utf8), moduleFolders: [])
  }

  @Test func `a run that sleeps for days ends at once`() throws {
    let lane = lane(ScriptedBackend())
    var options = RunOptions(account: "acme", timeout: .seconds(86_400 * 3))
    let source = "refold.sleep(86400 * 2) return { os.time(), os.clock(), os.date('!%d %H:%M') }"
    let outcome = lane.run(script(source), options)
    let json = try outcome.result.map { String(decoding: $0, as: UTF8.self) }.get()
    #expect(json == "[\(VirtualTime.epoch + 172_800),172800,\"03 12:00\"]")
    #expect(outcome.statistics.duration == .seconds(172_800))
    options.budget.time = .seconds(86_400)
    guard case .failure(let failure) = lane.run(script(source), options).result else {
      Issue.record("the limit of time holds on the virtual clock as well")
      return
    }
    #expect(failure.message == "time limit of 86400s reached")
  }

  @Test func `pauses between attempts take no time`() throws {
    var attempts = 0
    let backend = ScriptedBackend { call in
      guard case .execute = call.operation else { return nil }
      attempts += 1
      return attempts < 4
        ? .failure(
          ActionError(
            kind: .transient, status: 503, code: "busy", message: "busy", retryable: true,
            retryAfter: .seconds(100)))
        : nil
    }
    let outcome = lane(backend).run(
      script("refold.exec('hubspot', 'get_contact') return os.clock()"),
      RunOptions(account: "acme"))
    let seconds = try Double(String(decoding: outcome.result.get(), as: UTF8.self))
    #expect(attempts == 4)
    #expect((seconds ?? 0) >= 300)
  }

  @Test func `seeded numbers are the same in each run`() {
    // The first numbers of SplitMix64 for the seed 1234567, as its authors give them.
    var random = SeededRandom(seed: 1_234_567)
    let numbers = (0..<3).map { _ in random.next() }
    #expect(
      numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }

  @Test func `lines that only close something do not count`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("shape.lua")
    try """
    local M = {
      a = 1,
    }
    function M.f(x)
      if x then
        return 1
      else -- otherwise
        return 2
      end
    end
    return M
    """.write(toFile: path, atomically: false, encoding: .utf8)
    let files = try FileCoverage.all([path: [1: 1, 5: 2]], including: ["no/such.lua"])
    #expect(files.map(\.lines) == [[1, 2, 4, 5, 6, 8, 11]])
    #expect(files.map(\.covered) == [2])
    #expect(files.map(\.uncovered) == [[2, 4, 6, 8, 11]])
  }

  @Test(arguments: [
    ("scripts/contacts/upsert_test.lua", "scripts/contacts/__snapshots__/upsert_test.json"),
    ("a_test.lua", "__snapshots__/a_test.json"), ("/a_test.lua", "/__snapshots__/a_test.json"),
  ])
  func `snapshots lie beside their test`(file: String, path: String) {
    #expect(SnapshotFile.path(of: file) == path)
  }
}
