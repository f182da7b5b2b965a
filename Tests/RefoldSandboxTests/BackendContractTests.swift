import RefoldActions
import Testing

@testable import RefoldSandbox

/// What every backend keeps, run against each.
@Suite struct BackendContractTests {
  static let search = #"{"propertyName":"email","operator":"EQ","value":"new@example.com"}"#

  static func execute(_ action: String, _ app: String = "hubspot") -> ActionCall.Operation {
    .execute(app: app, action: action)
  }

  @Test(
    arguments: BackendKind.allCases,
    [
      ActionCall.Operation.applications, .application(app: "hubspot"), .actions(app: "hubspot"),
      .schema(app: "hubspot", action: "create_contact"), execute("get_contact"),
      execute("get_contacts", "salesforce"),
    ])
  func `every operation answers 200 with the same JSON`(
    kind: BackendKind, operation: ActionCall.Operation
  ) throws {
    let reply = try TestBackend(kind).reply(operation)
    let reference = try TestBackend(.inProcess).reply(operation)
    #expect(reply.status == 200)
    #expect(reply.body == reference.body)
  }

  @Test(arguments: BackendKind.allCases)
  func `lists decode`(kind: BackendKind) throws {
    let test = try TestBackend(kind)
    let applications = try ApplicationStatus.list(
      in: Array(test.reply(.applications, account: "globex").body.utf8))
    #expect(applications.first { $0.slug == "hubspot" }?.connection == .reauthRequired)
    let schema = try ActionParameter.list(
      in: Array(test.reply(.schema(app: "hubspot", action: "get_contact")).body.utf8))
    #expect(schema.map(\.name) == ["limit", "after"])
    let actions = try ActionSummary.list(in: Array(test.reply(.actions(app: "hubspot")).body.utf8))
    #expect(actions.contains { $0.actionID == "create_contact" && $0.name == "Create Contact" })
  }

  @Test(arguments: BackendKind.allCases)
  func `a write is seen by the reads that follow, and by no other account`(kind: BackendKind) throws
  {
    let test = try TestBackend(kind)
    let created = try test.reply(
      Self.execute("create_contact"), body: #"{"email":"new@example.com","firstname":"N"}"#)
    #expect(created.status == 200)
    #expect(created.body.contains(#""id":"1001""#))
    let found = try test.reply(Self.execute("search_contacts"), body: Self.search)
    #expect(found.body.contains(#""total":1"#))
    let elsewhere = try test.reply(
      Self.execute("search_contacts"), account: "acme", body: Self.search)
    #expect(elsewhere.body.contains(#""total":0"#))
  }

  @Test(
    arguments: BackendKind.allCases,
    [
      (
        ActionCall.Operation.actions(app: "hubspt"), "demo-user-1",
        "404 SERVER_ERROR the API did not find it: Application app_type 'hubspt' not found"
      ),
      (
        .schema(app: "hubspot", action: "create_contct"), "demo-user-1",
        "404 SERVER_ERROR the API did not find it: "
          + "Action create_contct not found in Application hubspot"
      ),
      (
        .application(app: "hubspt"), "demo-user-1",
        "404 EXTERNAL_API_FAILURE the API did not find it: Application hubspt not found"
      ),
      (
        execute("get_contact"), "nobody",
        "404 INVALID_LINKED_ACCOUNT_ID the API does not know the linked account: "
          + "Linked account nobody not found"
      ),
      (
        execute("create_contact"), "demo-user-1",
        "400 VALIDATION_ERROR the API rejected the request: "
          + "Required parameter 'email' is missing"
      ),
    ] as [(ActionCall.Operation, String, String)])
  func `a call that fails completes with what was wrong`(
    kind: BackendKind, example: (ActionCall.Operation, String, String)
  ) throws {
    let test = try TestBackend(kind)
    let call = ActionCall(operation: example.0, account: example.1, body: Array("{}".utf8))
    guard case .failure(let error) = try test.outcome(of: call) else {
      Issue.record("it succeeded")
      return
    }
    #expect("\(error.status ?? 0) \(error.code) \(error.message)" == example.2)
    #expect(error.account == example.1)
  }

  @Test(arguments: BackendKind.allCases)
  func `calls that begin together complete once each, with their own answers`(kind: BackendKind)
    throws
  {
    let test = try TestBackend(kind)
    let ids = ["51", "101", "102", "103", "104", "105"]
    let calls = (0..<60).map { index in
      ActionCall(
        operation: Self.execute("get_contact_by_id"), account: "demo-user-1",
        body: Array(#"{"contact_id":"\#(ids[index % ids.count])"}"#.utf8))
    }
    for (index, outcome) in try test.outcomes(of: calls).enumerated() {
      let reply = try #require(try outcome?.get())
      let body = String(decoding: reply.body, as: UTF8.self)
      #expect(body.contains(#""id":"\#(ids[index % ids.count])""#))
    }
  }

  @Test(arguments: BackendKind.allCases)
  func `a call can be begun from a completion`(kind: BackendKind) throws {
    let test = try TestBackend(kind)
    var statuses: [Int] = []
    func begin(_ left: Int) {
      _ = test.backend.begin(ActionCall(operation: .applications, account: "acme")) { outcome in
        if case .success(let reply) = outcome { statuses.append(reply.status) }
        if left > 1 { begin(left - 1) }
      }
    }
    begin(5)
    for _ in 0..<100 where statuses.count < 5 { test.backend.poll(timeout: .seconds(1)) }
    #expect(statuses == [200, 200, 200, 200, 200])
  }

  @Test(arguments: BackendKind.allCases)
  func `a call that is cancelled completes once`(kind: BackendKind) throws {
    let test = try TestBackend(kind)
    var completions = 0
    let id = test.backend.begin(ActionCall(operation: .applications, account: "acme")) { _ in
      completions += 1
    }
    test.backend.cancel(id)
    test.backend.cancel(id)
    test.backend.poll(timeout: .milliseconds(50))
    #expect(completions == 1)
  }

  @Test(arguments: BackendKind.allCases)
  func `text of every kind and a megabyte of it comes back as it went`(kind: BackendKind) throws {
    let test = try TestBackend(kind)
    let name = #"Zoë \"Q\" \\ / 漢字 😀 \u0000\u001f"# + String(repeating: "é", count: 500_000)
    let created = try test.reply(
      Self.execute("create_contact"), body: #"{"email":"z@example.com","firstname":"\#(name)"}"#)
    #expect(created.body.contains(#""firstname":"Zoë \"Q\" \\ / 漢字 😀 \u0000\u001f"#))
    #expect(created.body.utf8.count > 1_000_000)
    let read = try test.reply(Self.execute("get_contact_by_id"), body: #"{"contact_id":"1001"}"#)
    #expect(read.body == created.body)
  }

  @Test(arguments: BackendKind.allCases)
  func `an account without a config of an app is answered 404`(kind: BackendKind) throws {
    let test = try TestBackend(kind)
    for (app, code, message) in [
      (
        "hubspot", "RESOURCE_NOT_FOUND",
        "the API did not find it: Config with config id acme not found"
      ),
      ("hubspt", "INVALID_APP_ID", "the API did not find it: Application hubspt not found"),
    ] {
      let outcome = try test.outcome(of: ActionCall(operation: .config(app: app), account: "acme"))
      guard case .failure(let error) = outcome else {
        Issue.record("it was answered")
        continue
      }
      #expect("\(error.status ?? 0) \(error.code) \(error.message)" == "404 \(code) \(message)")
    }
  }

  @Test(arguments: BackendKind.allCases)
  func `a config that a customer made is answered with its fields`(kind: BackendKind) throws {
    let test = try TestBackend(kind)
    let engine = try SandboxEngine(databasePath: test.path)
    let bodies = [
      #"{"slug":"hubspot","fields":{"region":"us","map":{"a":["b"]}}}"#,
      #"{"slug":"hubspot","fields":{"region":"eu"}}"#,
    ]
    for body in bodies {
      #expect(try engine.reply(to: .set(Array(body.utf8)), account: "acme").status == 200)
    }
    let expected =
      #"{"slug":"hubspot","config_id":"acme","fields":["#
      + #"{"id":"map","name":"map","field_type":"text","required":false,"value":{"a":["b"]}},"#
      + #"{"id":"region","name":"region","field_type":"text","required":false,"value":"eu"}],"#
      + #""workflows":[],"field_errors":[]}"#
    // A recording sorts names.
    let sorted = try JSONTree(Array(expected.utf8)).text
    #expect(
      try test.reply(.config(app: "hubspot"), account: "acme").body
        == (kind == .replayed ? sorted : expected))
    let other = try test.outcome(
      of: ActionCall(operation: .config(app: "hubspot"), account: "demo-user-1"))
    #expect(throws: ActionError.self) { try other.get() }
    #expect(try engine.reply(to: .delete(app: "hubspot"), account: "acme").status == 200)
    #expect(try engine.reply(to: .delete(app: "hubspot"), account: "acme").status == 404)
  }

  @Test(arguments: BackendKind.allCases)
  func `an account id may hold what people put into ids`(kind: BackendKind) throws {
    let test = try TestBackend(kind)
    for account in ["joe@example.com", "a/b", "50%", "ünï", "x y"] {
      let outcome = try test.outcome(of: ActionCall(operation: .applications, account: account))
      guard case .failure(let error) = outcome else {
        Issue.record("an unknown account was answered")
        continue
      }
      #expect(error.status == 404)
      #expect(error.message.contains("account \(account) not found"))
    }
  }

  @Test(arguments: BackendKind.allCases)
  func `its name and place are for people and hold no key`(kind: BackendKind) throws {
    let test = try TestBackend(kind)
    let expected =
      switch kind {
      case .inProcess: "sandbox"
      case .overHTTP: "remote"
      case .replayed: "replay"
      }
    #expect(test.backend.name == expected)
    #expect(!test.backend.location.isEmpty)
    #expect(!test.backend.location.contains("tk_contract"))
  }
}
