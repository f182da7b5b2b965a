import RefoldActions
import RefoldTesting
import SQLite
import Testing

@testable import RefoldSandbox

/// The ledger of the writes that came.
@Suite struct LedgerTests {
  @Test func `each write is in it, with whether it was applied, and no read`() throws {
    try withEngine { engine in
      _ = try execute(engine, "hubspot", "get_contact", "{}")
      _ = try execute(engine, "hubspot", "create_contact", #"{"email":"a@example.com"}"#)
      _ = try execute(engine, "hubspot", "create_contact", #"{"email":"a@example.com"}"#)
      _ = try execute(engine, "hubspot", "create_contact", "{}")
      _ = try execute(engine, "hubspot", "create_deal", #"{"dealname":"d"}"#, account: "acme")
      let entries = try engine.ledger()
      #expect(
        entries.map {
          "\($0.number) \($0.account) \($0.app).\($0.action) \($0.isApplied) \($0.status ?? 0)"
        }
          == [
            "1 demo-user-1 hubspot.create_contact true 200",
            "2 demo-user-1 hubspot.create_contact false 200",
            "3 demo-user-1 hubspot.create_contact false 400",
            "4 acme hubspot.create_deal true 200",
          ])
      #expect(entries[0].params == Array(#"{"email":"a@example.com"}"#.utf8))
      #expect(entries[0].time == "2026-02-01T12:00:00.000Z")
      #expect(try engine.ledger(of: "acme").map(\.number) == [4])
    }
  }

  @Test func `it goes with the account's records`() throws {
    try withEngine { engine in
      for account in ["acme", "globex"] {
        _ = try execute(
          engine, "salesforce", "create_lead", #"{"LastName":"L","Company":"C"}"#, account: account)
      }
      #expect(try engine.ledger().count == 2)
      try engine.seed(account: "acme")
      #expect(try engine.ledger().map(\.account) == ["globex"])
      try engine.reset()
      #expect(try engine.ledger().isEmpty)
    }
  }

  @Test func `a sandbox of an earlier version gets one`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("sandbox.db")
    do {
      _ = try SandboxEngine(databasePath: path)
      let database = try SQLiteConnection(path)
      try database.execute("DROP TABLE ledger; PRAGMA user_version = 1")
    }
    let engine = try SandboxEngine(databasePath: path)
    _ = try execute(engine, "hubspot", "create_contact", #"{"email":"a@example.com"}"#)
    #expect(try engine.ledger().count == 1)
  }
}

/// Faults as HTTP clients meet them.
@Suite struct ServedFaultTests {
  private func outcome(
    _ fault: String, _ action: String, _ body: String
  ) throws -> (result: Result<Reply, ActionError>, ledger: [LedgerEntry]) {
    let folder = try TemporaryFolder()
    var configuration = SandboxServer.Configuration(databasePath: folder.file("sandbox.db"))
    configuration.faults = FaultPlan([try Fault(fault)])
    let server = try SandboxServer(configuration)
    defer { server.stop() }
    let credentials = try Credentials(baseURL: BaseURL(server.url), key: "tk_contract")
    let backend = try RemoteBackend(.init(credentials: credentials, version: "1.2.3"))
    var result: Result<Reply, ActionError>?
    let call = ActionCall(
      operation: .execute(app: "hubspot", action: action), account: "demo-user-1",
      effect: action.hasPrefix("get") ? .read : .write, body: Array(body.utf8))
    _ = backend.begin(call) { result = $0 }
    for _ in 0..<100 where result == nil { backend.poll(timeout: .seconds(1)) }
    let engine = try SandboxEngine(databasePath: folder.file("sandbox.db"))
    return (try #require(result), try engine.ledger())
  }

  @Test(arguments: [
    ("timeout-before", false, "connection_closed"), ("timeout-after", true, "connection_closed"),
    ("server-error", false, "INTERNAL_SERVER_ERROR"), ("empty", true, "empty_answer"),
  ])
  func `a write whose answer is lost has an unknown outcome, and the ledger knows it`(
    fault: String, isApplied: Bool, code: String
  ) throws {
    let (result, ledger) = try outcome(fault, "create_contact", #"{"email":"a@example.com"}"#)
    guard case .failure(let error) = result else {
      Issue.record("it succeeded")
      return
    }
    #expect(error.kind == .unknownOutcome)
    #expect(error.code == code)
    #expect(ledger.map(\.isApplied) == [isApplied])
    #expect(ledger.map(\.fault) == [fault])
  }

  @Test func `a 429 says how long to wait`() throws {
    guard case .failure(let error) = try outcome("rate-limit-after", "get_contact", "{}").result
    else {
      Issue.record("it succeeded")
      return
    }
    #expect(error.status == 429)
    #expect(error.retryAfter == .seconds(1))
  }
}
