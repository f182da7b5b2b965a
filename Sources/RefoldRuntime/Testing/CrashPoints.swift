import Synchronization

/// The moments of a run at which its process may die, counted as they come.
///
/// Safe to use from any thread.
public final class CrashPoints: Sendable {
  /// A moment at which what is on the disk, or what an app holds, is about to change or has just changed.
  enum Point: Sendable, Hashable {
    /// Around the commit of a change of the state database.
    case change(StateChange, isMade: Bool)
    /// A write is about to leave, as `app.action`; its intent is durable.
    case leaves(String)
    /// The app has dealt with a write, and nobody has taken its answer yet.
    case answered(String)
  }

  private let passed = Mutex<[Point]>([])
  private let onPoint: @Sendable (_ number: Int) -> Void

  /// Makes a counter.
  ///
  /// - Parameter onPoint: Receives the number of each moment, from 1, and may end the process.
  public init(_ onPoint: @escaping @Sendable (_ number: Int) -> Void = { _ in }) {
    self.onPoint = onPoint
  }

  func pass(_ point: Point) {
    let number = passed.withLock { passed in
      passed.append(point)
      return passed.count
    }
    onPoint(number)
  }

  /// Says what the moments were that have come.
  ///
  /// - Parameter steps: The names of the run's steps, by their numbers.
  func descriptions(naming steps: [Int: String]) -> [String] {
    passed.withLock { $0 }.map { point in
      switch point {
      case .change(let change, let isMade):
        "\(isMade ? "after" : "before") the commit of \(change.description(steps))"
      case .leaves(let write): "before \(write) leaves"
      case .answered(let write): "after \(write) was answered, before the answer is taken"
      }
    }
  }
}

extension StateChange {
  fileprivate func description(_ steps: [Int: String]) -> String {
    switch self {
    case .run: "the beginning of the run"
    case .step(let number): "step \(number), \(steps[number] ?? "?")"
    case .intent(let number): "the intent of step \(number), \(steps[number] ?? "?")"
    case .outcome(let number): "the outcome of step \(number), \(steps[number] ?? "?")"
    case .claim: "a claim of refold.once"
    case .end: "the end of the run"
    case .log: "a line of the log"
    case .other: "a change of the state"
    }
  }
}
