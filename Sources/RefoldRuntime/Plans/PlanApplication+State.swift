import Lua
import RefoldActions

/// What a plan changes of the project's own state: in its order among the writes, each once, and only if the state is as the plan saw it.
extension PlanApplication {
  /// The word under which claims of `refold.once` are kept that a plan has made.
  private var owner: String { "plan:\(id)" }

  // MARK: - What the plan rests on

  /// Looks again at the state that the changes and writes which are left rest on.
  ///
  /// - Parameter last: The number of the last write that was sent before.
  func stateDrift(after last: Int) throws(ActionError) -> [PlanDrift] {
    let sights = plan.stateFoundations.filter { $0.beforeWrite > last }
    guard !sights.isEmpty else { return [] }
    try state.openAndWait()
    let made = try state.changesMade(of: id)
    let own = plan.changes.filter { made.contains($0.number) }
    var drift: [PlanDrift] = []
    for sight in sights where !own.contains(where: { $0.touches(sight) }) {
      if let moved = PlanDrift(sight, now: try now(of: sight)) { drift.append(moved) }
    }
    return drift
  }

  private func now(of sight: StateSight) throws(ActionError) -> PlanValue {
    let shelf = StateShelf(account: plan.account, script: sight.script ?? "")
    switch sight.kind {
    case .value: return StateSight.value(try state.entry(sight.key, on: shelf)?.value)
    case .once:
      return StateSight.once(try state.standing(claim(of: sight.key)))
    case .entries:
      var entries: [StateEntry] = []
      var last = sight.after
      while true {
        let page = try state.entries(on: shelf, prefix: sight.key, after: last, limit: 128)
        let read = page.filter { entry in
          sight.through.map { !Planner.isOrdered($0, entry.key) } ?? true
        }
        entries += read
        last = page.last?.key
        if page.count < 128 || read.count < page.count { return StateSight.entries(entries) }
      }
    }
  }

  /// A claim of the plan, which may take over from an earlier application of it.
  private func claim(of key: String) -> StateClaim {
    var claim = StateClaim(account: plan.account, key: key)
    (claim.run, claim.takesOver) = (owner, true)
    return claim
  }

  // MARK: - Going on

  /// Finds out which changes were made before, and which claims have to be taken again, since their functions are not at their end.
  func resumeChanges() throws(ActionError) {
    guard !plan.changes.isEmpty else { return }
    try state.openAndWait()
    made = try state.changesMade(of: id)
    let settled = Set(
      plan.changes.filter { $0.kind != .set && made.contains($0.number) }.compactMap(\.follows))
    for change in plan.changes
    where change.kind == .claim && made.contains(change.number) && !settled.contains(change.number)
    {
      // A key that was known only after apply is filled in below, from the answers of the writes before it.
      openClaims.insert(change.number)
    }
  }

  /// Makes the changes that come before a write, and were not made before.
  ///
  /// - Parameter number: The number of the write; nil for all that are left.
  func makeChanges(before number: Int?) throws(ActionError) -> End? {
    while nextChange < plan.changes.count {
      let change = plan.changes[nextChange]
      if let number, change.beforeWrite > number { return nil }
      if StopSignal.hasArrived { return .stopped }
      let content: PlanValue
      do throws(MissingAnswer) {
        content = try change.content.filled(with: answers)
      } catch {
        return .moved(change, "\(error.message), which it needs")
      }
      if let end = try made.contains(change.number)
        ? goOn(with: change, content) : make(change, content)
      {
        return end
      }
      nextChange += 1
    }
    return nil
  }

  /// Passes over a change that was made before.
  private func goOn(
    with change: PlannedChange, _ content: PlanValue
  ) throws(ActionError) -> End? {
    guard openClaims.contains(change.number) else { return nil }
    let claim = claim(of: Self.key(in: content))
    let answer = try state.claimAndWait(claim, window: Self.window(in: content))
    guard answer == .won else { return .moved(change, Self.reason(StateSight.once(answer))) }
    claims[change.number] = claim
    return nil
  }

  private func make(
    _ change: PlannedChange, _ content: PlanValue
  ) throws(ActionError) -> End? {
    let key = Self.key(in: content)
    guard change.kind == .letter || (1...1024).contains(key.utf8.count) else {
      return .moved(change, "a key has 1 to 1024 bytes, and this one \(key.utf8.count)")
    }
    let effect: StateEffect
    switch change.kind {
    case .set, .remove:
      let shelf = StateShelf(account: plan.account, script: change.script ?? "")
      let expected: String?
      do throws(MissingAnswer) {
        expected = try expectedHash(change)
      } catch {
        return .moved(change, "\(error.message), which it needs")
      }
      effect = .put(
        content["value"].map { Array($0.json.utf8) }, key: key, shelf, expecting: expected)
    case .claim:
      let claim = claim(of: key)
      claims[change.number] = claim
      effect = .claim(claim, window: Self.window(in: content))
    case .done, .release, .interrupt:
      guard let claim = change.follows.flatMap({ claims[$0] }) else { return nil }
      let result = content["result"].map { Array($0.json.utf8) }
      effect = .settle(
        claim,
        change.kind == .done
          ? .done(result) : change.kind == .release ? .released : .interrupted)
    case .letter: effect = .bury(letter(in: content, change))
    }
    if let found = try state.make(effect, change.number, of: id) {
      return .moved(change, Self.reason(found, change.before))
    }
    changed += 1
    var shown = change
    shown.content = content
    onChange(shown)
    return nil
  }

  /// The hash of the value that has to be there; nil when there has to be none.
  private func expectedHash(_ change: PlannedChange) throws(MissingAnswer) -> String? {
    guard let follows = change.follows else { return change.beforeHash }
    let earlier = try plan.changes[follows - 1].content.filled(with: answers)
    return earlier["value"].map { Fingerprint.of($0.json) }
  }

  private static func key(in content: PlanValue) -> String {
    content["key"].map { $0.string ?? $0.json } ?? ""
  }

  private static func window(in content: PlanValue) -> Duration? {
    guard case .number(let text)? = content["window"], let seconds = Double(text) else {
      return nil
    }
    return .seconds(seconds)
  }

  private func letter(in content: PlanValue, _ change: PlannedChange) -> DeadLetter {
    let now = RunJournal.now() / 1000
    let record = Array((content["record"] ?? .null).json.utf8)
    let backend = lane.backend
    return DeadLetter(
      id: content["id"]?.string ?? DeadLetter.makeID(), run: "plan \(id.prefix(12))",
      script: content["script"]?.string ?? "", path: content["path"]?.string ?? "",
      source: content["source"]?.string.map { Array($0.utf8) }, account: plan.account,
      backend: "\(backend.name) \(backend.location)", record: record, recordBytes: record.count,
      failure: Array((content["error"] ?? .object([])).json.utf8), place: change.place,
      created: now, tried: now)
  }

  /// Why a change is not made: what is there instead of what the plan saw.
  private static func reason(_ found: PlanValue, _ before: PlanValue? = nil) -> String {
    switch found["state"]?.string {
    case nil:
      let now = found["value"].map { short($0) } ?? "nothing"
      return "it holds \(now) now, and the plan saw \(before.map { short($0) } ?? "another value")"
    case "done": return "it was done since the plan was made"
    case "running": return "another run is at it"
    default: return "another run began it, and was interrupted in the middle"
    }
  }

  private static func short(_ value: PlanValue) -> String {
    let text = value.json
    return text.count <= 100 ? text : text.prefix(99) + "…"
  }
}

extension PlannedChange {
  /// Whether it changes what was seen there.
  func touches(_ sight: StateSight) -> Bool {
    switch sight.kind {
    case .once: return name == "refold.once" && key == .text(sight.key)
    case .value: return script == sight.script && key == .text(sight.key)
    case .entries:
      guard kind == .set || kind == .remove, script == sight.script else { return false }
      guard let key = key.string else { return true }
      return key.utf8.starts(with: sight.key.utf8)
    }
  }
}
