/// When a failed call is made again, and after which pause.
///
/// Reads are repeated when the failure may pass. A write is, when it was certainly not applied: its failure is then
/// `transient` too; anything else that went wrong after it left is `unknownOutcome`, and is never repeated. The pause grows
/// exponentially with full jitter (Brooker, "Exponential Backoff And Jitter", 2015), and is never shorter than `Retry-After`.
///
/// ```swift
/// RetryPolicy().pause(after: 3, retryAfter: nil, random: 0.5)  // 1 second: half of 0.5 s, doubled twice
/// ```
public struct RetryPolicy: Sendable, Equatable {
  /// How often a call is made at most, the first time included.
  public var maximumAttempts: Int
  /// The longest pause after the first attempt.
  public var first: Duration
  /// The longest pause of all, save what `Retry-After` asks for.
  public var ceiling: Duration

  /// Creates a policy.
  ///
  /// - Precondition: At least one attempt.
  public init(
    maximumAttempts: Int = 4, first: Duration = .milliseconds(500), ceiling: Duration = .seconds(20)
  ) {
    precondition(maximumAttempts >= 1, "a call is made at least once, not \(maximumAttempts) times")
    self.maximumAttempts = maximumAttempts
    self.first = first
    self.ceiling = ceiling
  }

  /// Whether a call is made again after a failure.
  ///
  /// - Parameters:
  ///   - error: Why the last attempt failed.
  ///   - attempt: Its number, from 1.
  public func allowsAnother(after error: ActionError, attempt: Int) -> Bool {
    attempt < maximumAttempts && error.kind == .transient && error.retryable
  }

  /// Returns the pause before the next attempt.
  ///
  /// - Parameters:
  ///   - attempt: The number of the attempt that failed, from 1.
  ///   - retryAfter: What the server asked for.
  ///   - random: A number from 0 up to 1, which spreads the clients.
  public func pause(after attempt: Int, retryAfter: Duration?, random: Double) -> Duration {
    var longest = first
    for _ in 1..<max(1, attempt) where longest < ceiling { longest *= 2 }
    let spread = min(longest, ceiling) * random
    return retryAfter.map { $0 + min(spread, first) } ?? spread
  }
}
