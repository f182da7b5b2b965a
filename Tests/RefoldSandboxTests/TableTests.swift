import RefoldActions
import RefoldTesting
import Testing

@testable import RefoldSandbox

/// Tables of records as tests see them.
@Suite struct TableTests {
  private func sandbox() -> SandboxBackend {
    SandboxBackend(inMemory: { "2026-01-01T12:00:00.000Z" })
  }

  private func records(
    _ sandbox: SandboxBackend, _ app: String, _ table: String, _ account: String = "test-user"
  ) throws -> String {
    String(decoding: try sandbox.records(of: account, app: app, table: table), as: UTF8.self)
  }

  @Test(arguments: [
    ("hubspot", "contacts"), ("hubspot", "companies"), ("hubspot", "deals"),
    ("salesforce", "contacts"), ("netsuite", "customer"), ("netsuite", "invoice"),
    ("slack", "channels"), ("slack", "users"), ("slack", "messages"),
  ])
  func `what is read can be put back`(app: String, table: String) throws {
    let sandbox = sandbox()
    let before = try records(sandbox, app, table)
    #expect(before.contains("{"))
    try sandbox.replace(with: Array(before.utf8), of: "test-user", app: app, table: table)
    #expect(try records(sandbox, app, table) == before)
  }

  @Test(arguments: [
    ("hubspot", "contacts", #"[{"email":"a@example.com"}]"#, #""hs_object_id":"1001""#),
    (
      "hubspot", "contacts", #"[{"id":"5","properties":{"email":"a@example.com"}}]"#,
      #""hs_object_id":"5""#
    ),
    ("salesforce", "leads", #"[{"LastName":"Lovelace"}]"#, #""Id":"00QDn0000001001IAB""#),
    ("netsuite", "customer", #"[{"companyName":"Engines"}]"#, #""id":"1001""#),
    ("slack", "messages", #"[{"channel":"C1","text":"hi"}]"#, #""ts":"1768901400.001001""#),
  ])
  func `a row without an id gets one`(
    app: String, table: String, rows: String, part: String
  ) throws {
    let sandbox = sandbox()
    try sandbox.replace(with: Array(rows.utf8), of: "test-user", app: app, table: table)
    let stored = try records(sandbox, app, table)
    #expect(stored.contains(part), "\(stored)")
  }

  @Test func `a copy holds all there is, and goes its own way`() throws {
    let folder = try TemporaryFolder()
    let sandbox = sandbox()
    var applied: [String] = []
    sandbox.onWrite = { call, reply in
      applied.append("\(call.action ?? "") \(reply.status)")
    }
    func create(_ name: String, in backend: SandboxBackend) {
      _ = backend.begin(
        ActionCall(
          operation: .execute(app: "hubspot", action: "create_deal"), account: "test-user",
          effect: .write, body: Array("{\"dealname\":\"\(name)\"}".utf8))
      ) { _ in }
    }
    create("one", in: sandbox)
    create("", in: sandbox)
    let path = folder.file("it's.db")
    try sandbox.copy(to: path)
    let copy = SandboxBackend(testing: path) { "2026-01-01T13:00:00.000Z" }
    #expect(try copy.allRecords() == sandbox.allRecords())
    #expect(try copy.ledger() == sandbox.ledger())
    create("two", in: copy)
    #expect(try copy.allRecords().count == sandbox.allRecords().count + 1)
    #expect(try copy.allRecords().contains { $0.kind == "deals" && $0.id == "1002" })
    #expect(try copy.ledger().count == 3)
    #expect(applied == ["create_deal 200"])
    #expect(throws: ActionError.self) { try sandbox.copy(to: path) }
  }

  @Test func `accounts are made when they are used, and gone after a reset`() throws {
    let sandbox = sandbox()
    #expect(try records(sandbox, "hubspot", "contacts").contains("ada.lovelace@example.com"))
    #expect(try records(sandbox, "salesforce", "contacts", "acme").contains("bugs@acme"))
    try sandbox.replace(with: Array("[]".utf8), of: "test-user", app: "hubspot", table: "contacts")
    #expect(try records(sandbox, "hubspot", "contacts") == "[]")
    try sandbox.reset()
    #expect(try records(sandbox, "hubspot", "contacts").contains("ada.lovelace@example.com"))
  }

  @Test(arguments: [
    (
      "hubspt", "contacts", "the sandbox has no app 'hubspt'",
      "did you mean 'hubspot'? There are hubspot, netsuite, salesforce, slack"
    ),
    (
      "hubspot", "contact", "the sandbox has no table 'hubspot.contact'",
      "did you mean 'contacts'? There are contacts, companies, deals, tasks"
    ),
  ])
  func `an unknown name is answered with the nearest`(
    app: String, table: String, message: String, hint: String
  ) throws {
    let error = #expect(throws: ActionError.self) { try records(sandbox(), app, table) }
    #expect(error?.message == message)
    #expect(error?.hint == hint)
  }
}
