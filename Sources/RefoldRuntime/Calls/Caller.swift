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

  /// A call on its way; whoever holds the handle does not hold it.
  private final class Request {
    let call: ActionCall
    let limits: Limits
    let completion: Completion
    let handle = Handle()

    init(_ call: ActionCall, _ limits: Limits, _ completion: @escaping Completion) {
      self.call = call
      self.limits = limits
      self.completion = completion
    }
  }

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
    let request = Request(call, limits, completion)
    leave(1, request)
    return request.handle
  }

  /// Makes an attempt as soon as the rate of the account allows it.
  private func leave(_ number: Int, _ request: Request) {
    let wait = waitForTurn(request.call.account)
    if wait == .zero { return attempt(number, request) }
    let timer = lane.lane.after(wait) { [self] in attempt(number, request) }
    request.handle.giveUp = { [self] in lane.lane.cancel(timer) }
  }

  private func waitForTurn(_ account: String) -> Duration {
    guard let rateLimit else { return .zero }
    let now = Duration.nanoseconds(now)
    return buckets[account, default: TokenBucket(rateLimit)].take(at: now)
  }

  private func attempt(_ number: Int, _ request: Request) {
    request.limits.onFlight(true)
    var isOver = false
    let id = backend.begin(request.call) { [self] result in
      isOver = true
      let (limits, handle) = (request.limits, request.handle)
      handle.giveUp = {}
      guard !handle.isCancelled, let error = Self.failure(in: result, of: request.call),
        limits.isWanted(), let pause = pause(after: error, number, limits)
      else { return request.completion(result) }
      limits.onFlight(false)
      let notice = RetryNotice(
        account: request.call.account, call: request.call.name, attempt: number,
        reason: error.message, pause: pause)
      (limits.onRetry ?? lane.lane.configuration.onRetry)(notice)
      let timer = lane.lane.after(pause) { [self] in leave(number + 1, request) }
      handle.giveUp = { [self] in lane.lane.cancel(timer) }
    }
    if !isOver { request.handle.giveUp = { [self] in backend.cancel(id) } }
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
