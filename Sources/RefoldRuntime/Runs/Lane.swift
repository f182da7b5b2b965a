import Lua
import Posix
import RefoldActions

/// Runs scripts on one thread: its loop drives the Lua states of all its runs, and the backend that they share.
///
/// Confined to that thread. A script that computes lets the others have their turn every few milliseconds. ``Runtime`` has
/// several lanes, each on a thread of its own.
///
/// ```swift
/// let lane = Lane(backend: backend)
/// let outcome = lane.run(try Script.file("scripts/contacts/upsert.lua"), RunOptions(account: "acme"))
/// ```
public final class Lane {
  /// A run that somebody asked for.
  struct Request {
    let number: UInt64
    let generation: Generation
    let options: RunOptions
    /// Called once, when the run has ended or could not start.
    let onEnd: (RunOutcome) -> Void
  }

  private struct Active {
    let run: Run
    let start: Int64
    var timer: Timers.ID?
    let onEnd: (RunOutcome) -> Void
  }

  /// Where actions are executed.
  public let backend: any Backend
  let configuration: Configuration
  /// What each call asks for; reading it from the configuration would copy all of that.
  let planner: Planner?
  let onDecision: (PermissionDecision) -> Void
  var clock: LaneClock { configuration.clock }
  private(set) lazy var caller = Caller(
    .init(lane: self), backend: backend, rateLimit: configuration.rateLimit,
    random: configuration.random)
  private(set) lazy var catalog = Catalog(caller: caller)
  let libraries = SharedLibraries()
  /// Where the scripts are that have run, by the names under which they were started.
  var places: [String: (name: String, path: String)] = [:]
  /// What other threads answer.
  let answers: LaneAnswers
  /// The effects of the actions that were called.
  var effects: [ActionName: Effect] = [:]
  /// How many runs are under way at once; the others wait until one has ended.
  var maximumActive = 10_000
  /// What others need to stop a run that computes; nil when all is on one thread.
  var mailbox: LaneMailbox?
  private var requests = Fifo<Request>()
  private var active: [UInt64: Active] = [:]
  private var tasks = TaskQueue()
  private var timers: Timers
  private var isTicking = false
  private var turns = 0
  /// How many runs have begun to wait for the journal since it was told to hurry.
  private var gathered = 0
  private var lastNumber: UInt64 = 0

  /// The longest single wait for a call, so that a stop signal is never missed for longer.
  private static let longestWait = Duration.milliseconds(200)
  private static let tick = Duration.milliseconds(1)
  /// The ticks after which a run is stopped that holds up others and cannot be preempted: a second.
  private static let longestHold = 1000
  /// How long writes that have left may take when a person stops a run.
  private static let longestReturn = Duration.seconds(5)
  /// How many runs start in one turn, so that thousands of them do not hold up those that are under way.
  private static let startsPerTurn = 16
  /// How many runs are ready or wait for the disk when no more are started.
  ///
  /// More would gain nothing, and take the processor's caches from each other; fewer would leave the lane without work while the
  /// disk is waited for.
  private static let enoughUnderWay = 32
  /// After how many turns a run is started all the same.
  private static let longestStartPause = 16

  /// Makes a lane on this thread.
  public init(backend: any Backend, _ configuration: Configuration = Configuration()) {
    self.backend = backend
    self.configuration = configuration
    planner = configuration.planner
    onDecision = configuration.onDecision
    answers = LaneAnswers(wake: backend.wake)
    timers = Timers(configuration.clock)
  }

  // MARK: - Running to the end

  /// Runs a script for one account, from start to end.
  ///
  /// Blocks the calling thread. Ends early when the time limit passes or the ``StopSignal`` arrives: a script that computes
  /// is stopped at its next instruction, and a write that has left is waited for.
  public func run(_ generation: Generation, _ options: RunOptions) -> RunOutcome {
    runAll([(generation, options)], concurrency: 1)[0]
  }

  /// Runs a script that belongs to no project, as its generation is run.
  public func run(_ script: Script, _ options: RunOptions) -> RunOutcome {
    run(Generation(script), options)
  }

  /// Runs a script several times, for several accounts as a rule, a few at once on this thread.
  ///
  /// - Parameters:
  ///   - script: What is run.
  ///   - all: What each run is started with.
  ///   - concurrency: How many run at once, at least 1.
  /// - Returns: How the runs ended, in the order of `all`.
  public func runAll(
    _ script: Script, _ all: [RunOptions], concurrency: Int
  ) -> [RunOutcome] {
    let generation = Generation(script)
    return runAll(all.map { (generation, $0) }, concurrency: concurrency)
  }

  private func runAll(
    _ all: [(generation: Generation, options: RunOptions)], concurrency: Int
  ) -> [RunOutcome] {
    var outcomes = [RunOutcome?](repeating: nil, count: all.count)
    maximumActive = max(1, concurrency)
    for (index, (generation, options)) in all.enumerated() {
      lastNumber += 1
      request(
        Request(number: lastNumber, generation: generation, options: options) {
          outcomes[index] = $0
        })
    }
    while !isIdle {
      turn()
      if StopSignal.hasArrived { stopAll() }
    }
    rest()
    return outcomes.map { $0 ?? .notStarted(.stopped(at: nil)) }
  }

  // MARK: - Runs

  /// Whether no run is under way or waits to start.
  var isIdle: Bool { active.isEmpty && requests.isEmpty }

  /// How many runs are under way or wait to start.
  var load: Int { active.count + requests.count }

  /// A number for a run that begins on this thread.
  func nextNumber() -> UInt64 {
    lastNumber += 1
    return lastNumber
  }

  /// Starts a run as soon as there is room; the loop has to ``turn()`` until it ends.
  func request(_ request: Request) { requests.append(request) }

  private var canStart: Bool { !requests.isEmpty && active.count < maximumActive }

  private var isBusy: Bool { tasks.readyCount + answers.expected >= Self.enoughUnderWay }

  /// Starts runs that wait for room.
  private func startSome() {
    for count in 0..<Self.startsPerTurn where canStart {
      if isBusy, count > 0 || turns % Self.longestStartPause != 0 { return }
      if let request = requests.popFirst() { begin(request) }
    }
  }

  private func begin(_ request: Request) {
    let start = clock.now
    var begun: Run?
    do {
      let run = try Run(self, request.options, number: request.number, startedAt: start)
      begun = run
      try run.start(request.generation)
      active[run.number] = Active(run: run, start: start, timer: nil, onEnd: request.onEnd)
      mailbox?.add(run.lua.interrupter, of: run.number)
      if let time = request.options.budget.time { limit(run, to: time, from: start) }
    } catch {
      let failure = RunFailure(starting: error)
      begun?.recordFailedStart(failure)
      begun?.close()
      request.onEnd(.notStarted(failure))
    }
  }

  /// Adds a run whose task is ready, as a line of a session is; the loop has to ``turn()`` until it ends.
  func add(_ run: Run, startedAt start: Int64, onEnd: @escaping (RunOutcome) -> Void) {
    active[run.number] = Active(run: run, start: start, timer: nil, onEnd: onEnd)
    if let time = run.budget.time { limit(run, to: time, from: start) }
  }

  /// Ends a run that waits when its time is over; one that computes is stopped by the next tick.
  func limit(_ run: Run, to time: Duration, from start: Int64) {
    if let earlier = active[run.number]?.timer { timers.remove(earlier) }
    let left = start + time.wholeNanoseconds - clock.now
    active[run.number]?.timer = after(.nanoseconds(max(0, left))) { [weak self, weak run] in
      guard let self, let run else { return }
      run.abort { .timeLimit(time, at: $0) }
      finish(run)
    }
  }

  /// Where the youngest run is, besides one; nil when there is no other.
  func place(besides number: UInt64) -> LuaError.Location? {
    active.keys.filter { $0 != number }.max().flatMap { active[$0]?.run.place }
  }

  /// Stops a run, as if a person had: writes that have left come back first.
  func stop(_ number: UInt64) {
    if let run = active[number]?.run {
      run.stop { .stopped(at: $0) }
      finish(run)
      if run.result == nil { waitForWrites(of: run) }
      return
    }
    for request in requests.removeAll(where: { $0.number == number }) {
      request.onEnd(.notStarted(.stopped(at: nil)))
    }
  }

  private func waitForWrites(of run: Run) {
    configuration.onLastWrites(run.options.account, run.returningWrites)
    let earlier = active[run.number]?.timer
    if let earlier { timers.remove(earlier) }
    active[run.number]?.timer = after(Self.longestReturn) { [weak self, weak run] in
      guard let self, let run else { return }
      run.abort { .stopped(at: $0) }
      finish(run)
    }
  }

  /// Stops all runs, also those that have not started.
  func stopAll() {
    for request in requests.removeAll(where: { _ in true }) {
      request.onEnd(.notStarted(.stopped(at: nil)))
    }
    for (number, entry) in active.sorted(by: { $0.key < $1.key }) where !entry.run.isOver {
      stop(number)
    }
  }

  /// Reports a run that has a result; does nothing for one that has none yet.
  func finish(_ run: Run) {
    guard let result = run.result, active[run.number] != nil else { return }
    let isRecorded = run.isEndRecorded(result)
    // While the disk is waited for, the state is of no use.
    mailbox?.remove(run.number)
    run.close()
    guard isRecorded, let entry = active.removeValue(forKey: run.number) else { return }
    if let timer = entry.timer { timers.remove(timer) }
    run.statistics.duration = .nanoseconds(clock.now - entry.start)
    entry.onEnd(
      RunOutcome(
        runID: run.id, result: result, statistics: run.statistics,
        isRecorded: run.journal != nil))
  }

  // MARK: - The loop

  /// Starts runs that wait for room, and resumes the task whose turn it is; waits for calls and timers when there is none.
  func turn() {
    startSome()
    guard let task = tasks.next() else {
      if !isIdle, !canStart || isBusy { wait() }
      return
    }
    setTicking(true)
    // On a thread of a runtime other runs may come at any time.
    let isShared = mailbox != nil || active.count > 1
    task.run.lua.limitHolding(toTicks: isShared ? Self.longestHold : nil)
    task.run.resume(task)
    finish(task.run)
    turns += 1
    // What computes must not keep what waits from its answers, nor whoever gives them from a processor.
    if task.preemptions > 0 { Threads.yield() }
    if turns % 32 == 0 || task.preemptions > 0 { pollNow() }
  }

  /// Lets calls and timers get on; returns after the first of them.
  func wait() {
    setTicking(false)
    let due = timers.takeDue()
    for action in due { action() }
    if answers.deliver() || !due.isEmpty || backend.takeTurn() { return }
    // The clock stands still while the disk is waited for.
    if clock.isVirtual, answers.expected == 0, let next = timers.next {
      configuration.beforeJump()
      return clock.advance(to: clock.now + next.wholeNanoseconds)
    }
    if gathered > 0 { hurry() }
    answers.wait {
      backend.poll(timeout: max(.zero, min(timers.next ?? Self.longestWait, Self.longestWait)))
    }
    _ = answers.deliver()
  }

  /// Notes that a run waits for the journal, which gathers such waits; hurries when half of the runs do, or enough of them.
  func noteGathering() {
    gathered += 1
    if gathered >= min(active.count / 2, Self.enoughUnderWay) { hurry() }
  }

  private func hurry() {
    gathered = 0
    configuration.journal?.hurry()
  }

  /// Lets calls and timers that are due get on, without waiting for them.
  func pollNow() {
    for action in timers.takeDue() { action() }
    _ = answers.deliver()
    backend.poll(timeout: .zero)
  }

  /// Ticks are for the time in which scripts run; in waits they would only wake the thread.
  private func setTicking(_ isWanted: Bool) {
    if isTicking == isWanted { return }
    isTicking = isWanted
    if isWanted { Ticks.start(every: Self.tick) } else { Ticks.stop() }
  }

  /// Ends what the loop holds on to while nothing is under way.
  func rest() {
    setTicking(false)
    tasks.forgetEnded()
  }

  func makeReady(_ task: RunTask) {
    if task.isComputing { tasks.appendComputing(task) } else { tasks.append(task) }
  }

  /// Calls a function once after a delay, from the loop.
  func after(_ delay: Duration, _ action: @escaping () -> Void) -> Timers.ID {
    timers.add(after: delay, action)
  }

  func cancel(_ timer: Timers.ID) { timers.remove(timer) }
}
