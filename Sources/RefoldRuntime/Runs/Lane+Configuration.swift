import Lua
import RefoldActions

extension Lane {
  /// What the runs of a lane have in common.
  public struct Configuration {
    /// Which actions read and which write.
    public var rules = EffectRules()
    /// How many calls may leave for each account; nil for as many as come.
    public var rateLimit: RateLimit?
    /// Gives numbers from 0 up to 1, which spread repeated calls.
    public var random: () -> Double = { Double.random(in: 0..<1) }
    /// Receives what scripts log and print, on the lane's thread.
    public var log: (LogLine) -> Void = { _ in }
    /// Receives each attempt that failed and is made again, on the lane's thread.
    public var onRetry: (RetryNotice) -> Void = { _ in }
    /// Receives each decision on whether a call is permitted, before the call leaves, on the lane's thread.
    public var onDecision: (PermissionDecision) -> Void = { _ in }
    /// Receives the account of a run that is being stopped, and its writes that have left, as `app.action`, when they are waited for.
    public var onLastWrites: (_ account: String, _ writes: [String]) -> Void = { _, _ in }

    /// Where `refold.store` and `refold.once` keep what outlives a run; in memory unless it is set.
    public var store: any StateStore
    /// Captures the writes of the one run that the lane is for; nil for lanes that send them.
    public var planner: Planner?
    /// Where runs are recorded, so that they can be looked at and resumed; nil when they are not.
    public var journal: Journal?
    /// What pauses, sleeps and limits of time go by.
    public var clock = LaneClock.monotonic()
    /// With a virtual clock: when what computes is stopped, on the monotonic clock in nanoseconds; nil for never.
    var computeDeadline: Int64?
    /// Whether a task that computes lets others have their turn; else they come in an order that no clock has a part in.
    var sharesTime = true
    /// With a virtual clock: called before it jumps, while nothing happens.
    var beforeJump: () -> Void = {}
    /// With a virtual clock: the seed of scripts' random numbers.
    var seed: UInt64 = 0
    /// Counts the lines that scripts run; nil when nobody wants to know.
    var coverage: LineCoverage?

    /// Lets waits take no time: the clock jumps ahead when all runs wait.
    ///
    /// - Parameter limit: How long the lane may compute in all, by the machine's clock.
    public mutating func skipWaits(computingFor limit: Duration?) {
      clock = .virtual()
      computeDeadline = limit.map { LuaState.monotonicNanoseconds + $0.wholeNanoseconds }
    }

    /// Creates a configuration that limits no rate and reports nothing.
    public init() { store = MemoryStateStore() }

    /// Creates a configuration.
    public init(
      rules: EffectRules = EffectRules(), rateLimit: RateLimit? = nil,
      random: @escaping () -> Double = { Double.random(in: 0..<1) },
      log: @escaping (LogLine) -> Void = { _ in },
      onRetry: @escaping (RetryNotice) -> Void = { _ in },
      onDecision: @escaping (PermissionDecision) -> Void = { _ in },
      onLastWrites: @escaping (_ account: String, _ writes: [String]) -> Void = { _, _ in },
      store: any StateStore = MemoryStateStore()
    ) {
      self.rules = rules
      self.rateLimit = rateLimit
      self.random = random
      self.log = log
      self.onRetry = onRetry
      self.onDecision = onDecision
      self.onLastWrites = onLastWrites
      self.store = store
    }
  }
}
