import Dispatch
import Foundation
import Posix
import RefoldActions
import RefoldTesting
import Synchronization
import Testing

@testable import RefoldSandbox

@Test func `accounts are fully apart`() throws {
  try withEngine { engine in
    _ = try execute(
      engine, "hubspot", "create_contact", #"{"email":"a@example.com"}"#, account: "acme")
    let search = #"{"propertyName":"email","operator":"EQ","value":"a@example.com"}"#
    #expect(try execute(engine, "hubspot", "search_contacts", search).body.contains(#""total":0"#))
    #expect(
      try execute(engine, "hubspot", "search_contacts", search, account: "acme").body.contains(
        #""total":1"#))
  }
}

@Test(arguments: [
  ("hubspot", "create_contact", "{}", "demo-user-1", 400, "Required parameter 'email' is missing"),
  (
    "hubspot", "create_contct", "{}", "demo-user-1", 404,
    "Action create_contct not found in Application hubspot"
  ),
  ("hubspt", "create_contact", "{}", "demo-user-1", 404, "Application app_type 'hubspt' not found"),
  ("hubspot", "get_contact", "{}", "nobody", 404, "Linked account nobody not found"),
  ("hubspot", "get_contact", "{}", "globex", 401, "has expired, reauthentication is required"),
  ("salesforce", "get_contacts", "{}", "demo-user-2", 403, "is not connected"),
  ("hubspot", "get_contact", "[1]", "demo-user-1", 400, "the body must be a JSON object"),
  ("hubspot", "get_contact", "{", "demo-user-1", 400, "the body is not JSON"),
  ("hubspot", "get_contact_by_id", #"{"contact_id":"9"}"#, "demo-user-1", 200, "OBJECT_NOT_FOUND"),
  (
    "hubspot", "create_contact", #"{"email":"ada.lovelace@example.com"}"#, "demo-user-1", 200,
    "Contact already exists. Existing ID: 101"
  ),
])
func `a call that fails answers as the API does`(
  app: String, action: String, body: String, account: String, status: Int, text: String
) throws {
  try withEngine { engine in
    let reply = try execute(engine, app, action, body, account: account)
    #expect(reply.status == status)
    #expect(reply.body.contains(text))
  }
}

@Test func `a file that is no database is an error that says what to do`() throws {
  let path = NSTemporaryDirectory() + "broken-\(UUID().uuidString).db"
  defer { try? FileManager.default.removeItem(atPath: path) }
  try Data(repeating: 7, count: 8192).write(to: URL(fileURLWithPath: path))
  let backend = SandboxBackend(databasePath: path)
  var failure: ActionError?
  _ = backend.begin(ActionCall(operation: .applications, account: "demo-user-1")) { result in
    if case .failure(let error) = result { failure = error }
  }
  #expect(failure?.code == "sandbox_corrupt")
  #expect(failure?.message == "the sandbox database '\(path)' is damaged or is no database")
}

@Test func `many that open a new sandbox at once all find it seeded`() throws {
  for _ in 1...10 {
    let folder = try TemporaryFolder()
    let path = folder.file("sandbox.db")
    let counts = Mutex<[Int]>([])
    let ended = DispatchSemaphore(value: 0)
    for _ in 1...8 {
      try Threads.start {
        // A failure leaves no count.
        if let store = try? SandboxEngine(databasePath: path).store,
          let count = try? store.accounts(matching: "", offset: 0, limit: 10).total
        {
          counts.withLock { $0.append(count) }
        }
        ended.signal()
      }
    }
    for _ in 1...8 { ended.wait() }
    #expect(
      counts.withLock { $0 } == [Int](repeating: SandboxEngine.seededAccounts.count, count: 8))
  }
}
