import RefoldActions

extension PlanValue {
  private static let maximumDepth = 1000

  /// Reads a JSON document.
  ///
  /// - Throws: `JSONScanError` when the text is not JSON.
  init(json: [UInt8]) throws(JSONScanError) {
    var scanner = JSONScanner(json, maximumDepth: Self.maximumDepth)
    self = try Self.value(from: try scanner.next(), &scanner)
    try scanner.finish()
  }

  private static func value(
    from token: JSONScanner.Token, _ scanner: inout JSONScanner
  ) throws(JSONScanError) -> PlanValue {
    switch token {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .number(let text): return .number(text)
    case .string(let text): return .text(text)
    case .beginArray:
      var elements: [PlanValue] = []
      while true {
        let token = try scanner.next()
        if token == .endArray { return .array(elements) }
        elements.append(try value(from: token, &scanner))
      }
    case .beginObject:
      var members: [Member] = []
      while case .name(let name) = try scanner.next() {
        members.append(Member(name: name, value: try value(from: try scanner.next(), &scanner)))
      }
      return .object(members.sorted { $0.name < $1.name })
    case .endArray, .endObject, .name, .endOfText: return .null
    }
  }

  /// The value as JSON text without blanks, members sorted by name; what is not known is `null`.
  public var json: String {
    switch self {
    case .null, .unknown: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let text): text
    case .text(let text): JSONText.quoted(text)
    case .array(let elements): JSONText.array(elements.map(\.json))
    case .object(let members): JSONText.object(members.map { ($0.name, $0.value.json) })
    }
  }

  /// The value as JSON text with a line for each element and member.
  func prettyJSON(indent: String = "") -> String {
    let inner = indent + "  "
    switch self {
    case .array(let elements) where !elements.isEmpty:
      let lines = elements.map { inner + $0.prettyJSON(indent: inner) }
      return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
    case .object(let members) where !members.isEmpty:
      let lines = members.map {
        "\(inner)\(JSONText.quoted($0.name)): \($0.value.prettyJSON(indent: inner))"
      }
      return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
    default: return json
    }
  }

  /// The places of what is known only after apply, each with the names on the way to it.
  func unknowns(at path: [String] = []) -> [(path: [String], parts: [Part])] {
    switch self {
    case .unknown(let parts): [(path, parts)]
    case .array(let elements):
      elements.enumerated().flatMap { $1.unknowns(at: path + [String($0)]) }
    case .object(let members): members.flatMap { $0.value.unknowns(at: path + [$0.name]) }
    default: []
    }
  }

  /// Returns the value with another one at a place; as it is when there is no such place.
  func replacing(_ path: some Collection<String>, with value: PlanValue) -> PlanValue {
    guard let name = path.first else { return value }
    let rest = path.dropFirst()
    switch self {
    case .array(var elements):
      guard let index = Int(name), elements.indices.contains(index) else { return self }
      elements[index] = elements[index].replacing(rest, with: value)
      return .array(elements)
    case .object(var members):
      guard let index = members.firstIndex(where: { $0.name == name }) else { return self }
      members[index].value = members[index].value.replacing(rest, with: value)
      return .object(members)
    default: return self
    }
  }

  /// Returns the value at a place; nil when there is none.
  func value(at path: some Collection<String>) -> PlanValue? {
    guard let name = path.first else { return self }
    switch self {
    case .array(let elements):
      guard let index = Int(name), elements.indices.contains(index) else { return nil }
      return elements[index].value(at: path.dropFirst())
    case .object: return self[name]?.value(at: path.dropFirst())
    default: return nil
    }
  }
}
