import LuaSyntax
import RefoldActions

/// A module that neither the standard library nor the project has.
enum UnknownModule: CheckRule {
  static let code = "unknown-module"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    // Data requires nothing.
    if file.kind == .config || file.kind == .customer || file.hasOwnEnvironment { return }
    for expression in file.tree.expressions {
      guard case .call(let function, let arguments) = expression.kind,
        case .name("require", nil) = file.expression(function).kind, let argument = arguments.first,
        let name = file.resolver.text(of: argument)
      else { continue }
      guard !project.globals.modules.contains(name),
        project.module(name, file.path) == nil
      else { continue }
      findings.error(
        "no module '\(name)'", at: file.range(argument),
        hint: NearestName.of(
          name, in: Array(project.globals.modules) + project.moduleNames(file.path)
        ).map { "did you mean '\($0)'?" }
          ?? "it is neither in the standard library nor a file of the project's 'scripts' folder")
    }
  }
}
