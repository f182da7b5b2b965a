import LuaSyntax
import RefoldActions

/// A write for each element of a list, which a second run makes all again.
enum WriteInLoop: CheckRule {
  static let code = "write-in-loop"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    if file.kind == .test { return }
    for use in file.uses {
      guard project.effectOfKnown(use, in: file) == .write, let name = use.name,
        let action = use.action, !mayHaveKey(use, file), isRepeated(use, file)
      else { continue }
      findings.warning(
        "\(name) writes in a loop, and a second run writes all of it again", at: action.range,
        hint: "use 'ensure.record' or 'refold.once', or give the call a 'key'")
    }
  }

  private static func mayHaveKey(_ use: ActionUse, _ file: CheckedFile) -> Bool {
    guard let options = use.options else { return use.hasOpenEnd(in: file) }
    if case .nil = file.expression(options).kind { return false }
    guard let fields = file.resolver.table(of: options)?.fields else { return true }
    return fields.contains { $0.name == "key" || $0.name == nil }
  }

  private static func isRepeated(_ use: ActionUse, _ file: CheckedFile) -> Bool {
    var block: LuaTree.BlockID? = file.expression(use.call).block
    var isRepeated = false
    while let id = block {
      let node = file.tree.blocks[id]
      if node.kind == .loop { isRepeated = true }
      if node.kind == .function {
        guard let caller = caller(of: node.function, file) else { return isRepeated }
        if caller == "refold.map" {
          isRepeated = true
        } else if !["pcall", "xpcall", "refold.all"].contains(caller) {
          // Functions such as `refold.once` and `ensure.record` decide themselves whether it is called.
          return isRepeated && !isGuard(caller)
        }
      }
      block = node.parent
    }
    return isRepeated
  }

  private static func isGuard(_ path: String) -> Bool {
    path == "refold.once" || path.hasPrefix("@ensure.") || path.hasPrefix("@sync.")
  }

  /// The function that a function is handed to as an argument, perhaps in a table; nil for all other functions.
  private static func caller(of function: LuaTree.FunctionID, _ file: CheckedFile) -> String? {
    guard var id = file.tree.functions[function].expression else { return nil }
    while file.parents[id] >= 0 {
      let parent = file.parents[id]
      switch file.expression(parent).kind {
      case .call(let callee, _) where callee != id:
        return file.resolver.path(of: callee) ?? ""
      case .table, .parenthesized: id = parent
      default: return nil
      }
    }
    return nil
  }
}
