import HTTP
import Posix
import RefoldActions

/// Answers HTTP requests as the API does: paths, headers, status codes and error bodies.
///
/// Does no input or output of its own beside the sandbox's database. Confined to one thread.
final class SandboxRouter {
  private let engine: SandboxEngine
  private let apiKey: SecretString?
  private let rules = EffectRules()
  private let makeTraceID: () -> String

  /// Makes a router.
  ///
  /// - Parameters:
  ///   - apiKey: The key that clients must send; nil takes any that is not empty.
  ///   - makeTraceID: Gives the `X-Trace-ID` of each answer.
  init(
    engine: SandboxEngine, apiKey: SecretString?,
    makeTraceID: @escaping () -> String = TraceID.make
  ) {
    self.engine = engine
    self.apiKey = apiKey
    self.makeTraceID = makeTraceID
  }

  /// Answers one request.
  func response(to request: HTTPServerRequest) -> HTTPServerResponse {
    var headers = [HTTPHeader(name: "X-Trace-ID", value: makeTraceID())]
    let reply = reply(to: request, &headers)
    if let wait = reply.retryAfter {
      headers.append(HTTPHeader(name: "Retry-After", value: String(wait.components.seconds)))
    }
    let type = reply.contentType.map { "\($0); charset=utf-8" } ?? "application/json"
    headers.append(HTTPHeader(name: "Content-Type", value: type))
    return HTTPServerResponse(status: reply.status, headers: headers, body: reply.body)
  }

  private func reply(to request: HTTPServerRequest, _ headers: inout [HTTPHeader]) -> Reply {
    guard isAuthorized(request) else { return .invalidCredentials }
    guard let route = SandboxRoute(path: request.path) else {
      return .unknownPath(request.method, request.path)
    }
    guard route.methods.contains(request.method) else {
      headers.append(HTTPHeader(name: "Allow", value: route.methods.joined(separator: ", ")))
      return .methodNotAllowed(request.method, request.path)
    }
    do throws(ActionError) {
      return try reply(to: request, at: route)
    } catch {
      if error.kind == .transient { headers.append(HTTPHeader(name: "Retry-After", value: "1")) }
      return .failure(error)
    }
  }

  /// Compares in a time that does not tell how much of the key was right.
  private func isAuthorized(_ request: HTTPServerRequest) -> Bool {
    guard let sent = request.header("x-api-key"), !sent.isEmpty else { return false }
    guard let apiKey else { return true }
    let (given, wanted) = (Array(sent.utf8), Array(apiKey.revealed().utf8))
    var difference = given.count ^ wanted.count
    for (index, byte) in given.enumerated() {
      difference |= Int(byte ^ wanted[index % wanted.count])
    }
    return difference == 0
  }

  private func reply(
    to request: HTTPServerRequest, at route: SandboxRoute
  ) throws(ActionError) -> Reply {
    switch route {
    case .actions(let app): return try reply(to: .actions(app: app), request)
    case .action(let app, let action):
      return try reply(to: .schema(app: app, action: action), request)
    case .execute(let app, let action):
      return try reply(to: .execute(app: app, action: action), request)
    case .applications:
      guard let account = account(of: request) else { return .missingAccount }
      return try answer(
        to: ActionCall(operation: .applications, account: account),
        filter: ApplicationFilter(request.query))
    case .application(let app):
      guard let account = account(of: request) else { return .missingAccount }
      return try answer(
        to: ActionCall(operation: .application(app: app), account: account))
    case .config(let app):
      guard let account = account(of: request) else { return .missingAccount }
      if request.method == "DELETE" {
        return try engine.reply(to: .delete(app: app), account: account)
      }
      return try engine.reply(to: ActionCall(operation: .config(app: app), account: account))
    case .configs:
      guard let account = account(of: request) else { return .missingAccount }
      return try engine.reply(to: .set(request.body), account: account)
    case .accounts: return try accounts(request)
    case .account(let id):
      return try engine.reply(to: request.method == "DELETE" ? .delete(id) : .get(id))
    }
  }

  private func reply(
    to operation: ActionCall.Operation, _ request: HTTPServerRequest
  ) throws(ActionError) -> Reply {
    guard let account = request.header("linked_account_id"), !account.isEmpty else {
      return .missingAccount
    }
    var call = ActionCall(operation: operation, account: account)
    if case .execute(let app, let action) = operation {
      call.body = request.body
      call.effect = rules.effect(
        app: app, action: action, method: Self.method(in: request.body),
        connector: engine.declaredEffect(app: app, action: action))
    }
    return try answer(to: call)
  }

  /// Answers as the sandbox does; a slow answer holds up all others, as the server has one thread.
  private func answer(
    to call: ActionCall, filter: ApplicationFilter = ApplicationFilter()
  ) throws(ActionError) -> Reply {
    switch try engine.answer(to: call, filter: filter) {
    case .reply(let reply): return reply
    case .nothing: return Reply(status: 0, body: [])
    case .slow(let reply):
      Threads.sleep(Fault.slowness)
      return reply
    }
  }

  /// The `method` parameter, which decides whether a raw call of an app writes.
  private static func method(in body: [UInt8]) -> String? {
    var scanner = JSONScanner(body)
    var method: String?
    _ = try? scanner.members { (key, scanner) throws(JSONScanError) in
      if key == "method" { method = try scanner.string() }
    }
    return method
  }

  /// The account of the header, else of the query: the header wins.
  private func account(of request: HTTPServerRequest) -> String? {
    let named =
      request.header("linked_account_id")
      ?? request.query.first { $0.name == "linked_account_id" }?.value
    return named.flatMap { $0.isEmpty ? nil : $0 }
  }

  private func accounts(_ request: HTTPServerRequest) throws(ActionError) -> Reply {
    switch request.method {
    case "POST": return try engine.reply(to: .create(request.body))
    case "PUT":
      return try engine.reply(
        to: .upsert(request.body, header: request.header("linked_account_id")))
    default:
      guard let page = number("page", in: request, default: 1),
        let limit = number("limit", in: request, default: 10)
      else { return .badRequest("page and limit are whole numbers from 1 to 1000000") }
      let search = request.query.first { $0.name == "search" }?.value ?? ""
      return try engine.reply(to: .list(page: page, limit: limit, search: search))
    }
  }

  private func number(_ name: String, in request: HTTPServerRequest, default value: Int) -> Int? {
    guard let item = request.query.first(where: { $0.name == name }) else { return value }
    guard let number = item.value.flatMap({ Int($0) }) else { return nil }
    return (1...1_000_000).contains(number) ? number : nil
  }
}

/// Makes the ids by which a single answer can be found again.
enum TraceID {
  /// Returns 32 random hexadecimal digits.
  static func make() -> String {
    var random = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let digits = String(random.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}

extension Reply {
  static let invalidCredentials = Reply.error(
    401, type: "UNAUTHORIZED", code: "SERVER_ERROR", key: "error", message: "Invalid Credentials")

  static let missingAccount = Reply.error(
    404, type: "NOT_FOUND", code: "MISSING_REQUIRED_FIELD", key: "error",
    message: "Linked account id is required with API Key, for this resource")

  fileprivate static func unknownPath(_ method: String, _ path: String) -> Reply {
    .error(
      404, type: "NOT_FOUND", code: "RESOURCE_NOT_FOUND", key: "error",
      message: "Cannot \(method) \(path)")
  }

  fileprivate static func methodNotAllowed(_ method: String, _ path: String) -> Reply {
    .error(
      405, type: "METHOD_NOT_ALLOWED", code: "SERVER_ERROR", key: "error",
      message: "Cannot \(method) \(path)")
  }

  static func tooLarge(_ maximumBytes: Int) -> Reply {
    .error(
      413, type: "PAYLOAD_TOO_LARGE", code: "SERVER_ERROR", key: "error",
      message: "the body is larger than \(maximumBytes) bytes")
  }

  /// The sandbox itself has failed.
  fileprivate static func failure(_ error: ActionError) -> Reply {
    let isBusy = error.kind == .transient
    return .error(
      isBusy ? 503 : 500, type: isBusy ? "SERVICE_UNAVAILABLE" : "INTERNAL_SERVER_ERROR",
      code: "SERVER_ERROR", message: error.message)
  }
}
