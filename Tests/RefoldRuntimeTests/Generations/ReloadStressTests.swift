import Foundation
import Posix
import RefoldActions
import RefoldRuntime
import RefoldTesting
import Synchronization
import Testing

/// Reloads under runs that never pause: no run is dropped, and none mixes two versions.
///
/// `REFOLD_STRESS_RELOADS` says how many reloads there are.
@Suite(.serialized) struct ReloadStressTests {
  static let count =
    ProcessInfo.processInfo.environment["REFOLD_STRESS_RELOADS"].flatMap { Int($0) } ?? 300
  static var isFull: Bool { count >= 10_000 }

  /// Each file says its version; a run asks for them at different times, and yields in between.
  private static func files(_ version: Int) -> [String: String] {
    let module = "return { version = \(version) }"
    return [
      "scripts/main.lua": """
      local first = require("first").version
      return { version = \(version), run = function()
        refold.sleep(0)
        local seen = { \(version), first, require("deep.second").version, refold.config().version }
        refold.sleep(0)
        local name = "thi" .. "rd"
        seen[#seen + 1] = require(name).version
        if refold.base then seen[#seen + 1] = refold.account == "acme" and refold.base().version or \(version) end
        for _, other in ipairs(seen) do
          if other ~= seen[1] then error("mixed: " .. table.concat(seen, " "), 0) end
        end
        return { seen[1], #seen }
      end }
      """,
      "scripts/customers/acme/main.lua": """
      local base = refold.base()
      local first = require("first").version
      local run = base.run
      return { run = function()
        local result = run()
        if result[1] ~= \(version) or first ~= \(version) then error("mixed with the override", 0) end
        return result
      end }
      """,
      "scripts/first.lua": module, "scripts/deep/second.lua": module, "scripts/third.lua": module,
      "scripts/customers/acme/config.lua": module, "scripts/customers/globex/config.lua": module,
    ]
  }

  /// What the runs have come to so far.
  private struct Tally {
    var started = 0
    var ended = 0
    var failures: [String] = []
    var versions: Set<String> = []
  }

  @Test func `no run is dropped, and none mixes two versions`() async throws {
    let project = try TestProject(Self.files(0))
    let store = project.store
    let accounts = ["acme", "globex"]
    let runtime = try Runtime { ScriptedBackend() }
    for account in accounts {
      // The module of a computed name is known from the first run on.
      _ = try await runtime.run(project.current(account: account), account: account)
    }
    _ = store.refresh()
    let tally = Mutex(Tally())
    let isOver = Atomic<Bool>(false)
    let starter = DispatchSemaphore(value: 0)
    let hasEnded = try Wakeup()
    Thread.detachNewThread {
      while !isOver.load(ordering: .acquiring) {
        for account in accounts {
          guard let generation = try? store.current("main", account: account) else { continue }
          tally.withLock { $0.started += 1 }
          runtime.start(generation, RunOptions(account: account)) { outcome in
            tally.withLock { tally in
              tally.ended += 1
              switch outcome.result {
              case .success(let json):
                tally.versions.insert(String(decoding: json, as: UTF8.self))
              case .failure(let failure): tally.failures.append(failure.message)
              }
            }
            hasEnded.wake()
          }
        }
        while runtime.load > 64 { hasEnded.wait(.milliseconds(5)) }
      }
      starter.signal()
    }
    var memory: [Int] = []
    for version in 1...Self.count {
      for (name, text) in Self.files(version) { try project.write(text, name) }
      let notices = store.refresh()
      #expect(notices.count == 2 && notices.allSatisfy { $0.text.hasPrefix("reloaded") })
      if version % max(1, Self.count / 10) == 0 { memory.append(Self.residentKilobytes()) }
    }
    isOver.store(true, ordering: .releasing)
    starter.wait()
    while runtime.load > 0 { hasEnded.wait(.milliseconds(5)) }
    let last = try await runtime.run(project.current(), account: "acme")
    #expect(String(decoding: last, as: UTF8.self) == "[\(Self.count),6]")
    let result = tally.withLock { $0 }
    #expect(result.failures.isEmpty, "\(result.failures.first ?? "")")
    #expect(result.ended == result.started)
    print(
      "reloads: \(Self.count), runs: \(result.ended), versions seen: \(result.versions.count), "
        + "resident KB: \(memory)")
    if let early = memory.dropFirst().first, let last = memory.last {
      #expect(last < early + 16_384, "\(memory)")
    }
  }

  private static func residentKilobytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
  }
}
