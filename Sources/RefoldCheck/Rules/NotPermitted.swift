import LuaSyntax
import RefoldActions

/// A call that the script's own `permissions` refuse.
enum NotPermitted: CheckRule {
  static let code = "not-permitted"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    guard file.kind == .script, let (rules, isComplete) = file.declaredPermissions, isComplete
    else { return }
    for use in file.uses where use.executes {
      guard let app = use.app?.text, let action = use.action,
        let effect = project.effectOfKnown(use, in: file)
      else { continue }
      let isWrite = effect == .write
      let isPermitted = rules.contains { $0.isWrite == isWrite && $0.covers(app, action.text) }
      if isPermitted { continue }
      findings.error(
        "\(app).\(action.text) \(isWrite ? "writes" : "reads"), which the script does not declare",
        at: action.range,
        hint: "add \"\(app).\(action.text)\" to permissions.\(isWrite ? "write" : "read")")
    }
  }
}
