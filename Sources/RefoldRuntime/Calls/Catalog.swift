import RefoldActions

/// What a backend offers: actions and their parameter schemas, looked up once and kept for five minutes.
///
/// Several calls that ask for the same thing at the same time share one look-up. Failures are not kept.
final class Catalog {
  typealias Completion = (Result<Reply, ActionError>) -> Void

  private enum Entry {
    case loading([Completion])
    case known(Reply, until: Int64)
  }

  private struct Key: Hashable {
    let operation: ActionCall.Operation
    let account: String
  }

  private let caller: Caller
  private var entries: [Key: Entry] = [:]
  private var parameters: [Key: (until: Int64, schema: ParameterSchema)] = [:]
  private static let lifetimeNanoseconds: Int64 = 300 * 1_000_000_000

  init(caller: Caller) {
    self.caller = caller
  }

  /// Looks an operation up; completes at once when the answer is known.
  func look(_ operation: ActionCall.Operation, account: String, _ completion: @escaping Completion)
  {
    let key = Key(operation: operation, account: account)
    switch entries[key] {
    case .known(let reply, let until) where until > caller.now:
      return completion(.success(reply))
    case .loading(let others):
      entries[key] = .loading(others + [completion])
      return
    default: break
    }
    entries[key] = .loading([completion])
    let call = ActionCall(operation: operation, account: account)
    caller.begin(call) { [weak self] result in
      self?.finish(key, result)
    }
  }

  private func finish(_ key: Key, _ result: Result<Reply, ActionError>) {
    guard case .loading(let completions) = entries.removeValue(forKey: key) else { return }
    if case .success(let reply) = result {
      let until = caller.now + Self.lifetimeNanoseconds
      entries[key] = .known(reply, until: until)
    }
    for completion in completions { completion(result) }
  }

  /// Looks the parameters of an action up.
  func parameters(
    app: String, action: String, account: String,
    _ completion: @escaping (Result<ParameterSchema, ActionError>) -> Void
  ) {
    let operation = ActionCall.Operation.schema(app: app, action: action)
    let key = Key(operation: operation, account: account)
    if let known = parameters[key], known.until > caller.now {
      return completion(.success(known.schema))
    }
    look(operation, account: account) { [weak self] result in
      switch result {
      case .failure(let error) where error.status == 404 && error.kind == .permanent:
        self?.explain(error, app: app, action: action, account: account) {
          completion(.failure($0))
        }
      case .failure(let error): completion(.failure(error))
      case .success(let reply):
        let schema = Result { () throws(ActionError) in
          try Self.schema(in: reply, operation, account)
        }
        if let self, case .success(let schema) = schema {
          parameters[key] = (caller.now + Self.lifetimeNanoseconds, schema)
        }
        completion(schema)
      }
    }
  }

  private static func schema(
    in reply: Reply, _ operation: ActionCall.Operation, _ account: String
  ) throws(ActionError) -> ParameterSchema {
    do {
      return try ParameterSchema(ActionParameter.list(in: reply.body))
    } catch {
      let call = ActionCall(operation: operation, account: account)
      throw ReplyClassifier.unusable(reply, to: call, because: error.message)
    }
  }

  /// Looks an operation up as `look` does; an app that is not found is explained, with the nearest one.
  func explainedLook(
    _ operation: ActionCall.Operation, account: String, _ completion: @escaping Completion
  ) {
    look(operation, account: account) { [weak self] result in
      let call = ActionCall(operation: operation, account: account)
      guard let self, case .failure(let error) = result, error.status == 404,
        error.kind == .permanent, let app = call.app
      else { return completion(result) }
      explainApp(error, app: app, account: account) { completion(.failure($0)) }
    }
  }

  /// Names the app that is nearest to an unknown one; an app that is listed was not what was wrong.
  private func explainApp(
    _ error: ActionError, app: String, account: String,
    _ completion: @escaping (ActionError) -> Void
  ) {
    look(.applications, account: account) { result in
      // A look-up that fails too says more about what is wrong, such as an unknown account.
      guard case .success(let reply) = result else {
        if case .failure(let failure) = result {
          completion(failure.status == 404 ? failure : error)
        }
        return
      }
      let names = ((try? ApplicationStatus.list(in: reply.body)) ?? []).map(\.slug)
      completion(names.contains(app) ? error : .unknownApp(app, known: names, after: error))
    }
  }

  /// Finds out whether a call was refused because the app is not connected, or no longer.
  ///
  /// The API's answer alone does not tell that from a bad key; the state of the app does.
  func explainRefusal(
    _ error: ActionError, app: String, account: String,
    _ completion: @escaping (ActionError) -> Void
  ) {
    let operation = ActionCall.Operation.application(app: app)
    let call = ActionCall(operation: operation, account: account)
    caller.begin(call) { result in
      let status = (try? result.get()).flatMap { try? ApplicationStatus.one(in: $0.body) }
      switch status?.connection {
      case .reauthRequired: completion(.reconnectNeeded(status?.name ?? app, after: error))
      case .notConnected: completion(.notConnected(status?.name ?? app, after: error))
      case .connected, nil: completion(error)
      }
    }
  }

  /// Finds out whether the app or the action is unknown, and names the nearest one.
  private func explain(
    _ error: ActionError, app: String, action: String, account: String,
    _ completion: @escaping (ActionError) -> Void
  ) {
    look(.actions(app: app), account: account) { [weak self] result in
      switch result {
      case .success(let reply):
        let names = ((try? ActionSummary.list(in: reply.body)) ?? []).map(\.actionID)
        completion(.unknownAction(app: app, action: action, known: names, after: error))
      case .failure(let failure) where failure.status == 404:
        self?.explainApp(error, app: app, account: account, completion)
      case .failure: completion(error)
      }
    }
  }
}

extension ActionError {
  static func unknownAction(
    app: String, action: String, known: [String], after error: ActionError
  ) -> ActionError {
    let list = "list them with 'refold actions \(app)'"
    let nearest = NearestName.of(action, in: known)
    return ActionError(
      kind: .permanent, status: 404, code: "unknown_action",
      message: "no action '\(app).\(action)'",
      hint: nearest.map { "did you mean '\(app).\($0)'? \(list.capitalizedFirst)" } ?? list,
      app: app, action: action, account: error.account, traceID: error.traceID)
  }

  static func unknownApp(_ app: String, known: [String], after error: ActionError) -> ActionError {
    let list = "list them with 'refold actions'"
    let nearest = NearestName.of(app, in: known)
    return ActionError(
      kind: .permanent, status: 404, code: "unknown_app", message: "no app '\(app)'",
      hint: nearest.map { "did you mean '\($0)'? \(list.capitalizedFirst)" } ?? list,
      app: app, account: error.account, traceID: error.traceID)
  }
}

extension ActionError {
  fileprivate static func reconnectNeeded(_ name: String, after error: ActionError) -> ActionError {
    var error = error
    error.code = "reconnect_needed"
    error.message =
      "the connection of \(name) for account '\(error.account ?? "")' has expired"
    error.hint = "have the customer reconnect \(name), then run again"
    return error
  }

  fileprivate static func notConnected(_ name: String, after error: ActionError) -> ActionError {
    var error = error
    error.code = "not_connected"
    error.message = "\(name) is not connected for account '\(error.account ?? "")'"
    error.hint = "have the customer connect \(name), then run again"
    return error
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
