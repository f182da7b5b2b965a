import Lua
import RefoldActions

/// One execution of a script for one account: its Lua state, its tasks and its result.
final class Run {
  /// What the main task is executing.
  private enum Phase { case chunk, function }

  let lane: Lane
  let options: RunOptions
  /// By which the lane knows it.
  let number: UInt64
  let id: String
  /// Its Lua state; there until ``close()``.
  unowned let lua: LuaState
  private var ownedState: LuaState?
  let modules: ModuleLoader
  /// What is run, as it was when the run was started; nil for a line of a session.
  private(set) var generation: Generation?
  var statistics = RunStatistics()
  /// The limits, with those that the script declares.
  private(set) var budget: Budget
  /// What may be read and written, with what the script declares.
  private(set) var permissions: [Permissions]
  /// The accounts beside the run's own that may be used.
  private(set) var otherAccounts: Set<String>
  private(set) var outputBytes = 0
  /// How the run ended; nil while it runs, or waits for writes that have left.
  private(set) var result: Result<[UInt8], RunFailure>?
  /// Why the run is over, while it waits for writes that have left.
  private var ending: (failure: RunFailure, returning: Returning)?
  private(set) var current: RunTask?
  /// The task that a tick has suspended at some instruction: others of the run have to wait until it waits or ends, since
  /// they share variables with it.
  private var preempted: RunTask?
  /// The tasks that could go on, but wait for ``preempted``.
  private var held: [RunTask] = []
  private var main: RunTask?
  private var phase = Phase.chunk
  private let start: Int64
  /// The end of the run's time on the lane's clock.
  private(set) var deadline: Int64?
  /// The failure of the child that failed last; its error value is in the registry, under ``childErrorField``.
  private var childFailure: RunFailure?
  private static let childErrorField = "refold.childError"
  private var lastGroup = 0
  /// The claims of `refold.once` whose functions are under way.
  var claims: [HeldClaim] = []
  /// Nil when nothing of the run is recorded.
  var journal: RunJournal?
  var recording = Recording.notBegun
  /// The name under which the script's values are kept.
  private(set) lazy var scriptName =
    generation.map { lane.place(of: $0).name } ?? Session.place
  /// Takes what a line of a session returns or raises; nil for the run of a script.
  var line: SessionLine?
  /// What a test is run with; nil for every other run.
  var test: TestHost?

  /// Makes the run of one line of a session, on the state that all of its lines share.
  init(_ lane: Lane, _ options: RunOptions, line: SessionLine, startedAt start: Int64) {
    self.lane = lane
    self.options = options
    number = lane.nextNumber()
    otherAccounts = options.otherAccounts
    self.line = line
    (id, lua, modules) = (line.session.id, line.session.lua, line.session.modules)
    ownedState = line.session.lua
    budget = options.budget
    permissions = options.permissions
    self.start = start
    applyBudget()
  }

  init(_ lane: Lane, _ options: RunOptions, number: UInt64, startedAt start: Int64) throws {
    self.lane = lane
    self.options = options
    self.number = number
    self.id = options.resumption?.run.id ?? options.facts?.runID ?? RunID.make()
    self.budget = options.budget
    self.permissions = options.permissions
    self.otherAccounts = options.otherAccounts
    let state = try LuaState(memoryLimit: options.budget.memoryBytes)
    (self.lua, self.ownedState) = (state, state)
    self.modules = ModuleLoader()
    self.start = start
    lua.isPreemptible = lane.configuration.sharesTime
    applyBudget()
  }

  /// Loads a script that belongs to no project and makes its task ready.
  func start(_ script: Script) throws {
    try start(Generation(script))
  }

  /// Loads the script and makes its task ready.
  func start(_ generation: Generation) throws {
    // Data that is wrong must not be found out in the middle of a run.
    _ = try generation.customer.get()
    lua.attachment = self
    self.generation = generation
    openJournal(of: generation)
    modules.source = .generation(generation)
    try install(in: lua)
    let thread = try LuaThread(lua)
    lane.planner?.makeRoom(in: thread)
    do {
      switch generation.entry {
      case .source(let source): try thread.load(source, name: "@" + generation.script)
      case .version(let version): try thread.load(try version.chunk.get())
      }
    } catch {
      if error.code == .memory { throw error }
      throw RunFailure.syntax(error)
    }
    let task = RunTask(self, thread)
    main = task
    lane.makeReady(task)
  }

  /// Makes a task ready whose function is loaded already.
  func start(_ task: RunTask) {
    lua.attachment = self
    main = task
    lane.makeReady(task)
  }

  /// Breaks the ties between the run and its state, so that both are freed; does nothing the second time.
  func close() {
    guard let state = ownedState else { return }
    _ = main?.cancel()
    interruptClaims()
    main = nil
    current = nil
    preempted = nil
    held = []
    state.attachment = nil
    ownedState = nil
  }

  /// Whether nothing of the script is resumed any more.
  var isOver: Bool { result != nil || ending != nil }

  // MARK: - Tasks

  /// Continues a task: with the results of the call that it waited for, or from its start.
  ///
  /// Does nothing yet when another task of the run was suspended in the middle of something.
  func resume(_ task: RunTask) {
    if let preempted, preempted !== task, !preempted.isCancelled { return held.append(task) }
    preempted = nil
    defer { releaseHeld() }
    guard !isOver, !task.isCancelled else { return }
    if task.waitsFor != nil { task.preemptions = 0 }
    let delivery = task.waitsFor?.delivery
    task.waitsFor = nil
    current = task
    let resumption = task.thread.resume { stack in
      if let delivery { return try delivery(stack) }
      guard let (group, index) = task.membership else { return 0 }
      return group.pushArguments(of: index, on: stack)
    }
    current = nil
    handle(resumption, of: task)
  }

  private func releaseHeld() {
    guard preempted == nil, !held.isEmpty else { return }
    for task in held { lane.makeReady(task) }
    held = []
  }

  private func handle(_ resumption: LuaThread.Resumption, of task: RunTask) {
    // What ended the run while the task ran counts, even if the task came to its own end before it was stopped.
    if isOver { return }
    switch resumption {
    case .suspended: break
    case .preempted:
      task.preemptions += 1
      preempted = task
      lane.makeReady(task)
    case .returned(let count):
      if let line, task.membership == nil {
        line.take(results: count, of: task)
        return result = .success([])
      }
      task.thread.withStack { stack in
        if count == 0 { stack.pushNil() }
        if count > 1 { stack.pop(count - 1) }
      }
      guard let (group, index) = task.membership else { return finishPhase(of: task) }
      group.childReturned(task, index)
    case .failed(let error):
      // What ends the run ends it from a child as well.
      if let (group, index) = task.membership, !error.endsRun {
        return group.childFailed(task, index, error)
      }
      let failure = failure(of: task, error)
      line?.take(errorOf: task)
      stop { _ in failure }
    }
  }

  /// Describes why a task failed; when it only passed on the error of a child, as the child's failure.
  private func failure(of task: RunTask, _ error: LuaError) -> RunFailure {
    let failure = RunFailure(error, of: task.thread, budget: budget)
    guard var first = childFailure else { return failure }
    let isPassedOn = task.thread.withStack { stack in
      stack.pushRegistryField(Self.childErrorField)
      defer { stack.pop() }
      return stack.rawEqual(-1, -2)
    }
    guard isPassedOn else { return failure }
    first.traceback = [first.traceback, failure.traceback].compactMap { $0 }.joined(separator: "\n")
    return first
  }

  /// Remembers how a child failed, with the error that is on top of its stack.
  ///
  /// - Parameter origin: Which child it is, and where it was started.
  func noteFailure(of child: RunTask, _ error: LuaError, origin: String) {
    var failure = failure(of: child, error)
    failure.traceback = (failure.traceback ?? "") + "\n\t" + origin
    childFailure = failure
    child.thread.withStack { stack in
      stack.pushCopy(of: -1)
      stack.setRegistryField(Self.childErrorField)
    }
  }

  /// Makes a child of a group, ready to run.
  func startChild(_ index: Int, of group: TaskGroup) throws(LuaError) -> RunTask {
    let thread = try LuaThread(lua)
    lane.planner?.makeRoom(in: thread)
    let task = RunTask(self, thread, in: (group, index))
    thread.withStack { group.pushFunction(of: index, on: $0) }
    lane.makeReady(task)
    return task
  }

  /// A number for the next group of children.
  func nextGroup() -> Int {
    lastGroup += 1
    return lastGroup
  }

  /// Lets the current task wait for a call, or delivers its results when it has completed already.
  func settle(_ call: PendingCall, on stack: borrowing LuaStack) throws -> LuaOutcome {
    if let delivery = call.delivery { return .results(try delivery(stack)) }
    guard let task = current else {
      throw LuaError("a call that waits needs a run")
    }
    call.waiter = task
    task.waitsFor = call
    return .suspend
  }

  // MARK: - The end

  /// The innermost line of its main task.
  var place: LuaError.Location? { main?.thread.withStack { $0.location() } }

  /// Ends the run: gives up what its tasks wait for, and lets the writes that have left come back first.
  ///
  /// No task is resumed from now on. Does nothing for a run that is over.
  func stop(_ describe: (LuaError.Location?) -> RunFailure) {
    guard !isOver else { return }
    let failure = describe(place)
    let left = main?.cancel() ?? []
    if left.isEmpty {
      result = .failure(failure)
    } else {
      let returning = Returning(left) { [unowned self] in
        result = .failure(failure)
        lane.finish(self)
      }
      ending = (failure, returning)
    }
  }

  /// The writes that have left and are waited for, while the run ends, as `app.action`.
  var returningWrites: [String] { ending?.returning.calls.compactMap(\.writeInFlight) ?? [] }

  /// Ends the run now; writes that have left get an unknown outcome.
  func abort(_ describe: (LuaError.Location?) -> RunFailure) {
    stop(describe)
    guard result == nil, let (failure, returning) = ending else { return }
    for call in returning.calls {
      if let write = call.writeInFlight { statistics.unknownWrites.append(write) }
      call.onReturn = {}
      call.abandon()
    }
    result = .failure(failure)
  }

  // MARK: - Limits

  /// Passes on what the script logged.
  func log(_ line: LogLine) {
    var line = line
    line.account = options.account
    line.runID = id
    lane.configuration.log(line)
    journal?.note(line)
  }

  /// Ends the run because a limit is reached; the script is not resumed, and nothing in it can catch that.
  func end(_ failure: RunFailure, at location: LuaError.Location?) {
    guard !isOver else { return }
    var failure = failure
    failure.location = location
    stop { _ in failure }
    // Should the script still be on its way to its next call, it is stopped there.
    lua.setDeadline(atTick: 1)
  }

  /// Puts the limits of time, memory and instructions into force.
  private func applyBudget() {
    deadline = budget.time.map { start + $0.wholeNanoseconds }
    lua.setDeadline(atTick: lane.clock.isVirtual ? lane.configuration.computeDeadline : deadline)
    lua.memoryLimit = budget.memoryBytes
    if let count = budget.instructions { lua.limitInstructions(to: count) }
  }

  /// Counts output; ends the run when it is too much.
  ///
  /// - Returns: Whether there is room for it.
  func countOutput(_ bytes: Int, at location: LuaError.Location?) -> Bool {
    outputBytes += bytes
    if outputBytes <= budget.outputBytes { return true }
    end(.outputLimit(budget.outputBytes), at: location)
    return false
  }

  /// Takes over what the script declares about its limits and permissions.
  private func declare(_ declared: DeclaredScript) {
    let earlier = budget
    budget = budget.limited(by: declared.budget)
    if budget != earlier { applyBudget() }
    if let time = budget.time, time != earlier.time { lane.limit(self, to: time, from: start) }
    if let permitted = declared.permissions { permissions.append(permitted) }
    otherAccounts.formUnion(declared.accounts)
  }

  // MARK: - Results

  /// The chunk or the script's function has returned: call the next function, or take the result.
  private func finishPhase(of task: RunTask) {
    do {
      if options.isDescribed {
        let data = try customerData()
        let json = try task.thread.withStack { try ScriptDescription.json(of: $0, config: data) }
        return result = .success(json)
      }
      if phase == .chunk, try prepareFunction(of: task) {
        phase = .function
        current = task
        let resumption = task.thread.resume { stack in try pushArguments(on: stack) }
        current = nil
        return handle(resumption, of: task)
      }
      result = .success(try encodeResult(of: task))
    } catch let failure as RunFailure {
      result = .failure(failure)
    } catch {
      result = .failure(
        RunFailure(.script, code: "script_error", message: String(describing: error)))
    }
  }

  /// Leaves the script's function on top of the stack, when the chunk returned one or a declared script.
  private func prepareFunction(of task: RunTask) throws -> Bool {
    try task.thread.withStack { stack in
      switch stack.type(at: -1) {
      case .function: return true
      case .table:
        guard stack.pushField("run", at: -1) == .function else {
          stack.pop()
          return false
        }
        stack.pop()
        declare(try DeclaredScript(of: stack))
        try DeclaredScript.checkInput(of: stack, input: options.input)
        stack.pushField("run", at: -1)
        return true
      default: return false
      }
    }
  }
}
