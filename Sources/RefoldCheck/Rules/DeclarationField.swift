import LuaSyntax
import RefoldActions

/// A field that a declared script, or the project's config, cannot have.
enum DeclarationField: CheckRule {
  static let code = "declaration-field"

  private static let script = [
    "run", "description", "input", "permissions", "triggers", "budget", "mapping", "tests",
  ]
  private static let permissions = ["read", "write", "accounts"]

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    guard let table = file.declaration else { return }
    for field in table.fields {
      checkName(field, file, project, &findings)
      let parts = [
        "permissions": permissions, "budget": project.declarations.budget,
        "env": project.declarations.environment,
      ]
      guard let known = parts[field.name], let value = field.value,
        let inner = file.resolver.table(of: value)?.fields
      else { continue }
      for part in inner {
        guard let name = part.name, !known.contains(name) else { continue }
        let nearest = NearestName.of(name, in: known).map { "did you mean '\($0)'? U" } ?? "u"
        findings.error(
          "\(field.name) has no field '\(name)'", at: part.range,
          hint: "\(nearest)se \(known.joined(separator: ", "))")
      }
    }
  }

  /// A script may have fields of its own, which only other files know; those that are nearly right are wrong.
  private static func checkName(
    _ field: ReturnedTable.Field, _ file: CheckedFile, _ project: CheckedProject,
    _ findings: inout FindingList
  ) {
    let known = file.kind == .config ? project.declarations.config : script
    if known.contains(field.name) { return }
    let nearest = NearestName.of(field.name, in: known)
    if file.kind == .config {
      findings.error(
        "the config has no field '\(field.name)'", at: field.range,
        hint: (nearest.map { "did you mean '\($0)'? U" } ?? "u")
          + "se \(known.joined(separator: ", "))")
    } else if let nearest, field.name.count > 3, field.value != nil {
      findings.error(
        "a script has no field '\(field.name)'", at: field.range, hint: "did you mean '\(nearest)'?"
      )
    }
  }
}
