import Lua
import RefoldActions

extension RefoldLibrary {
  /// What becomes of a failed action.
  enum Style {
    /// `refold.exec`: an error is raised.
    case raising
    /// `refold.try`: an error is returned as `nil, err`.
    case returning
  }

  /// `refold.exec(app, action, account?, params?, opts?)` and `refold.try` with the same arguments.
  static func exec(_ stack: borrowing LuaStack, style: Style) throws -> LuaOutcome {
    let request = try ExecRequest(stack)
    try requireSuspendable(stack)
    let run = try run(of: stack)
    if request.refusal == nil, let failure = run.limitReached(by: request.call) {
      run.end(failure, at: stack.location())
      // Never resumed: the run is over.
      return .suspend
    }
    switch run.journalAnswer(to: request, style) {
    case .call(let step): return try send(request, as: step, style, run, on: stack)
    case .result(let result, let step):
      return try settle(result, of: request, as: step, style, run, on: stack)
    case .lookUp(let lookUp): return try LookUpLibrary.begin(lookUp, run, on: stack)
    case .over: return .suspend
    }
  }

  /// Makes a call, and delivers its result to the script.
  static func send(
    _ request: ExecRequest, as step: StepRecord?, _ style: Style, _ run: Run,
    on stack: borrowing LuaStack
  ) throws -> LuaOutcome {
    let pending = PendingCall()
    run.begin(request, step, pending, completion(of: pending, request, style, run))
    return try run.settle(pending, on: stack)
  }

  /// Delivers a result that is known already.
  static func settle(
    _ result: Result<Reply, ActionError>, of request: ExecRequest, as step: StepRecord?,
    _ style: Style, _ run: Run, on stack: borrowing LuaStack
  ) throws -> LuaOutcome {
    let pending = PendingCall()
    pending.step = step
    completion(of: pending, request, style, run)(result)
    return try run.settle(pending, on: stack)
  }

  private static func completion(
    of pending: PendingCall, _ request: ExecRequest, _ style: Style, _ run: Run
  ) -> (Result<Reply, ActionError>) -> Void {
    { [weak run] result in
      // The step alone: what the call keeps must not keep the call.
      let step = pending.step
      let note = { run?.noteUnseen(request.call, result, step) ?? () }
      if pending.isGivenUp { note() } else { pending.onDrop = note }
      pending.complete { stack in try deliver(result, to: request, step, style, on: stack) }
    }
  }

  private static func deliver(
    _ result: Result<Reply, ActionError>, to request: ExecRequest, _ step: StepRecord?,
    _ style: Style, on stack: borrowing LuaStack
  ) throws -> Int {
    if case .failure(let error) = result, error.kind == .diverged {
      stack.attachment(as: Run.self)?.end(RunFailure(error), at: stack.location())
      throw error
    }
    do {
      try ReplyTable.pushExecuted(
        result.get(), to: request.call, isLazy: request.isLazy, on: stack)
      if request.call.effect == .write { stack.planner?.dress(stack) }
      stack.attachment(as: Run.self)?.noteWrite(request.call, .success(()))
      return 1
    } catch let error as ActionError {
      let run = stack.attachment(as: Run.self)
      run?.noteWrite(request.call, .failure(error))
      if case .success = result { run?.noteRefusal(error, in: step) }
      guard style == .returning else { throw error }
      stack.pushNil()
      error.pushErrorValue(on: stack)
      return 2
    }
  }
}
