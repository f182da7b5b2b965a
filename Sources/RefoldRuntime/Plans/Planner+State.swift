import Lua
import RefoldActions

/// What the script of a plan sees and changes of its state, which is a copy that is thrown away.
extension Planner {
  /// What is known of the state while a plan is made.
  struct State {
    /// The values that were there before the plan, by keys of one script; nil for none.
    var originals: [String: [UInt8]?] = [:]
    /// The last change of a key.
    var latest: [String: Int] = [:]
    /// The claims of keys that the plan has made, by their tokens.
    var claims: [Int64: Int] = [:]
    /// The keys of `refold.once` that were looked at.
    var claimed: Set<String> = []
    /// The keys, and stretches of keys, that were seen.
    var seen: Set<StateSight> = []
    /// Whether keys were read while others are not known yet.
    var hasWarned = false
  }

  private static let changedText =
    "the text of a value that is known after apply was changed before it was kept: use '..'"

  private var position: Int { writes.count + 1 }

  // MARK: - Seeing

  private func see(_ sight: StateSight) {
    var look = sight
    look.seen = nil
    if state.seen.insert(look).inserted { sights.append(sight) }
  }

  /// Keeps what is under a key, unless the plan itself has set it.
  func see(_ key: String, _ entry: StateEntry?, on shelf: StateShelf) {
    guard !mark.isIn(key), state.latest[key] == nil, state.originals[key] == nil else { return }
    state.originals[key] = .some(entry?.value)
    see(
      StateSight(
        .value, key, of: shelf.script, beforeWrite: position,
        seen: StateSight.value(entry?.value)))
  }

  /// Keeps entries that were read in the order of their keys, as they were before the plan changed some of them.
  func see(
    _ entries: [StateEntry], prefix: String, after: String?, limit: Int, on shelf: StateShelf
  ) {
    let through = entries.count < limit ? nil : entries.last?.key
    func isRead(_ key: String) -> Bool {
      guard key.utf8.starts(with: prefix.utf8) else { return false }
      if let after, !Self.isOrdered(after, key) { return false }
      return through.map { !Self.isOrdered($0, key) } ?? true
    }
    var there = entries.filter { !mark.isIn($0.key) && state.latest[$0.key] == nil }
    for key in state.latest.keys where isRead(key) && !mark.isIn(key) {
      guard case .some(.some(let value)) = state.originals[key] else { continue }
      there.append(StateEntry(key: key, value: value, version: 1))
    }
    there.sort { Self.isOrdered($0.key, $1.key) }
    var sight = StateSight(
      .entries, prefix, of: shelf.script, beforeWrite: position,
      seen: StateSight.entries(there))
    // A key that the plan has made is none that the state can be asked for.
    sight.through = through.map { mark.isIn($0) ? there.last?.key ?? after ?? "" : $0 }
    sight.after = after
    see(sight)
    guard !state.hasWarned, state.latest.keys.contains(where: mark.isIn) else { return }
    state.hasWarned = true
    warnings.append(
      "refold.store.each('\(prefix)') does not see the keys that are known after apply; a run would"
    )
  }

  /// Whether a key comes before another in the order of their bytes.
  static func isOrdered(_ first: String, _ second: String) -> Bool {
    first.utf8.lexicographicallyPrecedes(second.utf8)
  }

  /// Keeps what stood in the way of a claim, unless the plan itself has made one.
  func see(_ answer: StateClaim.Answer, of claim: StateClaim) {
    guard !mark.isIn(claim.key), state.claimed.insert(claim.key).inserted else { return }
    see(
      StateSight(
        .once, claim.key, of: nil, beforeWrite: position, seen: StateSight.once(answer)))
  }

  // MARK: - Changing

  private func add(
    _ kind: PlannedChange.Kind, at place: LuaError.Location?, _ content: PlanValue
  ) -> PlannedChange {
    PlannedChange(
      number: changes.count + 1, kind, beforeWrite: position, place: place?.description,
      content: content)
  }

  /// Sets or removes a value in the copy, and keeps that as a change of the plan.
  func put(
    _ value: [UInt8]?, at key: String, ifVersion version: Int64?, _ run: Run,
    at place: LuaError.Location?, _ completion: @escaping (Result<Bool, ActionError>) -> Void
  ) {
    let (store, shelf) = (run.lane.configuration.store, run.shelf)
    let given = value.map { (try? PlanValue(json: $0)).flatMap(resolved) }
    let name = resolved(.text(key))
    guard given != .some(nil), let name else { return run.endPlan(Self.changedText, at: place) }
    let begin = { [self] in
      do throws(ActionError) {
        see(key, try store.entry(key, on: shelf), on: shelf)
      } catch {
        return completion(.failure(error))
      }
      // The store of a plan answers before it returns: then the order of what tasks change at once is their own.
      let answer = Slot<Result<Bool, ActionError>>()
      let end = { [self] in
        guard let result = answer.take() else { return }
        if case .success(true) = result { keep(given ?? nil, key, name, of: shelf, at: place) }
        completion(result)
      }
      let later = run.lane.answers.expect { (_: Void) in end() }
      store.put(value, at: key, on: shelf, ifVersion: version) { result in
        answer.put(result)
        later(())
      }
      end()
    }
    guard !store.isOpen else { return begin() }
    store.open(
      run.lane.answers.expect { result in
        switch result {
        case .success: begin()
        case .failure(let error): completion(.failure(error))
        }
      })
  }

  private func keep(
    _ value: PlanValue?, _ key: String, _ name: PlanValue, of shelf: StateShelf,
    at place: LuaError.Location?
  ) {
    var change = add(
      value == nil ? .remove : .set, at: place, .fields(["key": name, "value": value]))
    change.script = shelf.script
    if let latest = state.latest[key] {
      change.follows = latest
      let earlier = changes[latest - 1].content["value"]
      if earlier == value { return }
    } else if case .some(.some(let bytes)) = state.originals[key],
      let before = try? PlanValue(json: bytes)
    {
      if before == value { return }
      let text = before.json
      change.beforeHash = Fingerprint.of(text)
      change.before = text.utf8.count <= PlannedRead.largestAnswer ? before : nil
    } else if value == nil {
      return
    }
    state.latest[key] = change.number
    changes.append(change)
  }

  /// Keeps that a key of `refold.once` is claimed.
  func keep(_ claim: StateClaim, window: Duration?, at place: LuaError.Location?) {
    state.claimed.insert(claim.key)
    let seconds = window.map { PlanValue.number(String($0 / .seconds(1))) }
    let key = resolved(.text(claim.key)) ?? .text(claim.key)
    let change = add(.claim, at: place, .fields(["key": key, "window": seconds]))
    state.claims[claim.token] = change.number
    changes.append(change)
  }

  /// Keeps how that has ended which a claim of the plan stands for.
  ///
  /// - Returns: Whether it can be said; else the plan ends here.
  func keep(_ end: StateClaim.End, of claim: StateClaim) -> Bool {
    guard let number = state.claims.removeValue(forKey: claim.token) else { return true }
    var (kind, result) = (PlannedChange.Kind.interrupt, PlanValue?.none)
    switch end {
    case .done(let json):
      kind = .done
      if let json {
        result = (try? PlanValue(json: json)).flatMap(resolved)
        if result == nil { kind = .interrupt }
      }
    case .released: kind = .release
    case .interrupted: break
    }
    let claimed = changes[number - 1]
    var change = add(kind, at: nil, .fields(["key": claimed.key, "result": result]))
    change.place = claimed.place
    change.follows = number
    changes.append(change)
    return kind != .interrupt || end == .interrupted
  }

  /// Keeps a dead letter as a change of the plan.
  ///
  /// - Returns: Whether it can be said; else the plan ends here.
  func keep(_ letter: DeadLetter, at place: LuaError.Location?) -> Bool {
    guard let record = (try? PlanValue(json: letter.record)).flatMap(resolved),
      let failure = (try? PlanValue(json: letter.failure)).flatMap(resolved)
    else { return false }
    changes.append(
      add(
        .letter, at: place,
        .fields([
          "id": .text(letter.id), "record": record, "error": failure,
          "path": .text(letter.path), "script": .text(letter.script),
          "source": letter.source.map { .text(String(decoding: $0, as: UTF8.self)) },
        ])))
    return true
  }

  /// Ends the plan of a run whose values cannot be kept as they are.
  func endAtChangedText(_ run: Run, at place: LuaError.Location?) {
    run.endPlan(Self.changedText, at: place)
  }
}
