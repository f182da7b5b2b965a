import RefoldActions

/// The type of a value, as far as one answer shows it.
indirect enum SampledType: Equatable {
  /// Null, or values that have nothing in common.
  case any
  case boolean, integer, number, string
  /// A list; nil when it is empty.
  case array(SampledType?)
  case object([Member])

  /// A member of an object.
  struct Member: Equatable {
    var name: String
    var type: SampledType
    /// Whether some of the objects in a list do not have it, or have null.
    var isOptional = false
  }

  /// Deeper values are `any`.
  private static let maximumDepth = 12

  /// Reads the next value.
  init(_ scanner: inout JSONScanner, depth: Int = 0) throws(JSONScanError) {
    var ahead = scanner
    switch try ahead.next() {
    case .beginObject where depth < Self.maximumDepth:
      var members: [Member] = []
      try scanner.members { (name, scanner) throws(JSONScanError) in
        let type = try SampledType(&scanner, depth: depth + 1)
        members.append(Member(name: name, type: type, isOptional: type == .any))
      }
      self = .object(members.sorted { $0.name < $1.name })
    case .beginArray where depth < Self.maximumDepth:
      var element: SampledType?
      try scanner.elements { (scanner) throws(JSONScanError) in
        let type = try SampledType(&scanner, depth: depth + 1)
        element = element.map { $0.merged(with: type) } ?? type
      }
      self = .array(element)
    case .string:
      try scanner.skipValue()
      self = .string
    case .number(let text):
      try scanner.skipValue()
      self = Int64(text) == nil ? .number : .integer
    case .bool:
      try scanner.skipValue()
      self = .boolean
    default:
      try scanner.skipValue()
      self = .any
    }
  }

  /// The type of values of both types.
  func merged(with other: SampledType) -> SampledType {
    switch (self, other) {
    case _ where self == other: return self
    case (.integer, .number), (.number, .integer): return .number
    case (.array(let one), .array(let two)):
      guard let one, let two else { return .array(one ?? two) }
      return .array(one.merged(with: two))
    case (.object(let one), .object(let two)): return .object(Self.merged(one, two))
    default: return .any
    }
  }

  private static func merged(_ one: [Member], _ two: [Member]) -> [Member] {
    var members = one
    for (index, member) in members.enumerated() {
      guard let other = two.first(where: { $0.name == member.name }) else {
        members[index].isOptional = true
        continue
      }
      // Null says that it may be missing, not what it is.
      let type =
        member.type == .any
        ? other.type : other.type == .any ? member.type : member.type.merged(with: other.type)
      members[index].type = type
      members[index].isOptional = member.isOptional || other.isOptional
    }
    for other in two where !one.contains(where: { $0.name == other.name }) {
      members.append(Member(name: other.name, type: other.type, isOptional: true))
    }
    return members.sorted { $0.name < $1.name }
  }
}
