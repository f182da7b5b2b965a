import LuaSyntax

/// A value that a project's config, or a customer's data, cannot have: no run would start with it.
enum ConfigValue: CheckRule {
  static let code = "config-value"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    guard file.kind == .config || file.kind == .customer,
      let last = file.tree.blocks[0].statements.last,
      case .return(let values) = file.tree.statements[last].kind, let value = values.first
    else { return }
    let reader = Reader(file: file)
    guard let fields = file.resolver.table(of: value)?.fields else {
      if let kind = reader.kind(of: value), kind != "nil" {
        findings.error(
          "the config is \(kind)", at: file.range(value), hint: "return a table")
      }
      return
    }
    if file.kind == .customer {
      if !fields.isEmpty, fields.allSatisfy(\.isPositional) {
        findings.error(
          "the config is a list", at: file.range(value), hint: "return a table with names")
      }
      reader.checkData(value, depth: 0, &findings)
    } else {
      for field in fields { reader.checkSetting(field, &findings) }
    }
  }

  /// Looks at the values of one file.
  private struct Reader {
    let file: CheckedFile

    /// What a value is, where that is plain to see: `a number`.
    func kind(of id: LuaTree.ExpressionID) -> String? {
      switch file.expression(file.resolver.resolved(id)).kind {
      case .nil: "nil"
      case .boolean: "a boolean"
      case .integer, .float: "a number"
      case .string: "a string"
      case .table: "a table"
      case .function: "a function"
      case .unary("-", let operand): kind(of: operand) == "a number" ? "a number" : nil
      default: nil
      }
    }

    // MARK: - Data

    func checkData(_ id: LuaTree.ExpressionID, depth: Int, _ findings: inout FindingList) {
      if kind(of: id) == "a function" {
        findings.error(
          "a config is data, and this is a function", at: file.range(id),
          hint:
            "write text, numbers, booleans, and tables of them; functions belong into the customer's script"
        )
      }
      guard depth < 100, let fields = file.resolver.table(of: id)?.fields else { return }
      if fields.contains(where: \.isPositional), !fields.allSatisfy(\.isPositional) {
        findings.error(
          "a table with both list items and other keys is neither array nor object",
          at: file.range(id), hint: "put the items into a table of their own")
      }
      for field in fields { checkData(field.value, depth: depth + 1, &findings) }
    }

    // MARK: - Settings

    func checkSetting(_ field: LuaTree.Field, _ findings: inout FindingList) {
      switch field.name {
      case "accounts": checkTexts("accounts", field.value, &findings)
      case "backend":
        if let text = file.resolver.text(of: field.value) {
          if ["sandbox", "remote"].contains(text) { return }
          findings.error(
            "there is no backend '\(text)'", at: file.range(field.value),
            hint: "use \"sandbox\" or \"remote\"")
        } else {
          expect("a string", "backend", field.value, "use \"sandbox\" or \"remote\"", &findings)
        }
      case "permissions":
        for part in parts("permissions", field.value, &findings) {
          checkTexts("permissions.\(part.name)", part.value, &findings)
        }
      case "budget":
        for part in parts("budget", field.value, &findings) {
          expect(
            "a number", "budget.\(part.name)", part.value, "use a number of 0 or more", &findings)
        }
      case "env":
        for part in parts("env", field.value, &findings) {
          expect(
            "a string", "env.\(part.name)", part.value,
            "use the name of an environment variable, such as \"ACME_API_KEY\"", &findings)
        }
      case "effects":
        for part in parts("effects", field.value, &findings) {
          let text = file.resolver.text(of: part.value)
          if kind(of: part.value) == nil || text == "read" || text == "write" { continue }
          findings.error(
            "the effect of '\(part.name)' is neither \"read\" nor \"write\"",
            at: file.range(part.value), hint: "use \"read\" or \"write\"")
        }
      default: return
      }
    }

    private func checkTexts(
      _ name: String, _ id: LuaTree.ExpressionID, _ findings: inout FindingList
    ) {
      expect("a table", name, id, "use a list of texts", &findings)
      for field in file.resolver.table(of: id)?.fields ?? [] {
        expect("a string", "an element of \(name)", field.value, "use a list of texts", &findings)
      }
    }

    private func parts(
      _ name: String, _ id: LuaTree.ExpressionID, _ findings: inout FindingList
    ) -> [(name: String, value: LuaTree.ExpressionID)] {
      expect("a table", name, id, "use a table", &findings)
      let fields = file.resolver.table(of: id)?.fields ?? []
      return fields.compactMap { field in field.name.map { ($0, field.value) } }
    }

    private func expect(
      _ wanted: String, _ name: String, _ id: LuaTree.ExpressionID, _ hint: String,
      _ findings: inout FindingList
    ) {
      guard let kind = kind(of: id), kind != wanted, kind != "nil" else { return }
      findings.error("\(name) is \(kind)", at: file.range(id), hint: hint)
    }
  }
}
