import Posix
import RefoldActions
import RefoldRuntime

/// A backend that answers from a closure, at once or from the next poll.
final class ScriptedBackend: Backend {
  let name = "scripted"
  let location = "memory"
  var answersLater = false
  private(set) var calls: [ActionCall] = []
  private(set) var cancelled = 0
  /// How many calls were in flight at most.
  private(set) var mostWaiting = 0
  private var waiting: [Waiting] = []

  // No tuple: a closure that goes in and out of one is wrapped once more each time.
  private struct Waiting {
    let id: CallID
    let call: ActionCall
    let completion: (Result<Reply, ActionError>) -> Void
  }

  private let answer: (ActionCall) -> Result<Reply, ActionError>?

  init(_ answer: @escaping (ActionCall) -> Result<Reply, ActionError>? = { _ in nil }) {
    self.answer = answer
  }

  /// The executed calls as `app.action body`.
  var executed: [String] {
    calls.compactMap { call in
      guard case .execute(let app, let action) = call.operation else { return nil }
      return "\(app).\(action) \(String(decoding: call.body, as: UTF8.self))"
    }
  }

  func begin(
    _ call: ActionCall, _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) -> CallID {
    calls.append(call)
    let id = CallID(UInt64(calls.count))
    if answersLater {
      waiting.append(Waiting(id: id, call: call, completion: completion))
      mostWaiting = max(mostWaiting, waiting.count)
    } else {
      completion(result(of: call))
    }
    return id
  }

  func cancel(_ id: CallID) {
    cancelled += 1
    waiting.removeAll { $0.id == id }
  }

  func poll(timeout: Duration) {
    if waiting.allSatisfy({ isSilent($0.call) }) { wakeup?.wait(timeout) }
    let ready = waiting
    isQuiet = ready.allSatisfy { entry in
      guard case .execute(_, let action) = entry.call.operation else { return false }
      return silentActions.contains(action) || slowActions.contains(action)
    }
    waiting = []
    for entry in ready {
      if isSilent(entry.call) || isSlow(entry.call) || isHeld(entry.call) {
        waiting.append(entry)
      } else {
        entry.completion(result(of: entry.call))
      }
    }
  }

  /// Actions that are never answered.
  var silentActions: Set<String> = []
  /// Actions that are answered when nothing else is left to answer.
  var slowActions: Set<String> = []

  private let wakeup = try? Wakeup()
  var wake: @Sendable () -> Void { { [wakeup] in wakeup?.wake() } }

  /// Tells of calls that are not answered yet.
  var isHeld: (ActionCall) -> Bool = { _ in false }
  private var isQuiet = false

  private func isSlow(_ call: ActionCall) -> Bool {
    guard case .execute(_, let action) = call.operation else { return false }
    return slowActions.contains(action) && !isQuiet
  }

  private func isSilent(_ call: ActionCall) -> Bool {
    guard case .execute(_, let action) = call.operation else { return false }
    return silentActions.contains(action)
  }

  private func result(of call: ActionCall) -> Result<Reply, ActionError> {
    let result = answer(call) ?? .success(Reply(status: 200, body: Array(Self.standard(call).utf8)))
    return result.flatMap { reply in
      ReplyClassifier.failure(of: reply, to: call).map { .failure($0) } ?? .success(reply)
    }
  }

  /// An app 'crm' with a read and a write.
  private static func standard(_ call: ActionCall) -> String {
    switch call.operation {
    case .accounts: #"{"docs":[{"account_id":"acme"}],"hasNextPage":false}"#
    case .applications: #"[{"slug":"crm","name":"CRM","connected":true}]"#
    case .config(let app):
      #"{"slug":"\#(app)","config_id":"acme","fields":[{"id":"f1","name":"Region","value":"eu"}],"workflows":[]}"#
    case .application(let app): #"{"slug":"\#(app)","name":"CRM","connected":true}"#
    case .actions:
      #"[{"action_id":"get_contact","name":"Get"},{"action_id":"create_contact","name":"Create"}]"#
    case .schema(_, "create_contact"):
      #"[{"name":"email","label":"E-mail","required":true,"type":"text"},{"name":"age","type":"number"},"#
        + #"{"name":"active","type":"boolean"},{"name":"more","type":"json"},{"name":"odd","type":"colour","x":1}]"#
    case .schema(_, "get_contact"):
      #"[{"name":"limit","label":"Limit","required":false,"type":"text"}]"#
    case .schema: "[]"
    case .execute(_, let action):
      #"{"node_status":"Success","data":{"action":"\#(action)","sent":\#(String(decoding: call.body, as: UTF8.self))}}"#
    }
  }
}

/// Runs code for the account 'acme' and returns the outcome.
func run(
  _ code: String, on backend: ScriptedBackend = ScriptedBackend(), input: String? = nil,
  timeout: Duration? = .seconds(30), memoryBytes: Int = 16 << 20,
  log: @escaping (LogLine) -> Void = { _ in }
) -> RunOutcome {
  let lane = Lane(backend: backend, .init(log: log))
  let script = Script(name: "script.lua", source: Array(code.utf8), moduleFolders: [])
  return lane.run(
    script,
    RunOptions(
      account: "acme", input: input.map { Array($0.utf8) }, timeout: timeout,
      memoryBytes: memoryBytes))
}

extension RunOutcome {
  /// The result as text, or the failure's code and message.
  var text: String {
    switch result {
    case .success(let json): String(decoding: json, as: UTF8.self)
    case .failure(let failure): "\(failure.code): \(failure.message)"
    }
  }

  var failure: RunFailure? {
    guard case .failure(let failure) = result else { return nil }
    return failure
  }
}
