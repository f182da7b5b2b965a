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

/// The arguments of `refold.exec`, read from the stack.
///
/// A class, since all that a call goes through holds on to it.
final class ExecRequest {
  private(set) var call: ActionCall
  private(set) var parameters: [GivenParameter] = []
  /// How often the call may be made, nil when the script does not say.
  private(set) var maximumAttempts: Int?
  /// Whether arrays and objects of the result become lazy views.
  private(set) var isLazy = false
  /// A permission or an encoding failed: the call must not be sent.
  private(set) var refusal: ActionError?
  /// Where the script makes the call; only in a plan, and when the run has a journal.
  private(set) var place: LuaError.Location?

  init(_ stack: borrowing LuaStack) throws {
    let app = try RefoldLibrary.name(1, "app", of: stack)
    let action = try RefoldLibrary.name(2, "action", of: stack)
    if stack.type(at: 3) == .table {
      throw stack.argumentError(
        3, "account",
        problem:
          "string expected, got table (parameters come fourth: pass nil for the run's account)")
    }
    let run = try RefoldLibrary.run(of: stack)
    call = ActionCall(operation: .execute(app: app, action: action), account: run.options.account)
    call.origin = CallOrigin(
      account: run.options.account, path: run.current?.nextStep() ?? [])
    do throws(ActionError) {
      call.account = try run.account(named: try stack.optionalAccount(3), for: call)
    } catch {
      refusal = error
    }
    // Calls are matched by what they send, so equal parameters need equal texts.
    let isJournaled = run.journal != nil
    if isJournaled || stack.planner != nil { place = stack.location() }
    try readParameters(stack, sortsKeys: isJournaled)
    try readOptions(stack)
    call.effect = run.effect(of: call, method: parameters.first { $0.name == "method" }?.text)
    if refusal == nil, call.effect == .write, run.current?.lookUp != nil {
      refusal = .lookUpWrites("\(app).\(action)")
    }
    if refusal == nil { refusal = run.refusal(of: call) }
  }

  private func readParameters(_ stack: borrowing LuaStack, sortsKeys: Bool) throws {
    guard try stack.optionalTable(4, "params") else {
      call.body = Array("{}".utf8)
      return
    }
    parameters = try GivenParameter.list(at: 4, of: stack)
    stack.planner?.excuse(&parameters, at: 4, of: stack)
    if parameters.isEmpty {
      call.body = Array("{}".utf8)
      return
    }
    do throws(JSONError) {
      var options = JSONEncodingOptions()
      options.sortsKeys = sortsKeys
      call.body = try stack.encodeJSON(at: 4, options: options)
    } catch {
      throw stack.argumentError(4, "params", problem: error.message)
    }
  }

  private func readOptions(_ stack: borrowing LuaStack) throws {
    guard try stack.optionalTable(5, "opts") else { return }
    var names: [String] = []
    stack.forEachEntry(at: 5) { stack in names.append(stack.displayText(at: -2)) }
    for name in names.sorted() where !["find", "key", "lazy", "timeout", "retry"].contains(name) {
      throw stack.argumentError(
        5, "opts",
        problem: "unknown option '\(name)' (use 'find', 'key', 'lazy', 'retry' or 'timeout')")
    }
    if stack.pushField("find", at: 5) != .nil, stack.type(at: -1) != .function {
      throw stack.argumentError(5, "opts", problem: "option 'find' must be a function")
    }
    if stack.pushField("retry", at: 5) != .nil {
      if let isRetried = stack.boolean(at: -1) {
        maximumAttempts = isRetried ? nil : 1
      } else if let count = stack.integer(at: -1), (1...10).contains(count) {
        maximumAttempts = Int(count)
      } else {
        throw stack.argumentError(
          5, "opts",
          problem: "option 'retry' must be a boolean, or an integer of attempts from 1 to 10")
      }
    }
    if stack.pushField("lazy", at: 5) != .nil {
      guard let flag = stack.boolean(at: -1) else {
        throw stack.argumentError(5, "opts", problem: "option 'lazy' must be a boolean")
      }
      isLazy = flag
    }
    if stack.pushField("key", at: 5) != .nil {
      if PlaceholderLibrary.number(at: -1, of: stack) != nil {
        throw stack.argumentError(
          5, "opts", problem: "option 'key' is a \(PlaceholderLibrary.typeName)")
      }
      guard let key = stack.string(at: -1), !key.isEmpty else {
        throw stack.argumentError(5, "opts", problem: "option 'key' must be a string")
      }
      call.idempotencyKey = key
    }
    if stack.pushField("timeout", at: 5) != .nil {
      guard let seconds = stack.number(at: -1), seconds > 0, seconds <= 86_400 else {
        throw stack.argumentError(
          5, "opts", problem: "option 'timeout' must be seconds, more than 0 and at most 86400")
      }
      call.timeout = .nanoseconds(Int64(seconds * 1e9))
    }
    stack.pop(stack.count - 5)
  }
}

extension LuaStack {
  fileprivate func optionalAccount(_ position: Int) throws(ActionError) -> String? {
    if isAbsent(position) { return nil }
    if let account = string(at: position), !account.isEmpty { return account }
    throw ActionError(
      kind: .permission, code: "account_not_allowed", message: "the account must be a string",
      hint: "pass nil for the run's account")
  }
}
