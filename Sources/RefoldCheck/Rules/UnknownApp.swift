import LuaSyntax
import RefoldActions

/// An app that the backend does not have.
enum UnknownApp: CheckRule {
  static let code = "unknown-app"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    guard let apps = project.actions.apps else { return }
    let named =
      file.uses.compactMap { $0.app.map { ($0.text, $0.range) } }
      + file.permissionRules.map { ($0.app, $0.range) }
    for (app, range) in named where !apps.contains(app) {
      let nearest = NearestName.of(app, in: apps)
      if nearest != nil || project.actions.isComplete {
        findings.error(
          "no app '\(app)'", at: range,
          hint: (nearest.map { "did you mean '\($0)'? L" } ?? "l")
            + "ist them with 'refold actions'")
      } else {
        findings.warning(
          "the \(project.actions.backend) has no app '\(app)', so nothing of it is checked",
          at: range, hint: "check with '--backend remote'")
      }
    }
  }
}
