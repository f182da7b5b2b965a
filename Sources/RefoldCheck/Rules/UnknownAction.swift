import LuaSyntax
import RefoldActions

/// An action that its app does not have.
enum UnknownAction: CheckRule {
  static let code = "unknown-action"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    for use in file.uses {
      guard let app = use.app?.text, let action = use.action else { continue }
      check(app, action.text, action.range, project, &findings)
    }
    for rule in file.permissionRules {
      guard let action = rule.action else { continue }
      check(rule.app, action, rule.range, project, &findings)
    }
  }

  private static func check(
    _ app: String, _ action: String, _ range: Range<Int>, _ project: CheckedProject,
    _ findings: inout FindingList
  ) {
    guard let actions = project.actions.actions[app], actions[action] == nil else { return }
    let nearest = NearestName.of(action, in: Array(actions.keys))
    let list = "ist them with 'refold actions \(app)'"
    if nearest != nil || project.actions.isComplete {
      findings.error(
        "no action '\(app).\(action)'", at: range,
        hint: nearest.map { "did you mean '\($0)'? L\(list)" } ?? "l\(list)")
    } else {
      findings.warning(
        "the \(project.actions.backend) has no action '\(app).\(action)', so its calls are not checked",
        at: range, hint: "l\(list), or check with '--backend remote'")
    }
  }
}
