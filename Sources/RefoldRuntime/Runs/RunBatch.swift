import Lua

/// Runs of one script that are driven together, a few at once, from start to end.
final class RunBatch {
  private let lane: Lane
  private let script: Script
  private let all: [RunOptions]
  private let concurrency: Int
  private let onEnd: (Int, RunOutcome) -> Void
  private var ended: [RunOutcome?]
  private var next = 0
  private var left: Int

  init(
    _ lane: Lane, _ script: Script, _ all: [RunOptions], concurrency: Int,
    onEnd: @escaping (Int, RunOutcome) -> Void
  ) {
    self.lane = lane
    self.script = script
    self.all = all
    self.concurrency = max(1, concurrency)
    self.onEnd = onEnd
    ended = Array(repeating: nil, count: all.count)
    left = all.count
  }

  /// Drives the runs until all have ended, and returns how, in their order.
  func outcomes() -> [RunOutcome] {
    var turns = 0
    fill()
    while left > 0 {
      turns += 1
      let isComputing = lane.turn()
      // What computes must not keep what waits from its answers.
      if isComputing, turns % 64 == 0 { lane.pollNow() }
      if StopSignal.hasArrived { stop() } else { fill() }
    }
    lane.rest()
    return ended.map { $0 ?? .notStarted(.stopped(at: nil)) }
  }

  /// Starts runs while there is room.
  private func fill() {
    while next < all.count, next - (all.count - left) < concurrency {
      let index = next
      next += 1
      lane.begin(script, all[index]) { [unowned self] outcome in
        ended[index] = outcome
        left -= 1
        onEnd(index, outcome)
      }
    }
  }

  /// Stops what runs; what has not started yet never does.
  private func stop() {
    lane.stopAll()
    left = 0
  }
}
