/// A JSON document as a value, for documents that are compared and changed rather than read through.
///
/// Numbers keep the text they were written with. Members are sorted by the bytes of their names, and of equal names the
/// last one counts, so that documents which mean the same are equal, and have the same text.
package indirect enum JSONTree: Sendable, Hashable {
  case object([Member])
  case array([JSONTree])
  case string(String)
  case number(String)
  case bool(Bool)
  case null

  /// A member of an object.
  package struct Member: Sendable, Hashable {
    package var name: String
    package var value: JSONTree
  }

  /// Makes an object; of equal names the last one counts.
  package init(members: [(String, JSONTree)]) {
    var known: [String: JSONTree] = [:]
    for (name, value) in members { known[name] = value }
    self = .object(
      known.map { Member(name: $0.key, value: $0.value) }
        .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
  }

  /// Makes an object of those members that have a value.
  package static func of(_ members: KeyValuePairs<String, JSONTree?>) -> JSONTree {
    JSONTree(members: members.compactMap { member in member.value.map { (member.key, $0) } })
  }

  // MARK: - Reading

  /// Reads a document.
  package init(_ bytes: [UInt8]) throws(JSONScanError) {
    var scanner = JSONScanner(bytes, maximumDepth: 1000)
    self = try JSONTree(scanner.next(), &scanner)
    try scanner.finish()
  }

  private init(
    _ token: JSONScanner.Token, _ scanner: inout JSONScanner
  ) throws(JSONScanError) {
    switch token {
    case .string(let text): self = .string(text)
    case .number(let text): self = .number(text)
    case .bool(let value): self = .bool(value)
    case .beginObject:
      var members: [(String, JSONTree)] = []
      while case .name(let name) = try scanner.next() {
        members.append((name, try JSONTree(scanner.next(), &scanner)))
      }
      self = JSONTree(members: members)
    case .beginArray:
      var elements: [JSONTree] = []
      while true {
        let token = try scanner.next()
        if token == .endArray { break }
        elements.append(try JSONTree(token, &scanner))
      }
      self = .array(elements)
    case .null, .endObject, .endArray, .name, .endOfText: self = .null
    }
  }

  // MARK: - Writing

  /// The document without spaces, its members sorted.
  package var text: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch self {
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += "," }
        text += JSONText.quoted(member.name) + ":"
        member.value.write(to: &text)
      }
      text += "}"
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { text += "," }
        element.write(to: &text)
      }
      text += "]"
    case .string(let string): text += JSONText.quoted(string)
    case .number(let number): text += number
    case .bool(let value): text += value ? "true" : "false"
    case .null: text += "null"
    }
  }

  // MARK: - Looking

  /// The member of an object, nil when there is none.
  package subscript(_ name: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The text of a string.
  package var string: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  /// The value of a whole number.
  package var integer: Int64? {
    if case .number(let text) = self { return Int64(text) }
    return nil
  }

  /// The elements of an array.
  package var elements: [JSONTree]? {
    if case .array(let elements) = self { return elements }
    return nil
  }
}
