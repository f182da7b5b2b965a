import RefoldRuntime

/// The changes that a plan makes to the project's own state, as lines of a diff.
struct StateDiff {
  let style: TextStyle
  let plan: Plan

  /// What a change does, in a word or two.
  static let words: [PlannedChange.Kind: String] = [
    .set: "set", .remove: "remove", .claim: "claim", .done: "done", .release: "give back",
    .interrupt: "interrupt", .letter: "keep",
  ]

  /// A line that says what is changed, and one for what it is set to.
  func lines(of change: PlannedChange) -> [String] {
    let word = Self.words[change.kind] ?? ""
    var head = style(rendition(of: change), "\(sign(of: change)) \(word) \(change.name)")
    if change.kind != .letter { head += "  \(PlanDiff.text(change.key))" }
    return [head] + details(of: change).map { "    \($0)" }
  }

  private func details(of change: PlannedChange) -> [String] {
    switch change.kind {
    case .set:
      let value = change.content["value"].map { PlanDiff.text($0) } ?? ""
      guard let before = before(change).map({ PlanDiff.text($0) }) else {
        return ["value: \(value)"]
      }
      return ["value: \(before) -> \(style(.bold, value))"]
    case .remove:
      return before(change).map { ["value: \(style(.failure, PlanDiff.text($0)))"] } ?? []
    case .claim: return change.window.map { ["window: \($0)"] } ?? []
    case .done: return change.content["result"].map { ["result: \(PlanDiff.text($0))"] } ?? []
    case .release: return [style(.faint, "(its function fails)")]
    case .interrupt: return [style(.faint, "(the plan ends in the middle of its function)")]
    case .letter:
      let message = change.content["error"]?["message"]
      return ["record: \(PlanDiff.text(change.content["record"] ?? .null))"]
        + (message.map { ["error:  \(PlanDiff.text($0))"] } ?? [])
    }
  }

  /// The value that is replaced, as far as it is kept.
  private func before(_ change: PlannedChange) -> PlanValue? {
    change.follows.map { plan.changes[$0 - 1].content["value"] } ?? change.before
  }

  private func sign(of change: PlannedChange) -> String {
    switch change.kind {
    case .set: change.beforeHash == nil && before(change) == nil ? "+" : "~"
    case .remove: "-"
    case .claim, .done, .release, .interrupt: ">"
    case .letter: "+"
    }
  }

  private func rendition(of change: PlannedChange) -> TextStyle.Rendition {
    switch sign(of: change) {
    case "+": .string
    case "~": .write
    case "-": .failure
    default: .number
    }
  }

  // MARK: - In a sum

  private static let kinds: [(kind: PlannedChange.Kind, one: String, many: String)] = [
    (.set, "value", "values"), (.remove, "value", "values"),
    (.claim, "key of refold.once", "keys of refold.once"),
    (.letter, "dead letter", "dead letters"),
  ]

  private static func counts(
    _ plan: Plan, _ phrase: (PlannedChange.Kind) -> String
  ) -> [String] {
    kinds.compactMap { kind, one, many in
      let count = plan.count(kind)
      return count == 0 ? nil : "\(count) \(count == 1 ? one : many) \(phrase(kind))"
    }
  }

  /// What a plan would change, each kind in a few words: `1 value to set`.
  static func planned(_ plan: Plan) -> [String] { counts(plan) { "to \(words[$0] ?? "")" } }

  /// What a plan has changed: `1 value set`.
  static func done(_ plan: Plan) -> [String] { counts(plan) { participles[$0] ?? "" } }

  private static let participles: [PlannedChange.Kind: String] = [
    .set: "set", .remove: "removed", .claim: "claimed", .letter: "kept",
  ]
}
