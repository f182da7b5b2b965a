import Lua
import Posix
import RefoldActions
import RefoldRuntime
import Synchronization

/// Kills one run of a test at moments, each in a world of its own, and judges what it leads to when it is taken up.
struct CrashTrials: Sendable {
  let program: [String]
  let environment: [String: String]
  let options: TestOptions
  let world: TestedWorld
  let run: TestedRun
  let plain: TestedEnd
  let before: Set<String>

  /// What came of one case.
  struct Verdict: Sendable {
    var isMet = true
    var reconciled = RunCompletion.Reconciled()
    var problems: [String] = []
  }

  /// Tries moments, several at once; nil for those that a stop has left out.
  ///
  /// - Parameter progress: Receives how many have been tried, now and then.
  func verdicts(
    on moments: [Int], jobs: Int, progress: (Int) -> Void
  ) throws -> [Verdict?] {
    let shared = Shared(count: moments.count, threads: min(jobs, moments.count))
    let wakeup = try Wakeup()
    for _ in 0..<shared.threads {
      try Threads.start {
        while let index = shared.next() {
          let verdict = verdict(on: moments[index])
          // Ctrl-C reaches the other processes too, so what they did then says nothing.
          if !StopSignal.hasArrived { shared.put(verdict, at: index) }
        }
        shared.leave()
        wakeup.wake()
      }
    }
    while !shared.isOver {
      progress(shared.ended)
      wakeup.wait(.milliseconds(200))
    }
    return shared.verdicts
  }

  private func verdict(on moment: Int) -> Verdict {
    do {
      let world = try world.copy(to: "\(world.folder)-at\(moment)")
      defer { world.remove() }
      return try verdict(on: moment, in: world)
    } catch {
      return Verdict(problems: ["it could not be tried: \(error)"])
    }
  }

  private func verdict(on moment: Int, in world: TestedWorld) throws -> Verdict {
    var verdict = Verdict()
    let end = try start(world, [String(moment)])
    guard end == .killed(.kill) else {
      // A script that does not do the same twice may not come there again.
      verdict.isMet = false
      if end != .exited(0) { verdict.problems = [try ended(end, world)] }
      return verdict
    }
    let last = try start(world, [])
    guard last == .exited(0) else {
      verdict.problems = [try "when the run is taken up, " + ended(last, world)]
      return verdict
    }
    verdict.reconciled = CrashCase.Report(try JSONTree(Files.read(world.reportPath))).reconciled
    verdict.problems = try TestedEnd(world, run, options)
      .differences(from: plain, before: before)
    return verdict
  }

  private func start(_ world: TestedWorld, _ words: [String]) throws -> Subprocess.End {
    try Subprocess.run(
      program + [world.folder] + words, environment: environment, output: world.outputPath)
  }

  private func ended(_ end: Subprocess.End, _ world: TestedWorld) throws -> String {
    let output = String(decoding: try Files.read(world.outputPath), as: UTF8.self)
    return "the process ended with \(end.words): \(output)"
  }
}

/// What the threads share.
private final class Shared: Sendable {
  private struct State {
    var next = 0
    var threads: Int
    var verdicts: [CrashTrials.Verdict?]
  }

  let threads: Int
  private let state: Mutex<State>

  init(count: Int, threads: Int) {
    self.threads = threads
    state = Mutex(
      State(threads: threads, verdicts: [CrashTrials.Verdict?](repeating: nil, count: count)))
  }

  var isOver: Bool { state.withLock { $0.threads == 0 } }
  var ended: Int { state.withLock { state in state.verdicts.count { $0 != nil } } }
  var verdicts: [CrashTrials.Verdict?] { state.withLock { $0.verdicts } }

  func next() -> Int? {
    state.withLock { state in
      guard state.next < state.verdicts.count, !StopSignal.hasArrived else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func put(_ verdict: CrashTrials.Verdict, at index: Int) {
    state.withLock { $0.verdicts[index] = verdict }
  }

  func leave() { state.withLock { $0.threads -= 1 } }
}
