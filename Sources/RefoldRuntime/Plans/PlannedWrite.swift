import RefoldActions

/// A write that a run would make: captured, and shown field by field.
public struct PlannedWrite: Sendable, Hashable {
  /// Its place in the plan, from 1.
  public var number: Int
  /// What it does.
  public var kind: WriteKind
  /// The slug of the app.
  public var app: String
  /// The id of the action.
  public var action: String
  /// The linked account.
  public var account: String
  /// What is sent, an object.
  public var parameters: PlanValue
  /// The key under which the script promises that repeating it is harmless.
  public var key: String?
  /// Where the script makes it, as `file:line`.
  public var place: String?
  /// The names of the parameters that say which record it is.
  public var identity: [String] = []
  /// What the record is called by people, where that is known.
  public var title: String?
  /// The fields that it sets or removes, and what they are now.
  public var changes: [Change] = []
  /// Whether the record was looked up, so that each change knows what was there before.
  public var isBeforeKnown = false
  /// What is worth knowing about it, in a line.
  public var remark: String?
  /// What the script read of the answer before there is one, taken from what is sent.
  public var assumptions: [Assumption] = []

  /// A field that changes.
  public struct Change: Sendable, Hashable {
    /// The field; `outer.inner` inside an object.
    public var field: String
    /// What it is now; nil for nothing, or for not known.
    public var before: PlanValue?
    /// What it will be; nil when the record is deleted.
    public var after: PlanValue?
  }

  /// A value that the script took the app to answer.
  public struct Assumption: Sendable, Hashable {
    /// The names on the way to it, from `data`.
    public var path: [String]
    /// The value.
    public var value: PlanValue
  }

  /// What is called, as `app.action`.
  public var name: String { "\(app).\(action)" }

  /// Whether it would leave the record as it is.
  public var isUnchanged: Bool { kind == .update && isBeforeKnown && changes.isEmpty }

  init(number: Int, kind: WriteKind, call: ActionCall, parameters: PlanValue) {
    self.number = number
    self.kind = kind
    (app, action, account) = (call.app ?? "", call.action ?? "", call.account)
    self.parameters = parameters
    key = call.idempotencyKey
  }

  // MARK: - In a plan file

  /// What it is in a plan file.
  var value: PlanValue {
    let changes = changes.map { change in
      PlanValue.fields([
        "field": .text(change.field), "before": change.before, "after": change.after?.shown,
      ])
    }
    let assumptions = assumptions.map { assumption in
      PlanValue.fields([
        "at": .array(assumption.path.map { .text($0) }), "value": assumption.value,
      ])
    }
    return .fields([
      "number": .number(String(number)), "kind": .text(kind.rawValue), "app": .text(app),
      "action": .text(action), "account": .text(account), "parameters": parameters,
      "fill_in": parameters.openPlaces, "key": key.map { .text($0) },
      "script": place.map { .text($0) }, "title": title.map { .text($0) },
      "identity": .array(identity.map { .text($0) }), "changes": .array(changes),
      "before_known": .bool(isBeforeKnown), "unchanged": .bool(isUnchanged),
      "remark": remark.map { .text($0) },
      "assumes": assumptions.isEmpty ? nil : .array(assumptions),
    ])
  }

  init?(_ value: PlanValue) {
    guard let number = value["number"]?.integer,
      let kind = value["kind"]?.string.flatMap(WriteKind.init(rawValue:)),
      let app = value["app"]?.string, let action = value["action"]?.string,
      let account = value["account"]?.string, let sent = value["parameters"],
      sent.members != nil, let parameters = sent.opened(at: value["fill_in"])
    else { return nil }
    (self.number, self.kind, self.app, self.action) = (number, kind, app, action)
    (self.account, self.parameters) = (account, parameters)
    key = value["key"]?.string
    place = value["script"]?.string
    title = value["title"]?.string
    identity = value["identity"]?.texts ?? []
    isBeforeKnown = value["before_known"]?.boolean ?? false
    remark = value["remark"]?.string
    changes = (value["changes"]?.elements ?? []).compactMap { change in
      change["field"]?.string.map {
        Change(field: $0, before: change["before"], after: change["after"])
      }
    }
    assumptions = (value["assumes"]?.elements ?? []).compactMap { assumption in
      guard let path = assumption["at"]?.texts, let value = assumption["value"] else { return nil }
      return Assumption(path: path, value: value)
    }
  }
}

extension PlanValue {
  /// The strings of an array; nil for what is no array of strings.
  var texts: [String]? {
    guard let elements else { return nil }
    let texts = elements.compactMap(\.string)
    return texts.count == elements.count ? texts : nil
  }

  /// The value for people, where what is not known is a text that says so.
  public var shown: PlanValue {
    switch self {
    case .unknown(let parts):
      .text(
        parts.map { part in
          if case .text(let text) = part { return text }
          return Placeholder.text
        }.joined())
    case .array(let elements): .array(elements.map(\.shown))
    case .object(let members):
      .object(members.map { Member(name: $0.name, value: $0.value.shown) })
    default: self
    }
  }
}

extension PlanValue.Part {
  var value: PlanValue {
    switch self {
    case .text(let text): .fields(["text": .text(text)])
    case .answer(let answer): answer.value(isJSON: false)
    case .json(let answer): answer.value(isJSON: true)
    }
  }

  init?(_ value: PlanValue) {
    if let text = value["text"]?.string {
      self = .text(text)
      return
    }
    guard let write = value["write"]?.integer, let path = value["path"]?.texts else { return nil }
    let answer = PlanValue.Answer(write: write, path: path)
    self = value["as_json"]?.boolean == true ? .json(answer) : .answer(answer)
  }
}

extension PlanValue.Answer {
  fileprivate func value(isJSON: Bool) -> PlanValue {
    .fields([
      "write": .number(String(write)), "path": .array(path.map { .text($0) }),
      "as_json": isJSON ? .bool(true) : nil,
    ])
  }
}
