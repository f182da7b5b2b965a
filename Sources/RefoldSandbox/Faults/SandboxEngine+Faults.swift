import RefoldActions

/// What becomes of a call to a sandbox with faults.
enum SandboxAnswer {
  case reply(Reply)
  /// The reply comes later.
  case slow(Reply)
  /// Nothing comes.
  case nothing
}

extension SandboxEngine {
  /// Answers a call, or fails it as the plan of faults says.
  ///
  /// - Throws: `ActionError` when the database fails.
  func answer(
    to call: ActionCall, filter: ApplicationFilter = ApplicationFilter()
  ) throws(ActionError) -> SandboxAnswer {
    guard let faults else { return .reply(try reply(to: call, filter: filter)) }
    if case .execute(let app, _) = call.operation, faults.isExpired(app, of: call.account) {
      try noteUnapplied(call, .expiredConnection, status: 401)
      return .reply(.expired(app))
    }
    guard let kind = faults.next(for: call) else {
      var reply = try reply(to: call, filter: filter)
      _ = faults.exchange(reply.body, of: call)
      reply.body = expiring(reply.body, for: call, faults)
      return .reply(reply)
    }
    if kind.isApplied { return try spoilt(kind, call, faults) }
    if kind == .timeoutBefore {
      try noteUnapplied(call, kind, status: nil)
      return .nothing
    }
    let reply = Reply.failure(kind, of: call.app ?? "")
    try noteUnapplied(call, kind, status: reply.status)
    return .reply(reply)
  }

  /// Carries a call out, and spoils its answer.
  private func spoilt(
    _ kind: Fault.Kind, _ call: ActionCall, _ faults: FaultPlan
  ) throws(ActionError) -> SandboxAnswer {
    fault = kind
    defer { fault = nil }
    var reply = try reply(to: call)
    let earlier = faults.exchange(reply.body, of: call)
    switch kind {
    case .timeoutAfter: return .nothing
    case .slow: return .slow(reply)
    case .truncated: reply.body = Array(reply.body.prefix(reply.body.count / 2))
    case .empty: reply.body = []
    case .repeatedCursor: reply.body = earlier ?? reply.body
    case .duplicate: reply.body = Self.duplicating(reply.body)
    default: break
    }
    return .reply(reply)
  }

  private func noteUnapplied(
    _ call: ActionCall, _ kind: Fault.Kind, status: Int?
  ) throws(ActionError) {
    guard call.effect == .write else { return }
    do {
      try store.note(call, at: clock(), applied: false, status: status, fault: kind.rawValue)
    } catch {
      throw .sandbox(error, path: path)
    }
  }

  /// Shows apps whose connection has expired as such.
  private func expiring(_ body: [UInt8], for call: ActionCall, _ faults: FaultPlan) -> [UInt8] {
    let isAboutApps =
      switch call.operation {
      case .application, .applications: true
      default: false
      }
    guard isAboutApps, let tree = try? JSONTree(body) else { return body }
    return Array(
      tree.mapObjects { object in
        guard let app = object["slug"]?.string, faults.isExpired(app, of: call.account) else {
          return object
        }
        return object.setting("reauth_required", to: .bool(true))
      }.text.utf8)
  }

  /// Puts the first record of the first list once more at its end.
  private static func duplicating(_ body: [UInt8]) -> [UInt8] {
    guard let tree = try? JSONTree(body) else { return body }
    var isDone = false
    return Array(duplicating(tree, &isDone).text.utf8)
  }

  private static func duplicating(_ tree: JSONTree, _ isDone: inout Bool) -> JSONTree {
    switch tree {
    case .array(let elements):
      guard !isDone, let first = elements.first, case .object = first else { return tree }
      isDone = true
      return .array(elements + [first])
    case .object(let members):
      return JSONTree(members: members.map { ($0.name, duplicating($0.value, &isDone)) })
    default: return tree
    }
  }
}

extension JSONTree {
  /// Returns the document with each object replaced, inner ones first.
  fileprivate func mapObjects(_ body: (JSONTree) -> JSONTree) -> JSONTree {
    switch self {
    case .object(let members):
      body(JSONTree(members: members.map { ($0.name, $0.value.mapObjects(body)) }))
    case .array(let elements): .array(elements.map { $0.mapObjects(body) })
    default: self
    }
  }

  fileprivate func setting(_ name: String, to value: JSONTree) -> JSONTree {
    guard case .object(let members) = self else { return self }
    return JSONTree(members: members.map { ($0.name, $0.value) } + [(name, value)])
  }
}

extension Reply {
  /// What the kit answers for an app that has to be connected again.
  fileprivate static func expired(_ app: String) -> Reply {
    .error(
      401, type: "UNAUTHORIZED", code: "EXTERNAL_API_FAILURE",
      message: "The connection of \(app) has expired, reauthentication is required")
  }

  /// The answer of a fault that leaves the call undone.
  fileprivate static func failure(_ kind: Fault.Kind, of app: String) -> Reply {
    switch kind {
    case .rateLimit, .rateLimitAfter:
      var reply = error(
        429, type: "TOO_MANY_REQUESTS", code: "SERVER_ERROR", message: "Rate limit exceeded")
      if kind == .rateLimitAfter { reply.retryAfter = .seconds(1) }
      return reply
    case .unavailable:
      return error(
        503, type: "SERVICE_UNAVAILABLE", code: "SERVER_ERROR", message: "Service unavailable")
    case .unauthorized: return invalidCredentials
    case .expiredConnection: return expired(app)
    case .nodeFailed: return json(#"{"data":{},"node_status":"Failed"}"#)
    case .appFailed:
      return json(
        #"{"data":{"message":"Bad gateway at the app"},"http_status":502,"node_status":"Failed"}"#)
    case .successFalse:
      return json(#"{"data":{"message":"The app refused the call"},"success":false}"#)
    case .errorCode:
      return error(
        400, type: "BAD_REQUEST", code: "VALIDATION_ERROR", message: "A value is not acceptable")
    case .errorWord:
      return error(
        409, type: "CONFLICT", code: "SERVER_ERROR", key: "error", message: "It exists already")
    case .errorType:
      return json(
        #"{"error_type":"BAD_REQUEST","message":"A value is not acceptable","request_id":"req_1","status_code":400}"#,
        status: 400)
    case .errorText:
      return json(#"{"error":"The upstream call broke","message":"Server Error"}"#, status: 500)
    case .html:
      return Reply(
        status: 502, body: Array("<html><head><title>502 Bad Gateway</title></head></html>".utf8),
        contentType: "text/html")
    default:
      return error(
        500, type: "INTERNAL_SERVER_ERROR", code: "INTERNAL_SERVER_ERROR",
        message: "Internal server error")
    }
  }
}
