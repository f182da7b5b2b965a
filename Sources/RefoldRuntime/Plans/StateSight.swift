import RefoldActions

/// What a run of a plan saw of its state before it changed it: a value of `refold.store`, a stretch of its keys, a key of `refold.once`.
public struct StateSight: Sendable, Hashable {
  /// Where it looked.
  public enum Kind: String, Sendable, Hashable {
    /// At one key of `refold.store`.
    case value
    /// At the entries that `refold.store.each` gave.
    case entries
    /// At a key of `refold.once`.
    case once
  }

  /// Where it looked.
  public var kind: Kind
  /// The key; of entries the prefix of their keys.
  public var key: String
  /// The entries after this key; nil for those from the first.
  public var after: String?
  /// The last key of the entries that were read; nil when they were read to their end.
  public var through: String?
  /// The script whose values they are, by its name; nil for what belongs to the account.
  public var script: String?
  /// The number of the first write that came after it, from 1.
  public var beforeWrite: Int
  /// SHA-256 of what was there.
  public var hash: String
  /// What was there, as ``value(_:)``, ``entries(_:)`` or ``once(_:)`` says it; nil for what is too large to be kept.
  public var seen: PlanValue?

  /// What is called, for people: `refold.store`, `refold.store.each` or `refold.once`.
  public var name: String {
    switch kind {
    case .value: "refold.store"
    case .entries: "refold.store.each"
    case .once: "refold.once"
    }
  }

  init(_ kind: Kind, _ key: String, of script: String?, beforeWrite: Int, seen: PlanValue) {
    (self.kind, self.key, self.script, self.beforeWrite) = (kind, key, script, beforeWrite)
    let text = seen.json
    hash = Fingerprint.of(text)
    self.seen = text.utf8.count <= PlannedRead.largestAnswer ? seen : nil
  }

  // MARK: - What is there

  /// A value, or that there is none: `{ value? }`.
  static func value(_ entry: [UInt8]?) -> PlanValue {
    .fields(["value": entry.map { (try? PlanValue(json: $0)) ?? .text("damaged") }])
  }

  /// Entries: their values by their keys.
  static func entries(_ entries: [StateEntry]) -> PlanValue {
    .object(
      entries.map {
        PlanValue.Member(name: $0.key, value: (try? PlanValue(json: $0.value)) ?? .text("damaged"))
      }.sorted { $0.name < $1.name })
  }

  /// What stands in the way of a claim: `{ state, result? }` with the state `none`, `running`, `done` or `interrupted`.
  static func once(_ answer: StateClaim.Answer?) -> PlanValue {
    switch answer {
    case nil, .won: .fields(["state": .text("none")])
    case .running: .fields(["state": .text("running")])
    case .interrupted: .fields(["state": .text("interrupted")])
    case .done(let result):
      .fields([
        "state": .text("done"), "result": result.map { (try? PlanValue(json: $0)) ?? .null },
      ])
    }
  }

  // MARK: - In a plan file

  /// What it is in a plan file.
  var value: PlanValue {
    .fields([
      "kind": .text(kind.rawValue), "key": .text(key), "after": after.map { .text($0) },
      "through": through.map { .text($0) }, "of": script.map { .text($0) },
      "before_write": .number(String(beforeWrite)), "sha256": .text(hash), "seen": seen,
    ])
  }

  init?(_ value: PlanValue) {
    guard let kind = value["kind"]?.string.flatMap(Kind.init(rawValue:)),
      let key = value["key"]?.string, let beforeWrite = value["before_write"]?.integer,
      let hash = value["sha256"]?.string
    else { return nil }
    (self.kind, self.key, self.beforeWrite, self.hash) = (kind, key, beforeWrite, hash)
    after = value["after"]?.string
    through = value["through"]?.string
    script = value["of"]?.string
    seen = value["seen"]
  }
}
