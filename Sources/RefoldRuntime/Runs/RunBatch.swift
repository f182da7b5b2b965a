import Lua

/// Runs of one script that are driven together, a few at once, from start to end.
final class RunBatch {
  private struct Active {
    let index: Int
    let run: Run
    let start: Int64
  }

  private let runtime: Runtime
  private let script: Script
  private let all: [RunOptions]
  private let concurrency: Int
  private let onEnd: (Int, RunOutcome) -> Void
  private var active: [Active] = []
  private var ended: [RunOutcome?]
  private var next = 0

  init(
    _ runtime: Runtime, _ script: Script, _ all: [RunOptions], concurrency: Int,
    onEnd: @escaping (Int, RunOutcome) -> Void
  ) {
    self.runtime = runtime
    self.script = script
    self.all = all
    self.concurrency = max(1, concurrency)
    self.onEnd = onEnd
    ended = Array(repeating: nil, count: all.count)
  }

  /// Drives the runs until all have ended, and returns how, in their order.
  func outcomes() -> [RunOutcome] {
    while fill() {
      if let run = runtime.resumeNext() {
        if run.hasEnded { finish(run) }
      } else if StopSignal.hasArrived {
        for entry in active { entry.run.stop { .stopped(at: $0) } }
        finishEnded()
      } else {
        stopLate()
      }
    }
    runtime.forgetEnded()
    return ended.map { $0 ?? Self.notStarted(.stopped(at: nil)) }
  }

  /// Starts runs while there is room; returns whether one is under way.
  private func fill() -> Bool {
    while active.count < concurrency, next < all.count, !(next > 0 && StopSignal.hasArrived) {
      let index = next
      next += 1
      let start = LuaState.monotonicNanoseconds
      do {
        let run = try Run(runtime, all[index], startedAt: start)
        try run.start(script)
        active.append(Active(index: index, run: run, start: start))
      } catch {
        end(index, Self.notStarted(RunFailure(starting: error)))
      }
    }
    return !active.isEmpty
  }

  /// Ends the runs whose time is over; waits for calls when there is none.
  private func stopLate() {
    var soonest: Duration?
    var isLate = false
    for entry in active {
      guard let left = entry.run.timeLeft else { continue }
      if left <= .zero {
        entry.run.stop { .timeLimit(entry.run.options.timeout, at: $0) }
        isLate = true
      }
      soonest = min(soonest ?? left, left)
    }
    if isLate { finishEnded() } else { runtime.wait(atMost: soonest) }
  }

  private func finishEnded() {
    for entry in active where entry.run.hasEnded { finish(entry.run) }
  }

  private func finish(_ run: Run) {
    guard let place = active.firstIndex(where: { $0.run === run }) else { return }
    let entry = active.remove(at: place)
    run.close()
    run.statistics.duration = .nanoseconds(LuaState.monotonicNanoseconds - entry.start)
    end(
      entry.index,
      RunOutcome(
        runID: run.id, result: run.result ?? .failure(.stopped(at: nil)),
        statistics: run.statistics))
  }

  private func end(_ index: Int, _ outcome: RunOutcome) {
    ended[index] = outcome
    onEnd(index, outcome)
  }

  private static func notStarted(_ failure: RunFailure) -> RunOutcome {
    RunOutcome(runID: "", result: .failure(failure), statistics: RunStatistics())
  }
}
