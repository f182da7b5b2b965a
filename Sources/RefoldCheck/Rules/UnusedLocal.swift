import LuaSyntax

/// A local variable that nobody reads.
enum UnusedLocal: CheckRule {
  static let code = "unused-local"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    for variable in file.tree.variables where variable.uses <= 0 {
      switch variable.kind {
      case .local, .constant, .function: break
      // A parameter says what a function is called with, and a closed variable works by being there.
      case .closed, .parameter, .control: continue
      }
      if variable.name.hasPrefix("_") { continue }
      findings.warning(
        "'\(variable.name)' is never read", at: variable.range,
        hint: "remove it, or call it '_' when it only holds a place")
    }
  }
}
