import HTTP
import RefoldActions
import RefoldTesting
import Testing

@Suite struct RemoteBackendTests {
  static let key = "tk_0123456789abcdef"

  static func backend(
    _ url: String, totalTimeout: Duration = .seconds(20), maximumResponseBytes: Int = 64 << 20
  ) throws -> RemoteBackend {
    let credentials = try Credentials(baseURL: BaseURL(url), key: key)
    return try RemoteBackend(
      RemoteBackend.Configuration(
        credentials: credentials, version: "1.2.3", totalTimeout: totalTimeout,
        maximumResponseBytes: maximumResponseBytes))
  }

  static func outcome(
    of call: ActionCall, on backend: RemoteBackend
  ) throws -> Result<Reply, ActionError> {
    var outcome: Result<Reply, ActionError>?
    _ = backend.begin(call) { outcome = $0 }
    for _ in 0..<1000 where outcome == nil { backend.poll(timeout: .seconds(1)) }
    return try #require(outcome)
  }

  /// What one connection with the script gives for the call.
  static func outcome(
    of call: ActionCall, totalTimeout: Duration = .seconds(20),
    maximumResponseBytes: Int = 64 << 20,
    _ script: @escaping @Sendable (RawConnection) -> Void
  ) throws -> Result<Reply, ActionError> {
    let server = try RawServer(script)
    defer { server.stop() }
    let backend = try backend(
      server.url, totalTimeout: totalTimeout, maximumResponseBytes: maximumResponseBytes)
    return try outcome(of: call, on: backend)
  }

  static func error(
    of call: ActionCall, totalTimeout: Duration = .seconds(20),
    maximumResponseBytes: Int = 64 << 20,
    _ script: @escaping @Sendable (RawConnection) -> Void
  ) throws -> ActionError {
    let outcome = try outcome(
      of: call, totalTimeout: totalTimeout, maximumResponseBytes: maximumResponseBytes, script)
    guard case .failure(let error) = outcome else {
      throw Unexpected(outcome: "\(outcome)")
    }
    return error
  }

  struct Unexpected: Error { let outcome: String }

  static let read = ReplyClassifierTests.read
  static let write = ReplyClassifierTests.write

  @Test(arguments: [
    (ActionCall.Operation.applications, "GET /api/v2/public/application HTTP/1.1"),
    (.application(app: "hubspot"), "GET /api/v2/public/application/hubspot HTTP/1.1"),
    (.actions(app: "hubspot"), "GET /api/v2/integration-schema/hubspot/actions HTTP/1.1"),
    (
      .schema(app: "hubspot", action: "get_contact"),
      "GET /api/v2/integration-schema/hubspot/actions/get_contact HTTP/1.1"
    ),
    (
      .execute(app: "hubspot", action: "get_contact"),
      "POST /api/v2/integration-schema/hubspot/actions/get_contact/execute HTTP/1.1"
    ),
    (
      .execute(app: "a/b?c#d%e", action: "Créer un.contact@x:y"),
      "POST /api/v2/integration-schema/a%2Fb%3Fc%23d%25e/actions/Cr%C3%A9er%20un.contact%40x%3Ay/execute HTTP/1.1"
    ),
  ])
  func `each operation has its path`(operation: ActionCall.Operation, line: String) throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.reply(200, "[]")
    }
    defer { server.stop() }
    let backend = try Self.backend(server.url)
    let call = ActionCall(operation: operation, account: "joe+x@example.com")
    #expect(try Self.outcome(of: call, on: backend).get().body == Array("[]".utf8))
    let lines = server.requests[0].split(separator: "\r\n", omittingEmptySubsequences: false)
    #expect(lines[0] == line)
    #expect(lines.contains("x-api-key: \(Self.key)"))
    #expect(lines.contains("linked_account_id: joe+x@example.com"))
    #expect(lines.contains("Accept: application/json"))
    #expect(lines.contains("User-Agent: refold/1.2.3"))
  }

  @Test func `accounts and actions whose names only look the same are told apart`() throws {
    let server = try RawServer { connection in
      while !connection.readRequest().isEmpty { connection.reply(200, "{}") }
    }
    defer { server.stop() }
    let backend = try Self.backend(server.url)
    for name in ["\u{E9}", "e\u{301}"] {
      let call = ActionCall(operation: .execute(app: "a", action: name), account: name)
      _ = try Self.outcome(of: call, on: backend).get()
    }
    for (request, encoded) in zip(server.requests, ["%C3%A9", "e%CC%81"]) {
      #expect(
        request.utf8.starts(with: "POST /api/v2/integration-schema/a/actions/\(encoded)/".utf8))
    }
    let accounts = server.requests.map { request in
      request.split(separator: "\r\n").first { $0.hasPrefix("linked_account_id: ") }
        .map { Array($0.utf8.dropFirst(19)) }
    }
    #expect(accounts == [[0xC3, 0xA9], [0x65, 0xCC, 0x81]])
  }

  @Test func `parameters are sent as JSON, and no header that the API does not know`() throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.reply(200, "{}")
    }
    defer { server.stop() }
    let backend = try Self.backend(server.url + "/prefix/")
    var call = Self.write
    call.body = Array(#"{"email":"a@b.c"}"#.utf8)
    call.idempotencyKey = "once"
    _ = try Self.outcome(of: call, on: backend).get()
    let request = server.requests[0]
    #expect(
      request.hasPrefix(
        "POST /prefix/api/v2/integration-schema/hubspot/actions/create_contact/execute HTTP/1.1\r\n"
      ))
    #expect(request.contains("\r\nContent-Type: application/json\r\n"))
    #expect(request.hasSuffix("\r\n\r\n" + #"{"email":"a@b.c"}"#))
    #expect(!request.lowercased().contains("idempotency"))
    #expect(!request.contains("once"))
  }

  @Test func `a call without parameters or account sends an empty object and no account`() throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.reply(200, "{}")
    }
    defer { server.stop() }
    let call = ActionCall(operation: .execute(app: "netsuite", action: "get_x"), account: "")
    _ = try Self.outcome(of: call, on: Self.backend(server.url)).get()
    #expect(server.requests[0].hasSuffix("\r\n\r\n{}"))
    #expect(!server.requests[0].contains("linked_account_id"))
  }

  @Test(arguments: [
    #"{"node_status":"Success","data":{"id":"51"}}"#,
    #"{"data":{"id":"51"},"node_status":"Success","http_status":200}"#,
    #"{"success":true,"data":{"id":"51"}}"#,
  ])
  func `each documented envelope is a reply`(body: String) throws {
    let outcome = try Self.outcome(of: Self.write) { connection in
      _ = connection.readRequest()
      connection.reply(200, body, headers: "X-Trace-ID: t-9\r\n")
    }
    #expect(
      try outcome.get()
        == Reply(
          status: 200, body: Array(body.utf8), traceID: "t-9", contentType: "application/json"))
  }

  @Test(arguments: [
    (
      401,
      #"{"status_code":401,"http_error_type":"UNAUTHORIZED","error":"INVALID_TOKEN","message":"Invalid Credentials"}"#,
      """
      hubspot.create_contact: the API refused the key: Invalid Credentials
        fix: check REFOLD_API_KEY: keys begin with 'pk' (production) or 'tk' (test)
        status 401, code INVALID_TOKEN, trace id t-9
      """
    ),
    (
      404,
      #"{"status_code":404,"http_error_type":"NOT_FOUND","error_code":"SERVER_ERROR","message":"Action create_contact not found in Application hubspot"}"#,
      """
      hubspot.create_contact: the API did not find it: Action create_contact not found in Application hubspot
        fix: list the actions with 'refold actions hubspot'
        status 404, code SERVER_ERROR, trace id t-9
      """
    ),
    (
      429, #"{"message":"slow down"}"#,
      """
      hubspot.create_contact: the API takes no more requests for now: slow down
        fix: wait 7 s, and send fewer calls at once
        status 429, code http_429, trace id t-9
      """
    ),
    (
      500, #"{"error_code":"INTERNAL_SERVER_ERROR","message":"boom"}"#,
      """
      hubspot.create_contact: the API failed: boom, so the write may have been applied
        fix: look in 'hubspot' whether it was applied before sending it again
        status 500, code INTERNAL_SERVER_ERROR, trace id t-9
      """
    ),
    (
      502, "<html><title>502 Bad Gateway</title></html>",
      """
      hubspot.create_contact: the API failed (HTML page titled '502 Bad Gateway'), so the write may have been applied
        fix: look in 'hubspot' whether it was applied before sending it again
        status 502, code http_502, trace id t-9
      """
    ),
    (
      200, "<html><title>Sign in</title></html>",
      """
      hubspot.create_contact: the answer is an HTML page titled 'Sign in', not JSON, so the write may have been applied
        fix: look in 'hubspot' whether it was applied before sending it again
        status 200, code html_answer, trace id t-9
      """
    ),
    (
      200, "",
      """
      hubspot.create_contact: the answer is empty, so the write may have been applied
        fix: look in 'hubspot' whether it was applied before sending it again
        status 200, code empty_answer, trace id t-9
      """
    ),
  ])
  func `a failed reply is a block of text for people`(
    status: Int, body: String, text: String
  ) throws {
    let error = try Self.error(of: Self.write) { connection in
      _ = connection.readRequest()
      connection.reply(status, body, headers: "X-Trace-ID: t-9\r\nRetry-After: 7\r\n")
    }
    #expect(error.description == text)
    if status != 200 { #expect(error.retryAfter == .seconds(7)) }
  }

  @Test func `the wait may be a date`() throws {
    let error = try Self.error(of: Self.read) { connection in
      _ = connection.readRequest()
      connection.reply(
        503, "",
        headers: "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
          + "Retry-After: Sun, 06 Nov 1994 08:51:37 GMT\r\n")
    }
    #expect(error.retryAfter == .seconds(120))
    #expect(error.kind == .transient)
  }

  @Test(arguments: ["", ".", ".."])
  func `a name that would change the path is refused before anything is sent`(name: String) throws {
    let backend = try Self.backend("http://127.0.0.1:1")
    let calls: [(ActionCall.Operation, String)] = [
      (.application(app: name), "app"), (.actions(app: name), "app"),
      (.schema(app: "hubspot", action: name), "action"),
      (.execute(app: name, action: "x"), "app"), (.execute(app: "x", action: name), "action"),
    ]
    for (operation, role) in calls {
      let call = ActionCall(operation: operation, account: "a", effect: .write)
      let outcome = try Self.outcome(of: call, on: backend)
      #expect(
        outcome
          == .failure(
            ActionError(
              .permanent, code: "invalid_name", message: "'\(name)' is not the name of an \(role)",
              hint: "list the apps with 'refold actions'", about: call)))
    }
  }

  @Test func `an account that would change the headers is refused before anything is sent`() throws
  {
    let backend = try Self.backend("http://127.0.0.1:1")
    var call = Self.write
    call.account = "a\r\nx-api-key: b"
    guard case .failure(let error) = try Self.outcome(of: call, on: backend) else { return }
    #expect(error.kind == .permanent)
    #expect(error.code == "invalid_request")
    #expect(
      error.message
        == "the value of header 'linked_account_id' holds a line break or a control character")
  }

  @Test func `the backend says where it is, without the key`() throws {
    let backend = try Self.backend("https://app.refold.ai/")
    #expect(backend.name == "remote")
    #expect(backend.location == "https://app.refold.ai")
    #expect(backend.effect(app: "hubspot", action: "create_contact") == nil)
  }

  @Test func `a key that the server sends back is in no error and in no reply`() throws {
    let pages = [
      (401, #"{"error":"\#(Self.key)","message":"bad key \#(Self.key)"}"#),
      (401, #"{"message":"bad key tk_0123456789abcde\u0066"}"#),
      (500, "<html><title>\(Self.key)</title></html>"), (500, "no \(Self.key) here"),
      (200, "<title>\(Self.key)</title>"), (200, "key \(Self.key)"),
    ]
    for (status, body) in pages {
      let error = try Self.error(of: Self.write) { connection in
        _ = connection.readRequest()
        connection.reply(status, body, headers: "X-Trace-ID: \(Self.key)\r\n")
      }
      #expect(!"\(error) \(error.code) \(String(reflecting: error))".contains(Self.key))
      #expect(error.traceID == "[redacted]")
    }
    let reply = try Self.outcome(of: Self.read) { connection in
      _ = connection.readRequest()
      connection.reply(200, #"{"data":{"echo":"\#(Self.key)"}}"#)
    }
    #expect(try reply.get().body == Array(#"{"data":{"echo":"[redacted]"}}"#.utf8))
  }

  @Test func `many calls share a backend and each completes once`() throws {
    let server = try RawServer { connection in
      while !connection.readRequest().isEmpty { connection.reply(200, "[1]") }
    }
    defer { server.stop() }
    let backend = try Self.backend(server.url)
    var completed: [CallID: Int] = [:]
    var ids: Set<CallID> = []
    for _ in 0..<50 {
      var id: CallID?
      id = backend.begin(Self.read) { result in
        if case .success = result, let id { completed[id, default: 0] += 1 }
      }
      if let id { ids.insert(id) }
    }
    for _ in 0..<1000 where completed.count < 50 { backend.poll(timeout: .seconds(1)) }
    #expect(ids.count == 50)
    #expect(completed.count == 50)
    #expect(completed.values.allSatisfy { $0 == 1 })
  }
}
