import HTTP
import RefoldActions
import RefoldTesting
import Testing

/// The remote backend against a real HTTP server.
@Suite struct RemoteServerTests {
  static func decoded(_ request: HTTPServerRequest) -> [String?] {
    request.path.split(separator: "/").map { PercentEncoding.decode(String($0)) }
  }

  @Test func `names arrive as they were given, whatever they hold`() throws {
    let server = try ScriptedServer(json: "[]")
    defer { server.stop() }
    let backend = try RemoteBackendTests.backend(server.url)
    let names = ["a/b", "ü?x=1", "50%", "a b", "..x", "#;&+", "%2F"]
    for name in names {
      let call = ActionCall(operation: .schema(app: name, action: name), account: "joe@example.com")
      _ = try RemoteBackendTests.outcome(of: call, on: backend).get()
    }
    for (name, request) in zip(names, server.requests) {
      #expect(
        Self.decoded(request) == ["api", "v2", "integration-schema", name, "actions", name])
      #expect(request.query.isEmpty)
      #expect(request.header("linked_account_id") == "joe@example.com")
    }
    #expect(server.requests.count == names.count)
  }

  @Test func `lists and schemas are decoded from what a server sends`() throws {
    let server = try ScriptedServer { request in
      switch request.path {
      case "/api/v2/integration-schema/hubspot/actions":
        .json(#"[{"action_id":"get_contact","name":"Get Contact","description":"d","tag":"v2"}]"#)
      case "/api/v2/integration-schema/hubspot/actions/get_contact":
        .json(#"[{"name":"limit","label":"Limit","required":false,"type":"text"}]"#)
      case "/api/v2/public/application/hubspot":
        .json(#"{"slug":"hubspot","name":"HubSpot","connected":true,"reauth_required":true}"#)
      default: .json("[]")
      }
    }
    defer { server.stop() }
    let backend = try RemoteBackendTests.backend(server.url)
    func decoded<Value>(
      _ operation: ActionCall.Operation, _ decode: ([UInt8]) throws(JSONScanError) -> Value
    ) throws -> Value {
      let call = ActionCall(operation: operation, account: "demo-user-1")
      let reply = try RemoteBackendTests.outcome(of: call, on: backend).get()
      return try ReplyClassifier.decoded(reply, to: call, by: decode)
    }
    #expect(
      try decoded(.actions(app: "hubspot"), ActionSummary.list(in:)) == [
        ActionSummary(
          actionID: "get_contact", name: "Get Contact", description: "d", tag: "v2")
      ])
    #expect(
      try decoded(.schema(app: "hubspot", action: "get_contact"), ActionParameter.list(in:))
        == [ActionParameter(name: "limit", label: "Limit")])
    let application = try decoded(.application(app: "hubspot"), ApplicationStatus.one(in:))
    #expect(application.connection == .reauthRequired)
    #expect(try decoded(.applications, ApplicationStatus.list(in:)) == [])
  }

  @Test func `a large reply and a large body arrive whole`() throws {
    let server = try ScriptedServer { request in
      HTTPServerResponse(status: 200, body: request.body)
    }
    defer { server.stop() }
    let backend = try RemoteBackendTests.backend(server.url)
    var call = RemoteBackendTests.read
    call.body = Array(#"{"x":""#.utf8) + [UInt8](repeating: 0x61, count: 3_000_000) + [0x22, 0x7D]
    #expect(try RemoteBackendTests.outcome(of: call, on: backend).get().body == call.body)
  }

  @Test func `a reply without a trace id or content type has none`() throws {
    let server = try ScriptedServer { _ in HTTPServerResponse(status: 200, body: [0x7B, 0x7D]) }
    defer { server.stop() }
    let backend = try RemoteBackendTests.backend(server.url)
    let reply = try RemoteBackendTests.outcome(of: RemoteBackendTests.read, on: backend).get()
    #expect(reply == Reply(status: 200, body: Array("{}".utf8)))
  }

  @Test(arguments: [
    (401, ActionError.Kind.auth), (404, .permanent), (429, .transient), (500, .unknownOutcome),
  ])
  func `a failing server fails the call by its status`(
    status: Int, kind: ActionError.Kind
  ) throws {
    let server = try ScriptedServer(
      json: #"{"error":"SERVER_ERROR","message":"no"}"#, status: status)
    defer { server.stop() }
    let backend = try RemoteBackendTests.backend(server.url)
    let outcome = try RemoteBackendTests.outcome(of: RemoteBackendTests.write, on: backend)
    guard case .failure(let error) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(error.kind == kind)
    #expect(error.status == status)
    #expect(error.code == "SERVER_ERROR")
  }
}
