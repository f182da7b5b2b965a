import LuaSyntax
import RefoldActions

/// A write whose failure nobody can notice.
enum IgnoredError: CheckRule {
  static let code = "ignored-error"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    let uses = Dictionary(file.uses.map { ($0.call, $0) }) { first, _ in first }
    for statement in file.tree.statements {
      switch statement.kind {
      case .call(let call):
        if let use = uses[call] { report(use, file, project, &findings) }
      case .local(let variables, let values):
        guard values.count == 1, let use = uses[values[0]] else { continue }
        let isUnseen = variables.allSatisfy { file.tree.variables[$0].uses == 0 }
        if isUnseen { report(use, file, project, &findings) }
      default: break
      }
    }
  }

  private static func report(
    _ use: ActionUse, _ file: CheckedFile, _ project: CheckedProject,
    _ findings: inout FindingList
  ) {
    guard use.function == "try" || (use.isProtected && use.function == "exec"),
      project.effectOfKnown(use, in: file) == .write, let name = use.name, let action = use.action
    else { return }
    findings.warning(
      "nobody looks whether \(name) failed", at: action.range,
      hint:
        "use 'refold.exec', which raises, or look at the error: 'local result, err = refold.try(…)'"
    )
  }
}
