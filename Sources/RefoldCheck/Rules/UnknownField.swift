import LuaSyntax
import RefoldActions

/// A field that `refold`, a library, or a module does not have.
enum UnknownField: CheckRule {
  static let code = "unknown-field"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    if file.hasOwnEnvironment { return }
    var known: [String: Set<String>?] = [:]
    let added = Set(assignedPaths(file))
    for expression in file.tree.expressions {
      guard case .index(let object, let key) = expression.kind,
        case .string(let name) = file.expression(key).kind,
        let path = file.resolver.path(of: object), file.assignedGlobals[path] == nil,
        !added.contains("\(path).\(name)")
      else { continue }
      let fields: Set<String>?
      if let cached = known[path] {
        fields = cached
      } else {
        fields = project.fields(of: path, from: file.path)
        known[path] = .some(fields)
      }
      guard let fields, !fields.contains(name) else { continue }
      let shown = path.hasPrefix("@") ? "module '\(path.dropFirst())'" : "'\(path)'"
      let nearest = NearestName.of(name, in: Array(fields))
      findings.error(
        "\(shown) has no field '\(name)'", at: file.range(key),
        hint: nearest.map { "did you mean '\($0)'?" } ?? "it has \(list(fields))")
    }
  }

  private static func list(_ fields: Set<String>) -> String {
    let sorted = fields.sorted()
    if sorted.isEmpty { return "none" }
    return sorted.count > 12
      ? sorted.prefix(12).joined(separator: ", ") + " and others" : sorted.joined(separator: ", ")
  }

  /// The fields that the file itself sets.
  private static func assignedPaths(_ file: CheckedFile) -> [String] {
    file.tree.statements.flatMap { statement -> [String] in
      switch statement.kind {
      case .assign(let targets, _): targets.compactMap { file.resolver.path(of: $0) }
      case .function(let target, _): [file.resolver.path(of: target)].compactMap { $0 }
      default: []
      }
    }
  }
}
