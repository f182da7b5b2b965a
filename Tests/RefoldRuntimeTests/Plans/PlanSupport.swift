import RefoldActions

@testable import RefoldRuntime

/// An app with contacts that the plan can read, and that remembers what it was sent.
final class PlanBackend {
  var contacts: [String: String] = [
    "7": #"{"id":"7","properties":{"email":"ada@x.example","phone":"1"}}"#
  ]
  let scripted: ScriptedBackend
  private let box = Box()

  private final class Box { weak var owner: PlanBackend? }

  init(created: String = #"{"id":"8","properties":{"email":"new@x.example"}}"#) {
    scripted = ScriptedBackend { [box] call in
      let text: String
      switch call.operation {
      case .actions:
        text =
          #"[{"action_id":"get_contact"},{"action_id":"getContactById"},{"action_id":"update_contact"}]"#
      case .schema(_, "getContactById"), .schema(_, "delete_contact"):
        text = #"[{"name":"contact_id","required":true}]"#
      case .schema(_, "get_contact"): text = #"[{"name":"limit"}]"#
      case .schema: text = "[]"
      case .execute(_, "create_contact"): text = #"{"node_status":"Success","data":\#(created)}"#
      case .execute(_, "getContactById"):
        let id = (try? PlanValue(json: call.body))?["contact_id"]?.string ?? ""
        guard let contact = box.owner?.contacts[id] else {
          return .success(Reply(status: 404, body: Array(#"{"message":"none"}"#.utf8)))
        }
        text = #"{"node_status":"Success","data":\#(contact)}"#
      default: return nil
      }
      return .success(Reply(status: 200, body: Array(text.utf8)))
    }
    box.owner = self
  }

  /// What was sent to write.
  var written: [String] { scripted.executed.filter { !$0.hasPrefix("crm.get") } }

  /// Plans code for the account 'acme'.
  ///
  /// - Parameter store: A store that the plan may change.
  func plan(_ code: String, store: any StateStore = MemoryStateStore()) -> Planned {
    let planner = Planner(number: 7)
    var log: [LogLine] = []
    var configuration = Lane.Configuration(
      log: { log.append(planner.readable($0)) }, store: store)
    configuration.planner = planner
    let script = Script(name: "(test)", source: Array(code.utf8), moduleFolders: [])
    var options = RunOptions(account: "acme")
    options.mode = "plan"
    let generation = Generation(script)
    let outcome = Lane(backend: scripted, configuration).run(generation, options)
    if case .failure(let failure) = outcome.result { _ = planner.takesAsEnd(failure) }
    let plan = Plan(
      planner, generation, reference: nil, options, project: .working(),
      backend: ("scripted", "memory"))
    return Planned(plan: plan, outcome: outcome, log: log.map(\.message))
  }
}

/// A plan, and the run that it was made in.
struct Planned {
  var plan: Plan
  var outcome: RunOutcome
  var log: [String]

  /// The writes in a line each.
  var writes: [String] {
    plan.writes.map { write in
      let changes = write.changes.map { change in
        let before = change.before.map { "\($0.json) -> " } ?? ""
        return "\(change.field): \(before)\(change.after?.shown.json ?? "-")"
      }
      return "\(write.kind.rawValue) \(write.action) {\(changes.joined(separator: ", "))}"
        + (write.isUnchanged ? " unchanged" : "") + (write.remark.map { " (\($0))" } ?? "")
    }
  }

  /// Where and why it ends.
  var end: String? { plan.end.map { "\($0.place ?? "?"): \($0.reason)" } }
}
