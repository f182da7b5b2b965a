import Lua
import Measuring
import Posix
import RefoldRuntime
import Synchronization

/// Many runs of one kind, started as fast as the concurrency allows.
enum Batch {
  /// Runs scripts, and returns how each ended, in the order in which they were asked for.
  static func run(
    _ count: Int, on runtime: Runtime, concurrency: Int,
    _ make: @escaping @Sendable (Int) -> (Script, RunOptions)
  ) -> [RunOutcome] {
    let board = Board(count)
    for _ in 0..<min(concurrency, count) { startNext(on: runtime, board, make) }
    board.waitForAll()
    return board.outcomes
  }

  private static func startNext(
    on runtime: Runtime, _ board: Board, _ make: @escaping @Sendable (Int) -> (Script, RunOptions)
  ) {
    guard let index = board.takeNext() else { return }
    let (script, options) = make(index)
    runtime.start(script, options) { [unowned runtime] outcome in
      if !board.end(index, outcome) { startNext(on: runtime, board, make) }
    }
  }

  /// Makes sure that all runs gave the same result.
  static func check(_ outcomes: [RunOutcome], result: String) throws {
    for outcome in outcomes {
      guard case .success(let bytes) = outcome.result, bytes == Array(result.utf8) else {
        throw WrongAnswer(what: "a run: \(outcome.result)")
      }
    }
  }

  private final class Board: Sendable {
    private struct Contents {
      var next = 0
      var left: Int
      var outcomes: [RunOutcome?]
    }

    private let contents: Mutex<Contents>
    private let wakeup = try? Wakeup()

    init(_ count: Int) {
      contents = Mutex(Contents(left: count, outcomes: [RunOutcome?](repeating: nil, count: count)))
    }

    var outcomes: [RunOutcome] { contents.withLock { $0.outcomes.compactMap { $0 } } }

    func takeNext() -> Int? {
      contents.withLock { contents in
        guard contents.next < contents.outcomes.count else { return nil }
        defer { contents.next += 1 }
        return contents.next
      }
    }

    /// Takes how a run ended; returns whether it was the last.
    func end(_ index: Int, _ outcome: RunOutcome) -> Bool {
      let isLast = contents.withLock { contents in
        contents.outcomes[index] = outcome
        contents.left -= 1
        return contents.left == 0
      }
      if isLast { wakeup?.wake() }
      return isLast
    }

    func waitForAll() {
      while contents.withLock({ $0.left > 0 }) { wakeup?.wait(.seconds(1)) }
    }
  }
}
