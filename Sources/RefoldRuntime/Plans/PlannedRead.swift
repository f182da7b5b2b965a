import RefoldActions

/// A read that the writes of a plan rest on: what was asked, and what the app answered.
public struct PlannedRead: Sendable, Hashable {
  /// The slug of the app.
  public var app: String
  /// The id of the action.
  public var action: String
  /// The linked account.
  public var account: String
  /// The parameters, an object.
  public var parameters: PlanValue
  /// The number of the first write that came after it, from 1.
  public var beforeWrite: Int
  /// Where the script asks; nil for what the plan itself looked up.
  public var place: String?
  /// SHA-256 of the answer, without what ``lasting(_:)`` takes out.
  public var hash: String
  /// That answer; nil for one that is too large to be kept.
  public var answer: PlanValue?

  /// The largest answer that is kept, in bytes of JSON.
  static let largestAnswer = 1 << 20

  /// What is called, as `app.action`.
  public var name: String { "\(app).\(action)" }

  init(
    _ call: ActionCall, parameters: PlanValue, result: Result<Reply, ActionError>,
    beforeWrite: Int, place: String?
  ) {
    (app, action, account) = (call.app ?? "", call.action ?? "", call.account)
    self.parameters = parameters
    self.beforeWrite = beforeWrite
    self.place = place
    let answer = Self.answer(result)
    let text = answer.json
    hash = Fingerprint.of(text)
    self.answer = text.utf8.count <= Self.largestAnswer ? answer : nil
  }

  init?(_ value: PlanValue) {
    guard let app = value["app"]?.string, let action = value["action"]?.string,
      let account = value["account"]?.string, let parameters = value["parameters"],
      let beforeWrite = value["before_write"]?.integer, let hash = value["sha256"]?.string
    else { return nil }
    (self.app, self.action, self.account) = (app, action, account)
    (self.parameters, self.beforeWrite, self.hash) = (parameters, beforeWrite, hash)
    place = value["script"]?.string
    answer = value["answer"]
  }

  /// What it is in a plan file.
  var value: PlanValue {
    .fields([
      "app": .text(app), "action": .text(action), "account": .text(account),
      "parameters": parameters, "before_write": .number(String(beforeWrite)),
      "script": place.map { .text($0) }, "sha256": .text(hash), "answer": answer,
    ])
  }

  /// The call that asks again.
  var call: ActionCall {
    ActionCall(
      operation: .execute(app: app, action: action), account: account, effect: .read,
      body: Array(parameters.json.utf8))
  }

  // MARK: - What counts

  /// Fields that say when somebody touched or looked at a record, not what it holds; compared without case, `_` and `-`.
  private static let passing: Set<String> = [
    "updatedat", "lastmodifieddate", "hslastmodifieddate", "lastmodified", "lastmodifiedat",
    "modifiedat", "systemmodstamp", "lastvieweddate", "lastreferenceddate", "lastseenat", "etag",
    "requestid", "traceid",
  ]

  /// Returns an answer without the fields that change when nothing that a script reads as data does.
  static func lasting(_ value: PlanValue) -> PlanValue {
    switch value {
    case .array(let elements): return .array(elements.map(lasting))
    case .object(let members):
      return .object(
        members.filter { !isPassing($0.name) }.map {
          PlanValue.Member(name: $0.name, value: lasting($0.value))
        })
    default: return value
    }
  }

  static func isPassing(_ name: String) -> Bool {
    passing.contains(name.lowercased().filter { $0 != "_" && $0 != "-" })
  }

  /// What the app answered, as far as it counts: `data` of the envelope, or how the call failed.
  static func answer(_ result: Result<Reply, ActionError>) -> PlanValue {
    switch result {
    case .failure(let error):
      // The code may be one of this program's, which is not what counts.
      guard let status = error.status else { return .fields(["failed": .text(error.code)]) }
      return .fields(["failed": .number(String(status))])
    case .success(let reply):
      guard let whole = try? PlanValue(json: reply.body) else {
        return .fields(["failed": .text("malformed_answer")])
      }
      return lasting(whole["data"] ?? whole)
    }
  }
}
