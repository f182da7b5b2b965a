import RefoldActions

/// A JSON value whose members keep their order, for changing a file that belongs to the user.
indirect enum OrderedJSON: Equatable {
  case object([Member])
  case array([OrderedJSON])
  /// A string, number, Boolean or null, as it is written.
  case scalar(String)

  /// A member of an object.
  struct Member: Equatable {
    var name: String
    var value: OrderedJSON
  }

  /// Reads a whole document.
  ///
  /// - Throws: `JSONScanError` when it is not JSON; JSON has no comments.
  init(_ json: [UInt8]) throws(JSONScanError) {
    var scanner = JSONScanner(json)
    self = try Self.value(&scanner, json)
    try scanner.finish()
  }

  private static func value(
    _ scanner: inout JSONScanner, _ json: [UInt8]
  ) throws(JSONScanError) -> OrderedJSON {
    var ahead = scanner
    switch try ahead.next() {
    case .beginObject:
      var members: [Member] = []
      try scanner.members { (name, scanner) throws(JSONScanError) in
        members.append(Member(name: name, value: try value(&scanner, json)))
      }
      return .object(members)
    case .beginArray:
      var elements: [OrderedJSON] = []
      try scanner.elements { (scanner) throws(JSONScanError) in
        elements.append(try value(&scanner, json))
      }
      return .array(elements)
    case .string(let text):
      try scanner.skipValue()
      return .scalar(JSONText.quoted(text))
    case .number(let text):
      try scanner.skipValue()
      return .scalar(text)
    case .bool(let value):
      try scanner.skipValue()
      return .scalar(String(value))
    default:
      try scanner.skipValue()
      return .scalar("null")
    }
  }

  /// The text with two blanks of indentation.
  func text(indent: String = "") -> String {
    let inner = indent + "  "
    switch self {
    case .scalar(let text): return text
    case .array(let elements):
      if elements.isEmpty { return "[]" }
      let lines = elements.map { inner + $0.text(indent: inner) }
      return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
    case .object(let members):
      if members.isEmpty { return "{}" }
      let lines = members.map {
        "\(inner)\(JSONText.quoted($0.name)): \($0.value.text(indent: inner))"
      }
      return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
    }
  }
}

/// The settings of lua-language-server, `.luarc.json` (https://luals.github.io/wiki/settings/).
enum EditorSettings {
  /// What is wrong with a file that cannot be changed.
  struct Unusable: Error { var reason: String }

  /// Returns the settings with a folder of definitions among the libraries; what the user wrote stays.
  ///
  /// A setting may be written `"workspace.library"`, `"Lua.workspace.library"`, or as `library` in `workspace`; the way
  /// that the file has is kept.
  ///
  /// - Parameter existing: The file; nil when there is none.
  /// - Returns: Nil when nothing has to change.
  static func merged(_ existing: [UInt8]?, library: String) throws(Unusable) -> String? {
    var root: [OrderedJSON.Member] = []
    if let existing, !existing.allSatisfy({ $0 <= 0x20 }) {
      let parsed: OrderedJSON
      do throws(JSONScanError) {
        parsed = try OrderedJSON(existing)
      } catch {
        throw Unusable(reason: "it is not plain JSON: \(error.message)")
      }
      guard case .object(let members) = parsed else {
        throw Unusable(reason: "it is not a JSON object")
      }
      root = members
    }
    let before = root
    set("runtime", "version", to: .scalar("\"Lua 5.4\""), in: &root)
    set("workspace", "checkThirdParty", to: .scalar("false"), in: &root)
    try addLibrary(.scalar(JSONText.quoted(library)), in: &root)
    return root == before ? nil : OrderedJSON.object(root).text() + "\n"
  }

  /// Where a setting stands: the index of the member, and within that the index of the setting.
  private static func find(
    _ group: String, _ name: String, in root: [OrderedJSON.Member]
  ) -> (outer: Int, inner: Int?)? {
    for (index, member) in root.enumerated() {
      if member.name == "\(group).\(name)" || member.name == "Lua.\(group).\(name)" {
        return (index, nil)
      }
      if member.name == group, case .object(let members) = member.value,
        let inner = members.firstIndex(where: { $0.name == name })
      {
        return (index, inner)
      }
    }
    return nil
  }

  private static func set(
    _ group: String, _ name: String, to value: OrderedJSON, in root: inout [OrderedJSON.Member]
  ) {
    guard find(group, name, in: root) == nil else { return }
    guard let index = root.firstIndex(where: { $0.name == group }),
      case .object(var members) = root[index].value
    else {
      root.append(.init(name: "\(group).\(name)", value: value))
      return
    }
    members.append(.init(name: name, value: value))
    root[index].value = .object(members)
  }

  private static func addLibrary(
    _ folder: OrderedJSON, in root: inout [OrderedJSON.Member]
  ) throws(Unusable) {
    guard let (outer, inner) = find("workspace", "library", in: root) else {
      return set("workspace", "library", to: .array([folder]), in: &root)
    }
    var list = root[outer].value
    if let inner, case .object(let members) = root[outer].value { list = members[inner].value }
    guard case .array(var folders) = list else {
      throw Unusable(reason: "its 'workspace.library' is not a list")
    }
    if folders.contains(folder) { return }
    folders.append(folder)
    if let inner, case .object(var members) = root[outer].value {
      members[inner].value = .array(folders)
      root[outer].value = .object(members)
    } else {
      root[outer].value = .array(folders)
    }
  }
}
