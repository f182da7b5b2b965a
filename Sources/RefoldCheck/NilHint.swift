import RefoldActions

/// How to mend the use of something that is not there, as far as a failed run and its source tell.
///
/// Lua says `attempt to call a nil value (field 'fliter')`. The line says whose field that is, and the source which module
/// stands behind the name.
package enum NilHint {
  /// Returns what to write instead; nil when that is not plain to see.
  ///
  /// - Parameters:
  ///   - message: Lua's message, in one line.
  ///   - lines: The source that was run; empty when it cannot be read any more.
  ///   - number: The line that failed, counted from 1.
  package static func of(_ message: String, lines: [String], line number: Int) -> String? {
    guard let use = Use(message) else { return nil }
    let line = lines.indices.contains(number - 1) ? lines[number - 1] : ""
    switch (use.kind, use.isTable) {
    case ("global", false): return global(use.name)
    case ("field", false), ("method", false):
      guard let owner = owner(of: use.name, in: line) else { return nil }
      return field(use.name, of: owner, lines)
    case ("field", true):
      return owner(of: use.name, in: line).flatMap { members(of: "\($0).\(use.name)", lines) }
    case (_, true): return members(of: use.name, lines)
    default: return nil
    }
  }

  /// What Lua says about a value: `attempt to call a nil value (global 'pages')`.
  private struct Use {
    var kind: String
    var name: String
    /// Whether a table was called, rather than nothing used.
    var isTable: Bool

    init?(_ message: String) {
      let words = message.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 8, message.hasPrefix("attempt to "), words[3] == "a",
        words[5] == "value", words[6].first == "(", words[7].first == "'", words[7].hasSuffix("')")
      else { return nil }
      switch (words[2], words[4]) {
      case ("call", "table"): isTable = true
      case ("call", "nil"), ("index", "nil"): isTable = false
      default: return nil
      }
      kind = String(words[6].dropFirst())
      name = String(words[7].dropFirst().dropLast(2))
    }
  }

  private static func global(_ name: String) -> String? {
    let known = KnownGlobals.shared
    if name == "test" { return "it is there in a run of 'refold test'" }
    if known.modules.contains(name) { return "write 'local \(name) = require(\"\(name)\")' first" }
    if UndefinedGlobal.unreachable.contains(name) {
      return "scripts have no '\(name)'; see 'refold help scripts'"
    }
    return NearestName.of(name, in: known.names.sorted()).map { "did you mean '\($0)'?" }
  }

  private static func field(_ name: String, of owner: String, _ lines: [String]) -> String? {
    guard let fields = fields(of: owner, lines), !fields.contains(name) else { return nil }
    return NearestName.of(name, in: fields.sorted()).map { "did you mean '\(owner).\($0)'?" }
      ?? "'\(owner)' has \(fields.sorted().joined(separator: ", "))"
  }

  private static func members(of path: String, _ lines: [String]) -> String? {
    fields(of: path, lines).map {
      "call one of its functions; '\(path)' has \($0.sorted().joined(separator: ", "))"
    }
  }

  /// The fields of a library by its path, or of a module by the name that the source gives it.
  private static func fields(of path: String, _ lines: [String]) -> Set<String>? {
    if let module = module(behind: path, lines) {
      return KnownGlobals.shared.fields["@\(module)"] ?? StandardModules().fields(of: module)
    }
    return KnownGlobals.shared.fields[path]
  }

  // MARK: - Reading the source

  /// The dotted name before `.name` or `:name` in a line; nil unless there is exactly one.
  private static func owner(of name: String, in line: String) -> String? {
    var owners: Set<String> = []
    let text = Array(line)
    let wanted = Array(name)
    for start in text.indices where text[start...].starts(with: wanted) {
      let end = start + wanted.count
      guard start > 0, text[start - 1] == "." || text[start - 1] == ":",
        end == text.count || !isPartOfName(text[end])
      else { continue }
      let before = text[..<(start - 1)]
      owners.insert(String(before.suffix(while: { isPartOfName($0) || $0 == "." })))
    }
    guard owners.count == 1, let owner = owners.first, !owner.isEmpty, !owner.hasPrefix(".")
    else { return nil }
    return owner
  }

  /// The module that a name stands for: `list = require("list")` somewhere in the source.
  private static func module(behind name: String, _ lines: [String]) -> String? {
    for line in lines {
      let text = line.filter { !$0.isWhitespace && $0 != "(" && $0 != "<" }
      for open in ["\"", "'"] {
        guard
          let found = text.firstRange(of: "\(name)=require\(open)")
            ?? text.firstRange(of: "\(name)const>=require\(open)")
        else { continue }
        let before = text[..<found.lowerBound]
        guard before.isEmpty || before.hasSuffix("local") || !isPartOfName(before.last ?? " ")
        else { continue }
        return String(text[found.upperBound...].prefix { $0 != "\"" && $0 != "'" })
      }
    }
    return nil
  }

  private static func isPartOfName(_ character: Character) -> Bool {
    character == "_" || (character.isASCII && (character.isLetter || character.isNumber))
  }
}

extension ArraySlice {
  /// The longest end whose elements all satisfy a condition.
  fileprivate func suffix(while condition: (Element) -> Bool) -> ArraySlice {
    var start = endIndex
    while start > startIndex, condition(self[start - 1]) { start -= 1 }
    return self[start...]
  }
}
