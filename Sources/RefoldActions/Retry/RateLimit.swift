/// How many calls may leave for one account: a steady rate, and a few at once.
///
/// The API allows 20 a second with bursts of 5 (`v2:overview` of its documentation); staying below that costs less than
/// being refused.
public struct RateLimit: Sendable, Equatable {
  /// Calls a second in the long run.
  public var perSecond: Double
  /// Calls that may leave at once after a pause.
  public var burst: Double

  /// Creates a limit.
  ///
  /// - Precondition: A rate above 0, and a burst of at least 1.
  public init(perSecond: Double = 20, burst: Double = 5) {
    precondition(perSecond > 0 && burst >= 1, "a rate is above 0, and a burst at least 1")
    self.perSecond = perSecond
    self.burst = burst
  }
}

/// The calls that one account has left: a bucket of tokens that refills at the rate of its limit.
///
/// ```swift
/// var bucket = TokenBucket(RateLimit(perSecond: 10, burst: 1))
/// bucket.take(at: .zero)  // 0 seconds: the call may leave
/// bucket.take(at: .zero)  // 0.1 seconds: the next one has to wait
/// ```
public struct TokenBucket: Sendable {
  private let limit: RateLimit
  private var tokens: Double
  private var last: Duration?

  /// Creates a full bucket.
  public init(_ limit: RateLimit) {
    self.limit = limit
    tokens = limit.burst
  }

  /// Takes a token, also one that is not there yet, and returns how long to wait for it.
  ///
  /// - Parameter now: A time that never goes back.
  public mutating func take(at now: Duration) -> Duration {
    let elapsed = last.map { now - $0 } ?? .zero
    last = now
    tokens = min(limit.burst, tokens + elapsed / .seconds(1) * limit.perSecond)
    tokens -= 1
    return tokens >= 0 ? .zero : .seconds(-tokens / limit.perSecond)
  }
}
