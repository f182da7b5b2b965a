import Lua
import RefoldActions

/// Runs scripts on a backend.
///
/// Confined to one thread, like the backend and the Lua states that it drives.
///
/// ```swift
/// let runtime = Runtime(backend: backend)
/// let outcome = runtime.run(try Script.file("scripts/contacts/upsert.lua"), RunOptions(account: "acme"))
/// ```
public final class Runtime {
  /// Where actions are executed.
  public let backend: any Backend
  let rules: EffectRules
  private(set) lazy var caller = Caller(
    .init(runtime: self), backend: backend, rateLimit: rateLimit, random: random)
  private(set) lazy var catalog = Catalog(caller: caller)
  let log: (LogLine) -> Void
  let onRetry: (RetryNotice) -> Void
  let onDecision: (PermissionDecision) -> Void
  private let random: () -> Double
  private let rateLimit: RateLimit?
  let libraries = SharedLibraries()
  /// The tasks that can go on, in the order in which they became ready; those before ``firstReady`` have gone on.
  private var ready: [RunTask] = []
  private var firstReady = 0
  private var timers = Timers()
  private weak var lastResumed: Run?

  /// The longest single wait for a call, so that a stop signal is never missed for longer.
  private static let longestWait = Duration.milliseconds(200)

  /// Makes a runtime.
  ///
  /// - Parameters:
  ///   - backend: Where actions are executed.
  ///   - rules: Which actions read and which write.
  ///   - rateLimit: How many calls may leave for each account; nil for as many as come.
  ///   - random: Gives numbers from 0 up to 1, which spread repeated calls.
  ///   - log: Receives what scripts log and print, on the runtime's thread.
  ///   - onRetry: Receives each attempt that failed and is made again, on the runtime's thread.
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

  /// Runs a script for one account, from start to end.
  ///
  /// Blocks the calling thread. Ends early when the time limit passes or the ``StopSignal`` arrives: a script that computes
  /// is stopped at its next instruction, a call in flight is given up.
  public func run(_ script: Script, _ options: RunOptions) -> RunOutcome {
    RunBatch(self, script, [options], concurrency: 1) { _, _ in }.outcomes()[0]
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

  /// Resumes the next task that is ready; returns its run, nil when none is ready.
  func resumeNext() -> Run? {
    guard let task = nextReady() else { return nil }
    let run = task.run
    // The timer of the thread is for the run that computes.
    if run !== lastResumed {
      run.lua.setDeadline(nanoseconds: run.deadline)
      lastResumed = run
    }
    run.resume(task)
    return run
  }

  /// Lets calls and timers get on; returns after the first of them, or when a run may have reached its time limit.
  func wait(atMost timeout: Duration?) {
    let due = timers.takeDue()
    for action in due { action() }
    if !due.isEmpty { return }
    let longest = min(timeout ?? Self.longestWait, timers.next ?? Self.longestWait)
    backend.poll(timeout: max(.zero, min(longest, Self.longestWait)))
  }

  /// Forgets the tasks of runs that have ended.
  func forgetEnded() {
    ready = ready[firstReady...].filter { !$0.run.hasEnded }
    firstReady = 0
    lastResumed = nil
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

  /// Calls a function once after a delay, from the loop that drives the run.
  func after(_ delay: Duration, _ action: @escaping () -> Void) -> Timers.ID {
    timers.add(after: delay, action)
  }

  func cancel(_ timer: Timers.ID) {
    timers.remove(timer)
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

extension Runtime {
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
