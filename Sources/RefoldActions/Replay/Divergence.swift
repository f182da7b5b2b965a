/// How a replay differs from what was recorded.
enum Divergence {
  /// The account has no recording.
  case account(String)
  /// Something is looked up that was not.
  case lookUp(CallIdentity, ActionCall)
  /// The action was called with other parameters.
  case otherParameters(expected: RecordedCall, actual: CallIdentity)
  /// The same call was made, but not as often.
  case tooOften(CallIdentity, recorded: Int)
  /// The action was never called.
  case unknown(actual: CallIdentity, expected: RecordedCall?)
  /// A call comes before another one of its task that was recorded before it.
  case reordered(expected: RecordedCall, actual: CallIdentity, recordedAt: [Int])
  /// The run has ended without these.
  case unused([RecordedCall])

  /// How many calls or differences are shown.
  private static let mostShown = 5
  private static let width = 120

  /// The error of a replay, with what was expected and what came side by side.
  func error(about call: ActionCall, folder: String) -> ActionError {
    ActionError(
      .diverged, code: code, message: lines.joined(separator: "\n"),
      hint: "if this is what the script is meant to do now, record it again: "
        + "'refold run SCRIPT --record \(folder) --overwrite'", about: call)
  }

  private var code: String {
    switch self {
    case .reordered: "replay_reordered"
    case .unused: "replay_unused"
    case .account, .lookUp, .otherParameters, .tooOften, .unknown: "replay_unmatched"
    }
  }

  private var lines: [String] {
    switch self {
    case .account(let account):
      ["the replay differs: there is no recording of account '\(account)'"]
    case .lookUp(let identity, _):
      identity.operation == "schema"
        ? ["the replay differs: \(identity.app ?? "?").\(identity.action ?? "?") was not called"]
        : ["the replay differs: \(identity.name) was not looked up"]
    case .otherParameters(let expected, let actual):
      ["the replay differs: \(actual.name) is called with other parameters than recorded"]
        + sides(expected.shown, actual.shown)
        + Self.differences(expected.identity.params, actual.params)
    case .tooOften(let actual, let count):
      [
        "the replay differs: a call is made \(count + 1) times, and was recorded \(Self.times(count))"
      ]
        + sides("no further such call", actual.shown)
    case .unknown(let actual, let expected):
      ["the replay differs: \(actual.name) was not called here"]
        + sides(expected?.shown ?? "no further call", actual.shown)
    case .reordered(let expected, let actual, let path):
      ["the replay differs: calls come in another order than recorded"]
        + sides(expected.shown, "\(actual.shown), recorded as \(RecordedCall.step(path))")
    case .unused(let calls):
      ["the replay differs: the run has ended without \(Self.count(calls.count))"]
        + calls.prefix(Self.mostShown).map { "  expected  \($0.shown)" }
        + (calls.count > Self.mostShown ? ["  and \(calls.count - Self.mostShown) more"] : [])
        + ["  actual    the end of the run"]
    }
  }

  private func sides(_ expected: String, _ actual: String) -> [String] {
    ["  expected  \(expected)", "  actual    \(actual)"]
  }

  private static func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }

  private static func count(_ count: Int) -> String {
    count == 1 ? "a recorded call" : "\(count) recorded calls"
  }

  /// Names the places at which documents differ: `  differs   $.email: "a" was recorded, "b" is sent`.
  private static func differences(_ expected: JSONTree, _ actual: JSONTree) -> [String] {
    var found: [String] = []
    find(expected, actual, "$", &found)
    let shown = found.prefix(mostShown).map { "  differs   \($0)" }
    return found.count > mostShown ? shown + ["  and \(found.count - mostShown) more"] : shown
  }

  private static func find(
    _ expected: JSONTree?, _ actual: JSONTree?, _ path: String, _ found: inout [String]
  ) {
    switch (expected, actual) {
    case (.object(let members)?, .object(let others)?):
      for name in Set(members.map(\.name) + others.map(\.name)).sorted() {
        find(expected?[name], actual?[name], "\(path).\(name)", &found)
      }
    case (.array(let elements)?, .array(let others)?):
      for index in 0..<max(elements.count, others.count) {
        find(
          index < elements.count ? elements[index] : nil,
          index < others.count ? others[index] : nil, "\(path)[\(index)]", &found)
      }
    case (let expected?, let actual?) where expected.matches(actual): break
    default:
      let (was, sent) = (expected.map { shown($0) }, actual.map { shown($0) })
      found.append(
        "\(path): \(was ?? "nothing") was recorded, \(sent ?? "nothing") is sent")
    }
  }

  private static func shown(_ tree: JSONTree) -> String { OneLine.of(tree.text, limit: 60) }
}

extension RecordedCall {
  /// The call in a line: `step 2: hubspot.create_contact {"email":"…"}`.
  fileprivate var shown: String {
    path.isEmpty ? identity.shown : "\(Self.step(path)): \(identity.shown)"
  }

  static func step(_ path: [Int]) -> String {
    "step \(path.map(String.init).joined(separator: "."))"
  }
}

extension CallIdentity {
  fileprivate var shown: String {
    isLookUp ? name : "\(name) \(OneLine.of(params.text, limit: 120))"
  }
}
