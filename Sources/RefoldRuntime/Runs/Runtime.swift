import Posix
import RefoldActions
import Synchronization

/// Runs scripts for many accounts at once, on a few threads.
///
/// Each thread is a lane: it drives thousands of runs, each with a Lua state of its own, and lets none of them hold up the others. The
/// runs of one account share a lane, and with it the account's rate of calls and what is known about its actions. Safe to
/// use from any thread or task; no thread of Swift's pool is ever blocked.
///
/// ```swift
/// let runtime = try Runtime { SandboxBackend(databasePath: "sandbox.db") }
/// let result = try await runtime.run(Script.inline("return 6 * 7"), account: "acme")  // the bytes of "42"
/// ```
public final class Runtime: Sendable {
  /// What all runs have in common.
  public struct Configuration: Sendable {
    /// How many threads run scripts, at least 1; as a rule one for each core.
    public var lanes = Threads.coreCount
    /// How many runs are under way at once, at least 1; the others wait, and their time has not begun.
    public var maximumActive = 10_000
    /// Which actions read and which write.
    public var rules = EffectRules()
    /// How many calls may leave for each account; nil for as many as come.
    public var rateLimit: RateLimit?
    /// Receives what scripts log and print; called on the threads of the lanes.
    public var log: @Sendable (LogLine) -> Void = { _ in }
    /// Receives each attempt that failed and is made again; called on the threads of the lanes.
    public var onRetry: @Sendable (RetryNotice) -> Void = { _ in }
    /// Receives each decision on whether a call is permitted, before the call leaves; called on the threads of the lanes.
    public var onDecision: @Sendable (PermissionDecision) -> Void = { _ in }
    /// Receives the account of a run that is being stopped, and its writes that have left, when they are waited for; called
    /// on the threads of the lanes.
    public var onLastWrites: @Sendable (_ account: String, _ writes: [String]) -> Void = { _, _ in }

    /// Where `refold.store` and `refold.once` keep what outlives a run; in memory unless it is set.
    public var store: any StateStore = MemoryStateStore()
    /// Where runs are recorded, so that they can be looked at and resumed; nil when they are not.
    public var journal: Journal?

    /// When set, waits take no time, and a lane computes for this long in all.
    public var skipsWaits: Duration?

    /// Creates a configuration that limits no rate and reports nothing.
    public init() {}

    fileprivate func forLane() -> Lane.Configuration {
      var configuration = Lane.Configuration(
        rules: rules, rateLimit: rateLimit, log: log, onRetry: onRetry, onDecision: onDecision,
        onLastWrites: onLastWrites, store: store)
      configuration.journal = journal
      if let skipsWaits { configuration.skipWaits(computingFor: skipsWaits) }
      return configuration
    }
  }

  private struct Assignments {
    /// The lane of each account that has had a run.
    var lanes: [String: Int] = [:]
    /// How many runs each lane has.
    var loads: [Int]
    var lastNumber: UInt64 = 0
  }

  private let lanes: [LaneThread]
  private let assignments: Mutex<Assignments>

  /// Starts the threads.
  ///
  /// - Parameters:
  ///   - configuration: What all runs have in common.
  ///   - backend: Makes the backend of a lane, on its thread; when it throws, the runs of the lane fail with that.
  /// - Throws: ``RunFailure`` when the system has no thread left.
  public init(
    _ configuration: Configuration = Configuration(),
    backend: @escaping @Sendable () throws -> any Backend
  ) throws(RunFailure) {
    let most = max(1, configuration.maximumActive)
    let count = min(max(1, configuration.lanes), most)
    var lanes: [LaneThread] = []
    do throws(PosixError) {
      for index in 0..<count {
        let share = most / count + (index < most % count ? 1 : 0)
        lanes.append(
          try LaneThread(
            maximumActive: share, configuration: { configuration.forLane() }, backend: backend))
      }
    } catch {
      for lane in lanes { lane.mailbox.send(.close) }
      throw RunFailure(
        .script, code: "no_thread", message: "can't start a thread: \(error.reason)",
        hint: "raise the limit of processes, or close something")
    }
    self.lanes = lanes
    assignments = Mutex(Assignments(loads: [Int](repeating: 0, count: count)))
  }

  /// Stops all runs, as ``RunTicket/stop()`` does; the threads end with them.
  deinit {
    for lane in lanes {
      lane.mailbox.send(.stopAll)
      lane.mailbox.send(.close)
    }
  }

  // MARK: - Running

  /// Runs a script for one account, and returns its result as JSON text.
  ///
  /// The run keeps the generation, whatever becomes of the script's files. Cancelling the task stops the run: what computes
  /// at once, what waits as soon as a write that has left has come back.
  ///
  /// - Throws: ``RunFailure``, also for a run that was stopped.
  public func run(
    _ generation: Generation, account: String, input: [UInt8]? = nil, budget: Budget = Budget()
  ) async throws(RunFailure) -> [UInt8] {
    var options = RunOptions(account: account, input: input)
    options.budget = budget
    return try await outcome(of: generation, options).result.get()
  }

  /// Runs a script that belongs to no project, and returns its result as JSON text.
  ///
  /// - Throws: ``RunFailure``, also for a run that was stopped.
  public func run(
    _ script: Script, account: String, input: [UInt8]? = nil, budget: Budget = Budget()
  ) async throws(RunFailure) -> [UInt8] {
    try await run(Generation(script), account: account, input: input, budget: budget)
  }

  /// Runs a script, and returns how the run ended and what it did.
  ///
  /// Cancelling the task stops the run.
  public func outcome(of generation: Generation, _ options: RunOptions) async -> RunOutcome {
    let ticket = makeTicket(for: options.account)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        start(generation, options, ticket) { continuation.resume(returning: $0) }
        if Task.isCancelled { ticket.stop() }
      }
    } onCancel: {
      ticket.stop()
    }
  }

  /// Runs a script that belongs to no project, and returns how the run ended and what it did.
  public func outcome(of script: Script, _ options: RunOptions) async -> RunOutcome {
    await outcome(of: Generation(script), options)
  }

  /// Starts a run; costs a lock and the waking of a thread.
  ///
  /// - Parameter onEnd: Called once, on the lane's thread, when the run has ended or could not start; must be brief.
  /// - Returns: By which the run can be stopped.
  @discardableResult
  public func start(
    _ generation: Generation, _ options: RunOptions,
    onEnd: @escaping @Sendable (RunOutcome) -> Void
  ) -> RunTicket {
    let ticket = makeTicket(for: options.account)
    start(generation, options, ticket, onEnd: onEnd)
    return ticket
  }

  /// Starts a run of a script that belongs to no project.
  @discardableResult
  public func start(
    _ script: Script, _ options: RunOptions, onEnd: @escaping @Sendable (RunOutcome) -> Void
  ) -> RunTicket {
    start(Generation(script), options, onEnd: onEnd)
  }

  /// Stops all runs, also those that wait to start.
  public func stopAll() {
    for lane in lanes { lane.mailbox.send(.stopAll) }
  }

  /// How many runs are under way or wait to start.
  public var load: Int { assignments.withLock { $0.loads.reduce(0, +) } }

  private func start(
    _ generation: Generation, _ options: RunOptions, _ ticket: RunTicket,
    onEnd: @escaping @Sendable (RunOutcome) -> Void
  ) {
    ticket.mailbox.send(
      .run(number: ticket.number, generation, options) { [weak self] outcome in
        self?.assignments.withLock { $0.loads[ticket.lane] -= 1 }
        onEnd(outcome)
      })
  }

  /// Chooses the lane: that of the account, for a new account the one with the fewest runs.
  private func makeTicket(for account: String) -> RunTicket {
    assignments.withLock { assignments in
      assignments.lastNumber += 1
      let known = assignments.lanes[account]
      let lane =
        known ?? assignments.loads.indices.min {
          assignments.loads[$0] < assignments.loads[$1]
        } ?? 0
      if known == nil { assignments.lanes[account] = lane }
      assignments.loads[lane] += 1
      return RunTicket(
        number: assignments.lastNumber, lane: lane, mailbox: lanes[lane].mailbox)
    }
  }
}

/// A run that was started, by which it can be stopped.
public struct RunTicket: Sendable {
  let number: UInt64
  let lane: Int
  let mailbox: LaneMailbox

  /// Stops the run, from any thread; does nothing for one that has ended.
  ///
  /// A script that computes is stopped at its next instruction, waits are given up, and a write that has left is waited for.
  public func stop() { mailbox.send(.stop(number)) }
}
