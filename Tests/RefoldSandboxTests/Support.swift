import HTTP
import RefoldActions
import RefoldTesting
import Testing

@testable import RefoldSandbox

/// The ways to the same answers: the sandbox itself, over HTTP, and a recording of it.
enum BackendKind: String, CaseIterable, Sendable {
  case inProcess, overHTTP, replayed
}

/// A backend of one kind on a sandbox of its own.
final class TestBackend {
  let backend: any Backend
  private let folder: TemporaryFolder
  private let server: SandboxServer?
  /// The database file behind the backend.
  let path: String
  /// For a replay: what records, and all that was called so far.
  private var recorder: Recorder?
  private var recorded: RecordingBackend?
  private var history: [ActionCall] = []

  init(_ kind: BackendKind) throws {
    folder = try TemporaryFolder()
    path = folder.file("sandbox.db")
    switch kind {
    case .replayed:
      server = nil
      let recorder = Recorder(Redaction())
      let recorded = RecordingBackend(SandboxBackend(databasePath: path), recorder)
      _ = recorded.begin(ActionCall(operation: .applications, account: "acme")) { _ in }
      self.recorder = recorder
      self.recorded = recorded
      backend = ReplayBackend(try Self.recordings(recorder, accounts: ["acme"]))
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

  private static func recordings(_ recorder: Recorder, accounts: [String]) throws -> Recordings {
    let all = try accounts.map { account in
      let header = Recording.Header(
        script: "contract", account: account, backend: "sandbox", version: "1.2.3",
        runID: "run_1", seed: 1, started: 0)
      let made = try recorder.recording(header, readings: [], outcome: "ok")
      return try Recording(made.bytes, at: "contract.jsonl")
    }
    return Recordings(all, folder: "recordings/contract")
  }

  /// What calls that begin together come to, in their order; nil for one that never completed.
  func outcomes(of calls: [ActionCall]) throws -> [Result<Reply, ActionError>?] {
    guard let recorder, let recorded else { return try outcomes(of: calls, on: backend) }
    _ = try outcomes(of: calls, on: recorded)
    // A replay begins at the start: what came before is called again.
    let before = history
    history += calls
    let accounts = Set(history.map(\.account)).sorted()
    let replay = ReplayBackend(try Self.recordings(recorder, accounts: accounts))
    for call in before { _ = try outcomes(of: [call], on: replay) }
    return try outcomes(of: calls, on: replay)
  }

  private func outcomes(
    of calls: [ActionCall], on backend: any Backend
  ) throws -> [Result<Reply, ActionError>?] {
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
