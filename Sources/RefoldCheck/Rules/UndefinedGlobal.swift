import LuaSyntax
import RefoldActions

/// A global that neither the sandbox nor the file has.
enum UndefinedGlobal: CheckRule {
  static let code = "undefined-global"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    if file.hasOwnEnvironment { return }
    var known = project.globals.names
    switch file.kind {
    case .script: break
    case .test: known.insert("test")
    case .config, .customer: known.subtract(["print", "refold", "require"])
    case .connector: known.insert("json")
    }
    for expression in file.tree.expressions {
      guard case .name(let name, nil) = expression.kind, !known.contains(name),
        file.assignedGlobals[name] == nil
      else { continue }
      findings.error(
        "undefined global '\(name)'", at: expression.range,
        hint: hint(for: name, file, project, known))
    }
  }

  private static func hint(
    for name: String, _ file: CheckedFile, _ project: CheckedProject, _ known: Set<String>
  ) -> String {
    if file.kind == .config || file.kind == .customer,
      ["refold", "require", "print"].contains(name)
    {
      return "the config runs without '\(name)'; it only says what holds"
    }
    if project.globals.modules.contains(name) {
      return "write 'local \(name) = require(\"\(name)\")' first"
    }
    if unreachable.contains(name) { return "scripts have no '\(name)'; see 'refold help scripts'" }
    let locals = file.tree.variables.map(\.name).filter { $0.count > 1 }
    if let nearest = NearestName.of(name, in: known.sorted() + locals) {
      return "did you mean '\(nearest)'?"
    }
    return "declare it with 'local', or pass it in"
  }

  /// What plain Lua has, and a script has not.
  static let unreachable: Set<String> = [
    "io", "debug", "package", "dofile", "loadfile", "loadstring", "unpack", "setfenv", "getfenv",
    "warn", "arg", "fs",
  ]
}
