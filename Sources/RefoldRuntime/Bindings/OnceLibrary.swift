import Lua
import Posix
import RefoldActions

/// `refold.once`: what is done at most once for a key and an account.
enum OnceLibrary {
  /// `refold.once(key, fn, opts?)`: what `fn` returns, or returned when it ran before.
  static func once(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let key = try StoreLibrary.key(1, of: stack)
    guard stack.type(at: 2) == .function else {
      throw stack.argumentError(2, "fn", expected: "function")
    }
    let window = try window(of: stack)
    try RefoldLibrary.requireSuspendable(stack)
    try DurableGlue.push("once", on: stack)
    stack.push(key)
    stack.pushCopy(of: 2)
    if let window { stack.push(window) } else { stack.pushNil() }
    return .call(arguments: 3)
  }

  private static func window(of stack: borrowing LuaStack) throws -> Double? {
    guard try stack.optionalTable(3, "opts") else { return nil }
    var names: [String] = []
    stack.forEachEntry(at: 3) { stack in names.append(stack.displayText(at: -2)) }
    for name in names.sorted() where name != "window" {
      throw stack.argumentError(3, "opts", problem: "unknown option '\(name)' (use 'window')")
    }
    guard stack.pushField("window", at: 3) != .nil else { return nil }
    defer { stack.pop() }
    // A hundred years, so that times stay within 64 bits.
    guard let seconds = stack.number(at: -1), seconds > 0, seconds <= 3_155_760_000 else {
      throw stack.argumentError(
        3, "opts", problem: "option 'window' must be seconds, more than 0 and at most 3155760000")
    }
    return seconds
  }

  // MARK: - For the glue

  /// `claim(key, window)`: a number of the claim, or nil and the result of the one that ran before.
  static func claim(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let key = try stack.string(1, "key")
    let window = stack.number(at: 2).map { Duration.nanoseconds(Int64($0 * 1e9)) }
    let run = try RefoldLibrary.run(of: stack)
    try run.refuseInLookUp("refold.once")
    if let task = run.current,
      run.claims.contains(where: { $0.claim.key == key && $0.task === task })
    {
      throw ActionError(
        kind: .permanent, code: "once_nested",
        message: "refold.once('\(key)') is called by its own function, and would wait for itself",
        hint: "use another key for the inner call")
    }
    let pending = PendingCall()
    var claim = StateClaim(account: run.options.account, key: key)
    if let journal = run.journal {
      claim.run = run.id
      claim.takesOver = journal.takesOver(key)
    }
    let attempt = ClaimAttempt(run, claim, window, pending, at: stack.location())
    attempt.begin()
    return try run.settle(pending, on: stack)
  }

  /// `settle(claim, ok, value)`: returns the value when it is durable that the function is done; else raises it.
  static func settle(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let token = try stack.integer(1, "claim")
    let run = try RefoldLibrary.run(of: stack)
    guard let claim = run.takeClaim(token) else { throw LuaError("the claim is gone") }
    stack.setCount(3)
    var end = StateClaim.End.released
    var problem: ActionError?
    let isDone = stack.boolean(at: 2) == true
    if isDone {
      do throws(JSONError) {
        end = .done(stack.isAbsent(3) ? nil : try StoreLibrary.json(at: 3, of: stack))
      } catch {
        end = .done(nil)
        problem = ActionError(
          kind: .permanent, code: "result_not_json",
          message:
            "refold.once('\(claim.key)') ran, but its result can't be kept: \(error.message)",
          hint:
            "return tables, strings, numbers, booleans and refold.null only; it is not run again")
      }
    }
    if let planner = run.lane.planner, !planner.keep(end, of: claim) {
      planner.endAtChangedText(run, at: stack.location())
    }
    let field = "refold.once.\(token)"
    stack.pushCopy(of: 3)
    stack.setRegistryField(field)
    let pending = PendingCall()
    run.lane.configuration.store.settle(
      claim, end,
      run.lane.answers.expect { [problem] result in
        pending.complete { stack in
          // What the script itself raised matters more than a claim that could not be given back.
          if !isDone { throw KeptError(field: field) }
          try result.get()
          if let problem { throw problem }
          stack.pushRegistryField(field)
          stack.pushNil()
          stack.setRegistryField(field)
          return 1
        }
      })
    return try run.settle(pending, on: stack)
  }
}

/// The error that the function of a script raised, kept in the registry while the claim is given back.
private struct KeptError: LuaErrorValue {
  let field: String
  var isLocated: Bool { true }

  func pushErrorValue(on stack: borrowing LuaStack) {
    stack.pushRegistryField(field)
    stack.pushNil()
    stack.setRegistryField(field)
  }
}

/// A wish to claim a key, repeated while somebody else is at it.
private final class ClaimAttempt {
  private weak var run: Run?
  private let lane: Lane
  private let claim: StateClaim
  private let window: Duration?
  private let pending: PendingCall
  private weak var task: RunTask?
  /// Where the script claims it.
  private let place: LuaError.Location?
  private var pause = Duration.milliseconds(2)
  private static let longestPause = Duration.milliseconds(100)

  init(
    _ run: Run, _ claim: StateClaim, _ window: Duration?, _ pending: PendingCall,
    at place: LuaError.Location?
  ) {
    self.place = place
    self.run = run
    self.claim = claim
    self.window = window
    self.pending = pending
    lane = run.lane
    task = run.current
  }

  func begin() {
    let answers = lane.answers
    lane.configuration.store.claim(claim, window: window, answers.expect { self.take($0) })
  }

  private func take(_ result: Result<StateClaim.Answer, ActionError>) {
    if let planner = lane.planner, case .success(let answer) = result {
      // One that somebody else is at is asked for again until it has ended.
      if case .running = answer {} else { planner.see(answer, of: claim) }
    }
    switch result {
    case .failure(let error): pending.complete { _ in throw error }
    case .success(.won): won()
    case .success(.running): tryAgain()
    case .success(.done(let result)):
      pending.complete { stack in
        stack.pushNil()
        if let result {
          try StoreLibrary.push(
            StateEntry(key: self.claim.key, value: result, version: 1), on: stack)
        } else {
          stack.pushNil()
        }
        return 2
      }
    case .success(.interrupted(let since)):
      let error = Self.interrupted(claim, since)
      pending.complete { _ in throw error }
    }
  }

  private func won() {
    guard !pending.isGivenUp, let run, let task, !run.isOver else {
      // Nobody wants it any more, and nothing was done.
      return lane.configuration.store.settle(claim, .released) { _ in }
    }
    run.claims.append(.init(claim: claim, task: task))
    lane.planner?.keep(claim, window: window, at: place)
    let token = claim.token
    pending.complete { stack in
      stack.push(token)
      return 1
    }
  }

  private func tryAgain() {
    guard !pending.isGivenUp else { return }
    let timer = lane.after(pause) { self.begin() }
    pending.abandon = { [lane] in lane.cancel(timer) }
    pause = min(pause * 2, Self.longestPause)
  }

  private static func interrupted(_ claim: StateClaim, _ since: Duration) -> ActionError {
    ActionError(
      kind: .unknownOutcome, code: "once_interrupted",
      message: "refold.once('\(claim.key)') began at \(UTCTime(since)) and was interrupted: "
        + "nobody knows how much of it was done",
      hint: "look in the apps what was done, then allow it again with "
        + "'refold state delete --once --account \(ShellWord.of(claim.account)) \(ShellWord.of(claim.key))'",
      account: claim.account)
  }
}
