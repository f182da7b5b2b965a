/// An attempt that failed and is made again, for whoever wants to see it.
public struct RetryNotice: Sendable, Equatable {
  /// The linked account that it was made for.
  public var account: String
  /// What was called: `app.action`, or what was looked up.
  public var call: String
  /// The number of the attempt that failed, from 1.
  public var attempt: Int
  /// Why it failed.
  public var reason: String
  /// The pause before the next one.
  public var pause: Duration

  /// The attempt in a line: `attempt 1 at hubspot.get_contact failed: …; again in 0.8 s`.
  public var text: String {
    let (seconds, attoseconds) = pause.components
    let tenths = seconds * 10 + attoseconds / 100_000_000_000_000_000
    return
      "attempt \(attempt) at \(call) failed: \(reason); again in \(tenths / 10).\(tenths % 10) s"
  }

  /// Makes a notice.
  public init(account: String, call: String, attempt: Int, reason: String, pause: Duration) {
    self.account = account
    self.call = call
    self.attempt = attempt
    self.reason = reason
    self.pause = pause
  }
}
