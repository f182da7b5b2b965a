import LuaSyntax

/// A local variable that nobody reads.
enum UnusedLocal: CheckRule {
  static let code = "unused-local"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    let places = placesBeforeUsed(in: file)
    for (id, variable) in file.tree.variables.enumerated() where variable.uses <= 0 {
      if places.contains(id) { continue }
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

  /// The variables that hold the place before one that is used, as `ok` does in `local ok, err = pcall(f)`.
  private static func placesBeforeUsed(in file: CheckedFile) -> Set<LuaTree.VariableID> {
    var places: Set<LuaTree.VariableID> = []
    for statement in file.tree.statements {
      guard case .local(let variables, _) = statement.kind, variables.count > 1,
        let last = variables.lastIndex(where: { file.tree.variables[$0].uses > 0 })
      else { continue }
      places.formUnion(variables[..<last])
    }
    return places
  }
}
