import LuaSyntax
import RefoldActions

/// An option that a function of `refold` does not have.
enum UnknownOption: CheckRule {
  static let code = "unknown-option"

  /// The position of the options among the arguments, and their names.
  private static let options: [String: (position: Int, names: [String])] = [
    "refold.exec": (4, ["find", "key", "lazy", "retry", "timeout"]),
    "refold.try": (4, ["find", "key", "lazy", "retry", "timeout"]),
    "refold.all": (1, ["concurrency", "settle"]), "refold.map": (2, ["concurrency", "settle"]),
    "refold.once": (2, ["window"]),
  ]

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    for use in file.uses where use.executes {
      guard let options = use.options else { continue }
      check(options, of: "refold.\(use.function)", file, &findings)
    }
    for expression in file.tree.expressions {
      guard case .call(let function, let arguments) = expression.kind,
        let path = file.resolver.path(of: function), path != "refold.exec", path != "refold.try",
        let (position, _) = options[path], arguments.count > position
      else { continue }
      check(arguments[position], of: path, file, &findings)
    }
  }

  private static func check(
    _ table: LuaTree.ExpressionID, of function: String, _ file: CheckedFile,
    _ findings: inout FindingList
  ) {
    guard let names = options[function]?.names, let fields = file.resolver.table(of: table)?.fields
    else { return }
    for field in fields {
      guard let name = field.name, !names.contains(name) else { continue }
      let nearest = NearestName.of(name, in: names).map { "did you mean '\($0)'? " } ?? ""
      let all = names.map { "'\($0)'" }.joined(separator: ", ")
      findings.error(
        "\(function) has no option '\(name)'", at: field.range,
        hint: "\(nearest)\(nearest.isEmpty ? "use" : "Use") \(all)")
    }
  }
}
