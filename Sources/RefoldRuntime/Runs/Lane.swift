import Lua
import RefoldActions

/// Runs scripts on one thread: its loop drives the Lua states of all its runs, and the backend that they share.
///
/// Confined to that thread. A script that computes lets the others have their turn every few milliseconds.
///
/// ```swift
/// let lane = Lane(backend: backend)
/// let outcome = lane.run(try Script.file("scripts/contacts/upsert.lua"), RunOptions(account: "acme"))
/// ```
public final class Lane {
  private struct Active {
    let run: Run
    let start: Int64
    var timer: Timers.ID?
    let onEnd: (RunOutcome) -> Void
  }

  /// Where actions are executed.
  public let backend: any Backend
  let rules: EffectRules
  private(set) lazy var caller = Caller(
    .init(lane: self), backend: backend, rateLimit: rateLimit, random: random)
  private(set) lazy var catalog = Catalog(caller: caller)
  let log: (LogLine) -> Void
  let onRetry: (RetryNotice) -> Void
  let onDecision: (PermissionDecision) -> Void
  private let random: () -> Double
  private let rateLimit: RateLimit?
  let libraries = SharedLibraries()
  private var active: [ObjectIdentifier: Active] = [:]
  /// The tasks that can go on, in the order in which they became ready; those before ``firstReady`` have gone on.
  private var ready: [RunTask] = []
  private var firstReady = 0
  private var timers = Timers()
  private var isTicking = false

  /// The longest single wait for a call, so that a stop signal is never missed for longer.
  private static let longestWait = Duration.milliseconds(200)
  private static let tick = Duration.milliseconds(5)

  /// Makes a lane.
  ///
  /// - Parameters:
  ///   - backend: Where actions are executed.
  ///   - rules: Which actions read and which write.
  ///   - rateLimit: How many calls may leave for each account; nil for as many as come.
  ///   - random: Gives numbers from 0 up to 1, which spread repeated calls.
  ///   - log: Receives what scripts log and print, on the lane's thread.
  ///   - onRetry: Receives each attempt that failed and is made again, on the lane's thread.
  ///   - onDecision: Receives each decision on whether a call is permitted, before the call leaves.
  public init(
    backend: any Backend, rules: EffectRules = EffectRules(), rateLimit: RateLimit? = nil,
    random: @escaping () -> Double = { Double.random(in: 0..<1) },
    log: @escaping (LogLine) -> Void = { _ in },
    onRetry: @escaping (RetryNotice) -> Void = { _ in },
    onDecision: @escaping (PermissionDecision) -> Void = { _ in }
  ) {
    self.backend = backend
    self.rules = rules
    self.rateLimit = rateLimit
    self.random = random
    self.log = log
    self.onRetry = onRetry
    self.onDecision = onDecision
  }

  // MARK: - Running to the end

  /// Runs a script for one account, from start to end.
  ///
  /// Blocks the calling thread. Ends early when the time limit passes or the ``StopSignal`` arrives: a script that computes
  /// is stopped at its next instruction, a call in flight is given up.
  public func run(_ script: Script, _ options: RunOptions) -> RunOutcome {
    runAll(script, [options], concurrency: 1)[0]
  }

  /// Runs a script several times, for several accounts as a rule, a few at once on this thread.
  ///
  /// - Parameters:
  ///   - script: What is run.
  ///   - all: What each run is started with.
  ///   - concurrency: How many run at once, at least 1.
  ///   - onEnd: Receives the index of each run and how it ended, when it has.
  /// - Returns: How the runs ended, in the order of `all`.
  public func runAll(
    _ script: Script, _ all: [RunOptions], concurrency: Int,
    onEnd: @escaping (Int, RunOutcome) -> Void = { _, _ in }
  ) -> [RunOutcome] {
    RunBatch(self, script, all, concurrency: concurrency, onEnd: onEnd).outcomes()
  }

  // MARK: - Runs under way

  /// How many runs are under way.
  var activeCount: Int { active.count }

  /// Starts a run; the loop has to ``turn()`` until it ends.
  ///
  /// - Parameter onEnd: Called once when it has ended, before this returns when it could not start.
  /// - Returns: The run, nil when it could not start.
  @discardableResult
  func begin(
    _ script: Script, _ options: RunOptions, onEnd: @escaping (RunOutcome) -> Void
  ) -> Run? {
    let start = LuaState.monotonicNanoseconds
    do {
      let run = try Run(self, options, startedAt: start)
      try run.start(script)
      active[ObjectIdentifier(run)] = Active(run: run, start: start, timer: nil, onEnd: onEnd)
      if let time = options.budget.time { limit(run, to: time, from: start) }
      return run
    } catch {
      onEnd(.notStarted(RunFailure(starting: error)))
      return nil
    }
  }

  /// Adds a run whose task is ready, as a line of a session is; the loop has to ``turn()`` until it ends.
  func add(_ run: Run, startedAt start: Int64, onEnd: @escaping (RunOutcome) -> Void) {
    active[ObjectIdentifier(run)] = Active(run: run, start: start, timer: nil, onEnd: onEnd)
    if let time = run.budget.time { limit(run, to: time, from: start) }
  }

  /// Ends a run that waits when its time is over; one that computes is stopped by the next tick.
  func limit(_ run: Run, to time: Duration, from start: Int64) {
    if let earlier = active[ObjectIdentifier(run)]?.timer { timers.remove(earlier) }
    let left = start + time.wholeNanoseconds - LuaState.monotonicNanoseconds
    active[ObjectIdentifier(run)]?.timer = after(.nanoseconds(max(0, left))) {
      [weak self, weak run] in
      guard let self, let run else { return }
      run.stop { .timeLimit(time, at: $0) }
      finish(run)
    }
  }

  /// Resumes the next task that is ready, or waits for calls and timers when none is.
  ///
  /// - Returns: Whether a task was resumed.
  @discardableResult
  func turn() -> Bool {
    guard let task = nextReady() else {
      wait()
      return false
    }
    setTicking(true)
    task.run.resume(task)
    finish(task.run)
    return true
  }

  /// Stops a run now, as if a person had.
  func stop(_ run: Run) {
    run.stop { .stopped(at: $0) }
    finish(run)
  }

  /// Stops all runs.
  func stopAll() {
    for entry in active.values.sorted(by: { $0.start < $1.start }) { stop(entry.run) }
  }

  /// Reports a run that has a result; does nothing for one that has none yet.
  private func finish(_ run: Run) {
    guard let result = run.result,
      let entry = active.removeValue(forKey: ObjectIdentifier(run))
    else { return }
    if let timer = entry.timer { timers.remove(timer) }
    run.close()
    run.statistics.duration = .nanoseconds(LuaState.monotonicNanoseconds - entry.start)
    entry.onEnd(RunOutcome(runID: run.id, result: result, statistics: run.statistics))
  }

  // MARK: - The loop

  /// Lets calls and timers get on; returns after the first of them.
  private func wait() {
    setTicking(false)
    let due = timers.takeDue()
    for action in due { action() }
    if !due.isEmpty { return }
    backend.poll(timeout: max(.zero, min(timers.next ?? Self.longestWait, Self.longestWait)))
  }

  /// Lets calls and timers that are due get on, without waiting for them.
  func pollNow() {
    for action in timers.takeDue() { action() }
    backend.poll(timeout: .zero)
  }

  /// Ticks are for the time in which scripts run; in waits they would only wake the thread.
  private func setTicking(_ isWanted: Bool) {
    if isTicking == isWanted { return }
    isTicking = isWanted
    if isWanted { Ticks.start(every: Self.tick) } else { Ticks.stop() }
  }

  /// Ends what the loop holds on to between batches.
  func rest() {
    setTicking(false)
    ready = ready[firstReady...].filter { !$0.run.hasEnded }
    firstReady = 0
  }

  private func nextReady() -> RunTask? {
    guard firstReady < ready.count else { return nil }
    let task = ready[firstReady]
    firstReady += 1
    if firstReady == ready.count || firstReady == 1024 {
      ready.removeSubrange(..<firstReady)
      firstReady = 0
    }
    return task
  }

  func makeReady(_ task: RunTask) {
    ready.append(task)
  }

  /// Calls a function once after a delay, from the loop.
  func after(_ delay: Duration, _ action: @escaping () -> Void) -> Timers.ID {
    timers.add(after: delay, action)
  }

  func cancel(_ timer: Timers.ID) {
    timers.remove(timer)
  }
}

extension RunOutcome {
  /// The outcome of a run that did nothing.
  static func notStarted(_ failure: RunFailure) -> RunOutcome {
    RunOutcome(runID: "", result: .failure(failure), statistics: RunStatistics())
  }
}

extension RunFailure {
  /// The failure of a run that could not start.
  init(starting error: any Error) {
    switch error {
    case let failure as RunFailure: self = failure
    case let error as LuaError where error.code == .memory:
      self.init(
        .budget, code: "memory_limit", message: "the memory limit is too small to start a script",
        hint: "raise the limit with '--memory'; a script needs at least 100 KiB")
    default: self.init(.script, code: "script_error", message: String(describing: error))
    }
  }
}

extension Lane {
  /// Opens and closes the state of a run, as the benchmark of it does, and returns its bytes.
  package func openAndCloseState() throws -> Int {
    let run = try Run(self, RunOptions(account: "benchmark", timeout: nil), startedAt: 0)
    run.lua.attachment = run
    try run.install(in: run.lua)
    let bytes = run.lua.memoryUsed
    run.close()
    return bytes
  }
}
