import RefoldActions
import Testing

@Suite struct RetryPolicyTests {
  private static let call = ActionCall(operation: .applications, account: "a")

  @Test(
    arguments: [
      (1, nil, 0.0, 0), (1, nil, 1.0, 500), (2, nil, 1.0, 1000), (3, nil, 0.5, 1000),
      (6, nil, 1.0, 16_000), (7, nil, 1.0, 20_000), (60, nil, 1.0, 20_000),
      (1, .seconds(7), 0.0, 7000), (1, .seconds(7), 1.0, 7500), (5, .seconds(90), 1.0, 90_500),
    ] as [(Int, Duration?, Double, Int)])
  func `pauses double up to the ceiling, and keep to Retry-After`(
    attempt: Int, retryAfter: Duration?, random: Double, milliseconds: Int
  ) {
    let pause = RetryPolicy().pause(after: attempt, retryAfter: retryAfter, random: random)
    #expect(pause == .milliseconds(milliseconds))
  }

  @Test(arguments: ActionError.Kind.allCases)
  func `only what may pass is tried again, and only if it is marked so`(kind: ActionError.Kind) {
    for isRetryable in [true, false] {
      let error = ActionError(
        kind, code: "x", message: "x", retryable: isRetryable, about: Self.call)
      #expect(
        RetryPolicy().allowsAnother(after: error, attempt: 1) == (kind == .transient && isRetryable)
      )
    }
  }

  @Test func `the attempts are counted`() {
    let error = ActionError(.transient, code: "x", message: "x", retryable: true, about: Self.call)
    #expect(RetryPolicy().allowsAnother(after: error, attempt: 3))
    #expect(!RetryPolicy().allowsAnother(after: error, attempt: 4))
    #expect(!RetryPolicy(maximumAttempts: 1).allowsAnother(after: error, attempt: 1))
  }
}
