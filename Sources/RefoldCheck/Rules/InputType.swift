import LuaSyntax
import RefoldActions

/// A type of an input field that there is not.
enum InputType: CheckRule {
  static let code = "input-type"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    guard file.kind != .config,
      let value = file.declaration?.fields.last(where: { $0.name == "input" })?.value,
      let fields = file.resolver.table(of: value)?.fields
    else { return }
    let types = project.declarations.inputTypes
    for field in fields {
      guard let name = field.name, let type = file.resolver.text(of: field.value) else { continue }
      let base = type.hasSuffix("?") ? String(type.dropLast()) : type
      if types.contains(base) { continue }
      let nearest = NearestName.of(base, in: types).map { "did you mean '\($0)'? U" } ?? "u"
      findings.error(
        "input '\(name)' has the unknown type '\(type)'", at: file.range(field.value),
        hint: "\(nearest)se \(types.joined(separator: ", ")), with '?' when it is optional")
    }
  }
}
