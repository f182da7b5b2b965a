import Lua
import RefoldActions

extension Lane {
  /// Whether an action reads or writes.
  public func effect(app: String, action: String, method: String? = nil) -> Effect {
    let name = ActionName(app: app, action: action, method: method)
    if let known = effects[name] { return known }
    let effect = configuration.rules.effect(
      app: app, action: action, method: method,
      connector: backend.effect(app: app, action: action))
    effects[name] = effect
    return effect
  }

  /// What an effect depends on.
  struct ActionName: Hashable {
    let app: String
    let action: String
    let method: String?
  }
}

extension Run {
  // MARK: - Accounts

  /// Reads an optional account argument: the run's own when it is nil.
  func account(_ position: Int, of stack: borrowing LuaStack) throws -> String {
    let name = try stack.optionalString(position, "account")
    return try account(
      named: name, for: ActionCall(operation: .applications, account: options.account))
  }

  /// Returns the account to use.
  ///
  /// Only the run's own is allowed.
  func account(named name: String?, for call: ActionCall) throws(ActionError) -> String {
    guard let name, name != options.account else { return options.account }
    if otherAccounts.contains(name) { return name }
    throw ActionError(
      .permission, code: "account_not_allowed",
      message: "account '\(name)' is not the account of this run, '\(options.account)'",
      hint:
        "start a run for it with '--account \(name)', or name it in the script's permissions.accounts",
      about: call)
  }

  /// Returns why a call of an action is not permitted, and tells whoever keeps a record.
  func refusal(of call: ActionCall, _ app: String, _ action: String) -> ActionError? {
    let refused = permissions.lazy.compactMap { permissions in
      permissions.refusal(of: app, action, call.effect).map { (permissions.source, $0) }
    }.first
    lane.onDecision(
      PermissionDecision(
        runID: id, account: call.account, app: app, action: action, effect: call.effect,
        refusal: refused?.1))
    guard let (source, reason) = refused else { return nil }
    let list = call.effect == .write ? "write" : "read"
    let hint =
      switch source {
      case "'--read-only'": "run it without \(source)"
      case ScriptDescription.source: "make it in the function that the script returns"
      case Session.writesOff: "allow writes with ':writes on'"
      case _ where source.hasPrefix("'--"): "add '\(app):\(action)' to \(source)"
      default: "add '\(app).\(action)' to permissions.\(list) in \(source)"
      }
    return ActionError(.permission, code: "not_permitted", message: reason, hint: hint, about: call)
  }

  /// Returns why the run has to end when the call would be one too many.
  func limitReached(by call: ActionCall) -> RunFailure? {
    if statistics.reads + statistics.writes >= budget.calls { return .callLimit(budget.calls) }
    let isWrite = call.effect == .write
    return isWrite && statistics.writes >= budget.writes ? .writeLimit(budget.writes) : nil
  }

  // MARK: - Calls

  /// Looks something up in the catalog and pushes what `push` makes of the reply.
  func lookUp(
    _ operation: ActionCall.Operation, account: String, on stack: borrowing LuaStack,
    push: @escaping (borrowing LuaStack, Reply) throws -> Void
  ) throws -> LuaOutcome {
    try RefoldLibrary.requireSuspendable(stack)
    let pending = PendingCall()
    lane.catalog.explainedLook(operation, account: account) { result in
      pending.complete { stack in
        try push(stack, result.get())
        return 1
      }
    }
    return try settle(pending, on: stack)
  }

  /// Checks a request against the action's schema, then sends it.
  ///
  /// - Parameter step: The step that it is; nil without a journal.
  func begin(
    _ request: ExecRequest, _ step: StepRecord?, _ pending: PendingCall,
    _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) {
    if let refusal = request.refusal { return completion(.failure(refusal)) }
    lane.catalog.parameters(
      app: request.app, action: request.action, account: request.call.account
    ) { [weak self] result in
      guard let self, !pending.isGivenUp else { return }
      switch result {
      case .failure(let error): completion(.failure(error))
      case .success(let schema):
        if let problem = ParameterCheck.problem(
          with: request.parameters, for: schema, call: request.call)
        {
          completion(.failure(problem))
        } else {
          send(request, step, pending, completion)
        }
      }
    }
  }

  private func send(
    _ request: ExecRequest, _ step: StepRecord?, _ pending: PendingCall,
    _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) {
    if request.call.effect == .write { statistics.writes += 1 } else { statistics.reads += 1 }
    guard let completion = planned(request, pending, completion) else { return }
    guard let step, let journal else { return leave(request, pending, nil, completion) }
    let attempts = Attempts()
    let record = { (result: Result<Reply, ActionError>) in
      var step = step
      step.take(result)
      step.attempts = attempts.count
      pending.step = step
      if step.kind == .write { journal.settle(step) } else { journal.add(step) }
      completion(result)
    }
    if step.kind != .write { return leave(request, pending, attempts, record) }
    intend(step, pending, completion) { [weak self] in
      self?.leave(request, pending, attempts, record)
    }
  }

  /// How often a call was tried.
  private final class Attempts { var count = 1 }

  private func leave(
    _ request: ExecRequest, _ pending: PendingCall, _ attempts: Attempts?,
    _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) {
    let write = request.call.effect == .write ? "\(request.app).\(request.action)" : nil
    var limits = Caller.Limits()
    limits.policy.maximumAttempts = request.maximumAttempts ?? limits.policy.maximumAttempts
    limits.deadline = deadline
    limits.onFlight = { pending.writeInFlight = $0 ? write : nil }
    limits.isWanted = { !pending.isGivenUp }
    limits.onRetry = { [weak self] in
      attempts?.count += 1
      self?.noteRetry($0, at: request.place)
    }
    let catalog = lane.catalog
    let handle = lane.caller.begin(request.call, limits) { result in
      guard case .failure(let error) = result, error.kind == .auth else {
        return completion(result)
      }
      catalog.explainRefusal(error, app: request.app, account: request.call.account) {
        completion(.failure($0))
      }
    }
    pending.abandon = { handle.cancel() }
  }

  private func noteRetry(_ notice: RetryNotice, at place: LuaError.Location?) {
    statistics.repeats += 1
    lane.configuration.onRetry(notice)
    journal?.note(LogLine(level: .debug, message: notice.text, location: place))
  }

  // MARK: - What became of writes

  /// Counts a write that was applied, or whose outcome nobody knows.
  func noteWrite(_ call: ActionCall, _ result: Result<Void, ActionError>) {
    guard call.effect == .write, let app = call.app, let action = call.action else { return }
    switch result {
    case .success: statistics.applied["\(app).\(action)", default: 0] += 1
    case .failure(let error) where error.kind == .unknownOutcome:
      statistics.unknownWrites.append("\(app).\(action)")
    case .failure: break
    }
  }

  /// Counts a write whose answer no script sees.
  func noteUnseen(
    _ call: ActionCall, _ result: Result<Reply, ActionError>, _ step: StepRecord?
  ) {
    // Whoever aborted the run has counted what was in flight.
    guard self.result == nil else { return }
    let judged: Result<Void, ActionError> = result.flatMap { reply in
      do throws(JSONScanError) {
        let envelope = try Envelope.read(from: reply.body)
        let failure = ReplyClassifier.failure(ofEnvelope: envelope, reply: reply, call: call)
        return failure.map { .failure($0) } ?? .success(())
      } catch {
        return .failure(ReplyClassifier.unusable(reply, to: call, because: error.message))
      }
    }
    if case .success = result, case .failure(let error) = judged { noteRefusal(error, in: step) }
    noteWrite(call, judged)
  }
}
