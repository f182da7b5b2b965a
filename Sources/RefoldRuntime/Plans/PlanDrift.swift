import RefoldActions

/// What a plan rests on, and is different now.
public struct PlanDrift: Sendable, Equatable {
  /// What was looked at.
  public enum Subject: Sendable, Equatable {
    /// What an app answers.
    case read(PlannedRead)
    /// What the project itself keeps.
    case state(StateSight)
  }

  /// What was looked at.
  public var subject: Subject
  /// What moved; empty when the earlier answer was too large to be kept.
  public var changes: [Change]

  /// A value that moved.
  public struct Change: Sendable, Equatable {
    /// Where it is in the answer: `results[101].properties.phone`.
    public var field: String
    /// What it was when the plan was made; nil for nothing.
    public var before: PlanValue?
    /// What it is now; nil for nothing.
    public var now: PlanValue?
  }

  /// Compares an answer with the one that a plan rests on; nil when they are the same.
  init?(_ read: PlannedRead, now: PlanValue) {
    guard Fingerprint.of(now.json) != read.hash else { return nil }
    subject = .read(read)
    if now["failed"] != nil || read.answer?["failed"] != nil {
      changes = [Change(field: "failed", before: read.answer?["failed"], now: now["failed"])]
      return
    }
    changes = read.answer.map { Self.changes(from: $0, to: now, at: "") } ?? []
  }

  /// Compares the state with what a plan rests on; nil when they are the same.
  init?(_ sight: StateSight, now: PlanValue) {
    guard Fingerprint.of(now.json) != sight.hash else { return nil }
    subject = .state(sight)
    changes = sight.seen.map { Self.changes(from: $0, to: now, at: "") } ?? []
  }

  private static func changes(
    from before: PlanValue, to now: PlanValue, at place: String
  ) -> [Change] {
    if before == now { return [] }
    switch (before, now) {
    case (.object(let old), .object(let new)):
      let names = Set(old.map(\.name)).union(new.map(\.name)).sorted()
      return names.flatMap { name in
        step(before[name], now[name], at: place.isEmpty ? name : "\(place).\(name)")
      }
    case (.array(let old), .array(let new)):
      let (earlier, later) = (keyed(old), keyed(new))
      let keys = earlier.keys + later.keys.filter { earlier.values[$0] == nil }
      return keys.flatMap { key in
        step(earlier.values[key], later.values[key], at: "\(place)[\(key)]")
      }
    default: return [Change(field: place.isEmpty ? "answer" : place, before: before, now: now)]
    }
  }

  private static func step(
    _ before: PlanValue?, _ now: PlanValue?, at place: String
  ) -> [Change] {
    if let before, let now { return changes(from: before, to: now, at: place) }
    return [Change(field: place, before: before, now: now)]
  }

  /// The elements of an array by their ids, where all have different ones, else by their positions.
  private static func keyed(
    _ elements: [PlanValue]
  ) -> (keys: [String], values: [String: PlanValue]) {
    var keys = elements.compactMap { element in
      ["id", "Id"].lazy.compactMap { element[$0] }.first.map { $0.string ?? $0.json }
    }
    if Set(keys).count < elements.count { keys = elements.indices.map { String($0 + 1) } }
    return (keys, Dictionary(zip(keys, elements)) { first, _ in first })
  }
}
