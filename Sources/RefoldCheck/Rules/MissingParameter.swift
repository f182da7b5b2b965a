import LuaSyntax
import RefoldActions

/// A required parameter that a call leaves out.
enum MissingParameter: CheckRule {
  static let code = "missing-parameter"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    for given in GivenTable.all(in: file, project) where given.isComplete {
      let missing = given.schema.filter { parameter in
        parameter.required && !given.fields.contains { $0.name == parameter.name }
          && !given.isMisspelt(parameter.name)
      }
      if missing.isEmpty { continue }
      let names = missing.map { "'\($0.name)'" }.joined(separator: ", ")
      findings.error(
        "\(given.app).\(given.action) needs \(missing.count == 1 ? "parameter" : "parameters") \(names)",
        at: given.range, hint: "see 'refold actions \(given.app) \(given.action)'")
    }
  }
}
