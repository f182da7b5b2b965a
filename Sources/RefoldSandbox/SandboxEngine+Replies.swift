import Lua
import RefoldActions
import SQLite

extension SandboxEngine {
  /// Answers a call as the API does, with status and body.
  ///
  /// - Throws: `ActionError` when the database fails.
  public func reply(to call: ActionCall) throws(ActionError) -> Reply {
    try reply(to: call, filter: ApplicationFilter())
  }

  /// Answers a call; a list of apps shows those that the filter lets through.
  func reply(to call: ActionCall, filter: ApplicationFilter) throws(ActionError) -> Reply {
    if case .accounts(let page) = call.operation {
      return try reply(to: .list(page: page, limit: AccountPage.limit, search: ""))
    }
    do {
      if !(try store.hasAccount(call.account)) { return .unknownAccount(call.account) }
      switch call.operation {
      case .accounts, .applications: return try applications(call.account, filter)
      case .application(let app): return try application(app, call.account)
      case .config(let app): return try config(app, call.account)
      case .actions(let app): return try list("actions", app)
      case .schema(let app, let action): return try schema(app, action)
      case .execute(let app, let action): return try execute(app, action, call)
      }
    } catch {
      throw .sandbox(error, path: path)
    }
  }

  private func applications(_ account: String, _ filter: ApplicationFilter) throws -> Reply {
    try lua.withStack { stack in
      try pushList("application", account: account, on: stack) { filter.shows($0) }
      return try .json(stack)
    }
  }

  /// Pushes an array of what a function of the kit says about each app for an account.
  ///
  /// - Parameter isShown: Looks at the value on top of the stack, and decides whether the array holds it.
  func pushList(
    _ function: String, account: String, on stack: borrowing LuaStack,
    where isShown: (borrowing LuaStack) -> Bool
  ) throws {
    stack.pushTable(elements: apps.count)
    var count = 0
    for app in apps {
      try pushKit(function, for: app, on: stack)
      stack.push(account)
      try call(arguments: 2, results: 1, on: stack)
      guard isShown(stack) else {
        stack.pop()
        continue
      }
      count += 1
      stack.setElement(count, at: -2)
    }
    stack.markArray(at: -1)
  }

  private func application(_ app: String, _ account: String) throws -> Reply {
    guard hasApp(app) else { return .unknownSlug(app) }
    return try lua.withStack { stack in
      try pushKit("application", for: app, on: stack)
      stack.push(account)
      try self.call(arguments: 2, results: 1, on: stack)
      return try .json(stack)
    }
  }

  private func list(_ function: String, _ app: String) throws -> Reply {
    guard hasApp(app) else { return .unknownApp(app) }
    return try lua.withStack { stack in
      try pushKit(function, for: app, on: stack)
      try self.call(arguments: 1, results: 1, on: stack)
      return try .json(stack)
    }
  }

  private func schema(_ app: String, _ action: String) throws -> Reply {
    guard hasApp(app) else { return .unknownApp(app) }
    return try lua.withStack { stack in
      try pushKit("schema", for: app, on: stack)
      stack.push(action)
      try self.call(arguments: 2, results: 1, on: stack)
      return stack.type(at: -1) == .nil ? .unknownAction(action, of: app) : try .json(stack)
    }
  }

  private func execute(_ app: String, _ action: String, _ call: ActionCall) throws -> Reply {
    guard hasApp(app) else { return .unknownApp(app) }
    if try schema(app, action).status == 404 { return .unknownAction(action, of: app) }
    shelf = .init(account: call.account, app: app, kind: "")
    guard call.effect == .write else { return try run(app, action, call) }
    let (reply, isApplied) = try store.transaction {
      let reply = try run(app, action, call)
      let isApplied = reply.tellsOfSuccess
      try store.note(
        call, at: clock(), applied: isApplied,
        status: fault == .timeoutAfter ? nil : reply.status, fault: fault?.rawValue)
      return (reply, isApplied)
    }
    if isApplied { onWrite?(call, reply) }
    return reply
  }

  private func run(_ app: String, _ action: String, _ call: ActionCall) throws -> Reply {
    try lua.withStack { stack in
      try pushKit("execute", for: app, on: stack)
      stack.push(action)
      do throws(JSONError) {
        try stack.pushJSON(call.body.isEmpty ? Array("{}".utf8) : call.body)
      } catch {
        return .badRequest("the body is not JSON: \(error.message)")
      }
      guard stack.type(at: -1) == .table, !stack.isMarkedArray(at: -1) else {
        return .badRequest("the body must be a JSON object")
      }
      stack.pushRegistryField("records")
      stack.push(call.account)
      try self.call(arguments: 5, results: 2, on: stack)
      return try .json(stack, status: Int(stack.integer(at: -2) ?? 500))
    }
  }
}

extension Reply {
  /// Whether the app did what it was asked to.
  fileprivate var tellsOfSuccess: Bool {
    guard status < 300, let envelope = try? Envelope.read(from: body) else { return false }
    return !envelope.isFailure
  }

  /// The value on top of the stack as JSON.
  static func json(_ stack: borrowing LuaStack, status: Int = 200) throws -> Reply {
    var options = JSONEncodingOptions()
    options.sortsKeys = true
    let body = try stack.encodeJSON(at: -1, options: options)
    return Reply(status: status, body: body, contentType: "application/json")
  }

  /// JSON text as a reply.
  static func json(_ text: String, status: Int = 200) -> Reply {
    Reply(status: status, body: Array(text.utf8), contentType: "application/json")
  }

  /// An error in the platform's envelope; the key of the code differs between operations.
  static func error(
    _ status: Int, type: String, code: String, key: String = "error_code", message: String
  ) -> Reply {
    .json(
      JSONText.object([
        "status_code": String(status), "http_error_type": JSONText.quoted(type),
        key: JSONText.quoted(code), "message": JSONText.quoted(message),
      ]), status: status)
  }

  static func unknownApp(_ app: String) -> Reply {
    .error(
      404, type: "NOT_FOUND", code: "SERVER_ERROR",
      message: "Application app_type '\(app)' not found")
  }

  static func unknownAction(_ action: String, of app: String) -> Reply {
    .error(
      404, type: "NOT_FOUND", code: "SERVER_ERROR",
      message: "Action \(action) not found in Application \(app)")
  }

  static func unknownSlug(_ app: String) -> Reply {
    .error(
      404, type: "EXTERNAL_API_ERROR", code: "EXTERNAL_API_FAILURE", key: "error",
      message: "Application \(app) not found")
  }

  static func unknownAccount(_ account: String) -> Reply {
    .error(
      404, type: "NOT_FOUND", code: "INVALID_LINKED_ACCOUNT_ID", key: "error",
      message: "Linked account \(account) not found")
  }

  static func badRequest(_ message: String) -> Reply {
    .error(400, type: "BAD_REQUEST", code: "VALIDATION_ERROR", message: message)
  }
}

extension ActionError {
  /// The failure of the sandbox's own database or connectors.
  static func sandbox(_ error: any Error, path: String) -> ActionError {
    guard let error = error as? SQLiteError else {
      return ActionError(
        kind: .permanent, code: "sandbox_failed",
        message:
          "the sandbox failed: \((error as? LuaError)?.description ?? String(describing: error))",
        hint: "start over with 'refold sandbox reset'")
    }
    let (code, problem, hint): (String, String, String) =
      switch error.code {
      case .busy:
        ("sandbox_locked", "is locked by another process", "wait for it to finish, or stop it")
      case .readOnly:
        ("sandbox_read_only", "cannot be written", "check who may write the file and its folder")
      case .full:
        ("sandbox_disk_full", "cannot grow: the disk is full", "free some space, then run again")
      case .corrupt, .notADatabase:
        (
          "sandbox_corrupt", "is damaged or is no database",
          "delete the file; the next run makes a new one"
        )
      case .cannotOpen:
        (
          "sandbox_unreadable", "cannot be opened",
          "check that its folder exists and that you may write there"
        )
      case .inputOutput:
        (
          "sandbox_unreadable", "cannot be read or written: \(error.message)",
          "check the disk that it is on"
        )
      default:
        (
          "sandbox_failed", "failed: \(error.message)",
          "'refold sandbox reset' makes a new one, without your records"
        )
      }
    return ActionError(
      kind: error.code == .busy ? .transient : .permanent, code: code,
      message: "the sandbox database '\(path)' \(problem)", hint: hint)
  }
}
