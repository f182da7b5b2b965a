import HTTP
import RefoldActions
import RefoldTesting
import Testing

@testable import RefoldSandbox

/// The two ways to the same sandbox.
enum BackendKind: String, CaseIterable, Sendable {
  case inProcess, overHTTP
}

/// A backend of one kind on a sandbox of its own.
final class TestBackend {
  let backend: any Backend
  private let folder: TemporaryFolder
  private let server: SandboxServer?
  /// The database file behind the backend.
  let path: String

  init(_ kind: BackendKind) throws {
    folder = try TemporaryFolder()
    path = folder.file("sandbox.db")
    switch kind {
    case .inProcess:
      server = nil
      backend = SandboxBackend(databasePath: path)
    case .overHTTP:
      let server = try SandboxServer(.init(databasePath: path))
      self.server = server
      let credentials = try Credentials(baseURL: BaseURL(server.url), key: "tk_contract")
      backend = try RemoteBackend(.init(credentials: credentials, version: "1.2.3"))
    }
  }

  deinit { server?.stop() }

  /// What a call comes to.
  func outcome(of call: ActionCall) throws -> Result<Reply, ActionError> {
    try #require(try outcomes(of: [call])[0])
  }

  /// What calls that begin together come to, in their order; nil for one that never completed.
  func outcomes(of calls: [ActionCall]) throws -> [Result<Reply, ActionError>?] {
    var outcomes = [Result<Reply, ActionError>?](repeating: nil, count: calls.count)
    var completions = 0
    for (index, call) in calls.enumerated() {
      _ = backend.begin(call) { outcome in
        outcomes[index] = outcome
        completions += 1
      }
    }
    for _ in 0..<1000 where completions < calls.count { backend.poll(timeout: .seconds(1)) }
    #expect(completions == calls.count)
    return outcomes
  }

  /// The status and body of a reply.
  func reply(
    _ operation: ActionCall.Operation, account: String = "demo-user-1", body: String = ""
  ) throws -> (status: Int, body: String) {
    let effect = effect(of: operation)
    let call = ActionCall(
      operation: operation, account: account, effect: effect, body: Array(body.utf8))
    let reply = try outcome(of: call).get()
    return (reply.status, String(decoding: reply.body, as: UTF8.self))
  }

  private func effect(of operation: ActionCall.Operation) -> Effect {
    guard case .execute(let app, let action) = operation else { return .read }
    return EffectRules().effect(app: app, action: action, method: nil)
  }
}

/// Makes an engine on a file of its own, which is removed afterwards.
func withEngine<Result>(_ body: (SandboxEngine) throws -> Result) throws -> Result {
  let folder = try TemporaryFolder()
  return try body(
    try SandboxEngine(databasePath: folder.file("sandbox.db")) { "2026-02-01T12:00:00.000Z" })
}

func execute(
  _ engine: SandboxEngine, _ app: String, _ action: String, _ body: String,
  account: String = "demo-user-1"
) throws -> (status: Int, body: String) {
  let effect = EffectRules().effect(app: app, action: action, method: nil)
  let call = ActionCall(
    operation: .execute(app: app, action: action), account: account, effect: effect,
    body: Array(body.utf8))
  let reply = try engine.reply(to: call)
  return (reply.status, String(decoding: reply.body, as: UTF8.self))
}
