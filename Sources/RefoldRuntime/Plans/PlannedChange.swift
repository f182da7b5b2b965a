import RefoldActions

/// A change that a run would make to what outlives it: a value of `refold.store`, a key of `refold.once`, a dead letter.
public struct PlannedChange: Sendable, Hashable {
  /// What a change does.
  public enum Kind: String, Sendable, Hashable {
    /// Sets the value of a key.
    case set
    /// Removes a key with its value.
    case remove
    /// Claims a key of `refold.once`.
    case claim
    /// Says that what a claim stands for is done.
    case done
    /// Gives a claim back, since its function has failed.
    case release
    /// Says that the function of a claim was stopped in the middle: the plan ends there.
    case interrupt
    /// Keeps a dead letter.
    case letter
  }

  /// Its place among the changes of the plan, from 1.
  public var number: Int
  /// What it does.
  public var kind: Kind
  /// The number of the first write that comes after it, from 1.
  public var beforeWrite: Int
  /// Where the script makes it, as `file:line`.
  public var place: String?
  /// What it is about, an object: the `key`; the `value` that is set; the `result` of what is done once, none for nil; of a
  /// claim the `window` in seconds, if there is one; of a dead letter its `id`, `record`, `error`, `script`, `path` and `source`.
  public var content: PlanValue
  /// The script whose values it changes, by its name; nil for what belongs to the account.
  public var script: String?
  /// The number of an earlier change: the one that set the value which is replaced, or that made the claim.
  public var follows: Int?
  /// SHA-256 of the value that is replaced; nil for none, and for that of an earlier change.
  public var beforeHash: String?
  /// That value; nil for one that is too large to be kept.
  public var before: PlanValue?

  /// The key; text, unless it is known only after apply.
  public var key: PlanValue { content["key"] ?? .null }

  /// How long a claim counts, as a number of seconds with their unit; nil for ever, and for what is no claim.
  public var window: String? {
    guard case .number(let text)? = content["window"] else { return nil }
    return "\(text.hasSuffix(".0") ? String(text.dropLast(2)) : text) s"
  }

  /// What the function of the script is called: `refold.store`, `refold.once` or `refold.dead_letter`.
  public var name: String {
    switch kind {
    case .set, .remove: "refold.store"
    case .claim, .done, .release, .interrupt: "refold.once"
    case .letter: "refold.dead_letter"
    }
  }

  /// What it is called in a message: `refold.store 'cursor'`.
  public var title: String {
    kind == .letter ? name : "\(name) '\(OneLineText.of(key.shown.string ?? key.json))'"
  }

  init(number: Int, _ kind: Kind, beforeWrite: Int, place: String?, content: PlanValue) {
    (self.number, self.kind, self.beforeWrite) = (number, kind, beforeWrite)
    (self.place, self.content) = (place, content)
  }

  // MARK: - In a plan file

  /// What it is in a plan file.
  var value: PlanValue {
    .fields([
      "number": .number(String(number)), "kind": .text(kind.rawValue),
      "before_write": .number(String(beforeWrite)), "script": place.map { .text($0) },
      "content": content, "fill_in": content.openPlaces, "of": script.map { .text($0) },
      "follows": follows.map { .number(String($0)) },
      "before_sha256": beforeHash.map { .text($0) }, "before": before,
    ])
  }

  init?(_ value: PlanValue) {
    guard let number = value["number"]?.integer, number > 0,
      let kind = value["kind"]?.string.flatMap(Kind.init(rawValue:)),
      let beforeWrite = value["before_write"]?.integer, let content = value["content"],
      content.members != nil, let filled = content.opened(at: value["fill_in"])
    else { return nil }
    self.init(
      number: number, kind, beforeWrite: beforeWrite, place: value["script"]?.string,
      content: filled)
    script = value["of"]?.string
    follows = value["follows"]?.integer
    // An earlier change is one that was made before this one.
    if let follows, !(1..<number).contains(follows) { return nil }
    beforeHash = value["before_sha256"]?.string
    before = value["before"]
  }
}

extension PlanValue {
  /// The places of what is known only after apply, for a file in which the value itself has `null` there; nil for none.
  var openPlaces: PlanValue? {
    let places = unknowns().map { place in
      PlanValue.fields([
        "at": .array(place.path.map { .text($0) }), "with": .array(place.parts.map(\.value)),
      ])
    }
    return places.isEmpty ? nil : .array(places)
  }

  /// Returns the value with what ``openPlaces`` says put back; nil when that is illegible.
  func opened(at places: PlanValue?) -> PlanValue? {
    var value = self
    for place in places?.elements ?? [] {
      guard let path = place["at"]?.texts, let parts = place["with"]?.elements else { return nil }
      let known = parts.compactMap(Part.init)
      guard known.count == parts.count else { return nil }
      value = value.replacing(path, with: .unknown(known))
    }
    return value
  }
}
