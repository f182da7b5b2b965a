import RefoldActions

/// Makes calls, and makes them again when that is safe and may help.
final class Caller {
  /// A call that can be given up, whichever attempt it is at.
  final class Handle {
    fileprivate var isCancelled = false
    fileprivate var giveUp: () -> Void = {}

    /// Gives the call up; a write in flight then has an unknown outcome.
    func cancel() {
      isCancelled = true
      giveUp()
      giveUp = {}
    }
  }

  /// What one call allows.
  struct Limits {
    var policy = RetryPolicy()
    /// The end of the run on the monotonic clock; no pause goes beyond it.
    var deadline: Int64?
    /// Called when an attempt leaves, and when it has failed for certain.
    var onFlight: (_ isInFlight: Bool) -> Void = { _ in }
    /// Whether another attempt may still be made.
    var isWanted: () -> Bool = { true }
    /// Called before the pause between two attempts.
    var onRetry: ((RetryNotice) -> Void)?
  }

  typealias Completion = (Result<Reply, ActionError>) -> Void

  let backend: any Backend
  private let lane: Unowned
  private let random: () -> Double
  private let rateLimit: RateLimit?
  /// The time on the lane's clock, in nanoseconds.
  var now: Int64 { lane.lane.clock.now }
  private var buckets: [String: TokenBucket] = [:]

  /// The lane whose timers the pauses use; it owns the caller.
  struct Unowned {
    unowned let lane: Lane
  }

  init(
    _ lane: Unowned, backend: any Backend, rateLimit: RateLimit?,
    random: @escaping () -> Double
  ) {
    self.lane = lane
    self.backend = backend
    self.rateLimit = rateLimit
    self.random = random
  }

  /// Makes a call; completes once, with the outcome of the last attempt.
  @discardableResult
  func begin(
    _ call: ActionCall, _ limits: Limits = Limits(), _ completion: @escaping Completion
  ) -> Handle {
    let handle = Handle()
    leave(1, call, limits, handle, completion)
    return handle
  }

  /// Makes an attempt as soon as the rate of the account allows it.
  private func leave(
    _ number: Int, _ call: ActionCall, _ limits: Limits, _ handle: Handle,
    _ completion: @escaping Completion
  ) {
    let wait = waitForTurn(call.account)
    if wait == .zero { return attempt(number, call, limits, handle, completion) }
    let timer = lane.lane.after(wait) { [self] in
      attempt(number, call, limits, handle, completion)
    }
    handle.giveUp = { [self] in lane.lane.cancel(timer) }
  }

  private func waitForTurn(_ account: String) -> Duration {
    guard let rateLimit else { return .zero }
    let now = Duration.nanoseconds(now)
    return buckets[account, default: TokenBucket(rateLimit)].take(at: now)
  }

  private func attempt(
    _ number: Int, _ call: ActionCall, _ limits: Limits, _ handle: Handle,
    _ completion: @escaping Completion
  ) {
    limits.onFlight(true)
    let backend = backend
    var isOver = false
    let id = backend.begin(call) { [self] result in
      isOver = true
      handle.giveUp = {}
      guard !handle.isCancelled, let error = Self.failure(in: result, of: call),
        limits.isWanted(), let pause = pause(after: error, number, limits)
      else { return completion(result) }
      limits.onFlight(false)
      let notice = RetryNotice(
        account: call.account, call: call.name, attempt: number, reason: error.message,
        pause: pause)
      (limits.onRetry ?? lane.lane.configuration.onRetry)(notice)
      let timer = lane.lane.after(pause) { [self] in
        leave(number + 1, call, limits, handle, completion)
      }
      handle.giveUp = { [self] in lane.lane.cancel(timer) }
    }
    if !isOver { handle.giveUp = { backend.cancel(id) } }
  }

  /// Why an attempt failed: also a read whose reply says so in its body, or has lost its end.
  private static func failure(
    in result: Result<Reply, ActionError>, of call: ActionCall
  ) -> ActionError? {
    switch result {
    case .failure(let error): error
    case .success(let reply): ReplyClassifier.failureInBody(of: reply, to: call)
    }
  }

  /// The pause before another attempt; nil when there shall be none.
  private func pause(
    after error: ActionError, _ attempt: Int, _ limits: Limits
  ) -> Duration? {
    guard limits.policy.allowsAnother(after: error, attempt: attempt) else { return nil }
    let pause = limits.policy.pause(
      after: attempt, retryAfter: error.retryAfter, random: random())
    guard let deadline = limits.deadline else { return pause }
    let left = Duration.nanoseconds(deadline - now)
    return pause < left ? pause : nil
  }
}

extension ActionCall {
  /// What the call is, for people.
  fileprivate var name: String {
    switch operation {
    case .accounts: "the list of accounts"
    case .applications: "the list of apps"
    case .application(let app): "the state of '\(app)'"
    case .config(let app): "the config of '\(app)'"
    case .actions(let app): "the actions of '\(app)'"
    case .schema(let app, let action): "the parameters of '\(app).\(action)'"
    case .execute(let app, let action): "\(app).\(action)"
    }
  }
}
