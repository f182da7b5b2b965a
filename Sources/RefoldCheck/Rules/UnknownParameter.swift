import LuaSyntax
import RefoldActions

/// A parameter that the action does not have.
enum UnknownParameter: CheckRule {
  static let code = "unknown-parameter"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    for given in GivenTable.all(in: file, project) {
      for field in given.fields {
        guard let name = field.name, !given.schema.contains(where: { $0.name == name }) else {
          continue
        }
        let nearest = NearestName.of(name, in: given.schema.map(\.name))
        let see = "ee 'refold actions \(given.app) \(given.action)'"
        findings.error(
          "\(given.app).\(given.action) has no parameter '\(name)'", at: field.range,
          hint: nearest.map { "did you mean '\($0)'? S\(see)" } ?? "s\(see)")
      }
    }
  }
}
