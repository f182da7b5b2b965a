import RefoldActions

/// A JSON value in a plan, parts of which may be known only after the plan is applied.
public indirect enum PlanValue: Sendable, Hashable {
  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// A number, as it is written.
  case number(String)
  /// A string.
  case text(String)
  /// An array.
  case array([PlanValue])
  /// An object; its members are sorted by name.
  case object([Member])
  /// What earlier writes answer: the value itself when it is one part, else a text of all parts.
  case unknown([Part])

  /// A member of an object.
  public struct Member: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: PlanValue
  }

  /// A piece of a value that is known after apply.
  public enum Part: Sendable, Hashable {
    /// Text that is known.
    case text(String)
    /// What a write answers at a path below `data`.
    case answer(Answer)
    /// The same as JSON text.
    case json(Answer)
  }

  /// Where an earlier write's answer has a value.
  public struct Answer: Sendable, Hashable {
    /// The write's number in the plan, from 1.
    public var write: Int
    /// The names on the way from `data`.
    public var path: [String]
  }

  /// The member with a name; nil for none, and for what is no object.
  public subscript(_ name: String) -> PlanValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The elements; nil for what is no array.
  var elements: [PlanValue]? {
    if case .array(let elements) = self { return elements }
    return nil
  }

  /// The members; nil for what is no object.
  var members: [Member]? {
    if case .object(let members) = self { return members }
    return nil
  }

  /// The string; nil for what is none.
  var string: String? {
    if case .text(let text) = self { return text }
    return nil
  }

  /// The integer; nil for what is none.
  var integer: Int? {
    if case .number(let text) = self { return Int(text) }
    return nil
  }

  /// The boolean; nil for what is none.
  var boolean: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  /// Whether it is neither an array nor an object.
  var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  /// Whether no part of it is known only after apply.
  var isKnown: Bool {
    switch self {
    case .unknown: false
    case .array(let elements): elements.allSatisfy(\.isKnown)
    case .object(let members): members.allSatisfy(\.value.isKnown)
    default: true
    }
  }

  /// Makes an object of members in any order.
  static func fields(_ members: KeyValuePairs<String, PlanValue?>) -> PlanValue {
    .object(
      members.compactMap { name, value in value.map { Member(name: name, value: $0) } }
        .sorted { $0.name < $1.name })
  }

  /// Whether two values say the same: equal, or a number and the text of it.
  func saysSame(as other: PlanValue) -> Bool {
    switch (self, other) {
    case (.number(let one), .text(let two)), (.text(let one), .number(let two)),
      (.number(let one), .number(let two)):
      if one == two { return true }
      guard let first = Double(one), let second = Double(two) else { return false }
      return first == second
    case (.null, .text("")), (.text(""), .null): return true
    case (.unknown, _), (_, .unknown): return false
    default: return self == other
    }
  }
}
