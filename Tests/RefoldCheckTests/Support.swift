import LuaSyntax
import RefoldActions
import RefoldCheck

/// The findings in a text, as lines: `line:column severity rule: message; fix: hint`.
func findings(
  in text: String, path: String = "a.lua", backend: String = "sandbox",
  modules: [String: String] = [:], effects: [String: Effect] = [:]
) throws -> [String] {
  let file = try CheckedFile(path: path, source: Array(text.utf8))
  let project = CheckedProject(
    actions: Known.actions(backend), declarations: Known.declarations,
    effects: EffectRules(overrides: effects),
    module: { name, _ in
      modules[name].flatMap { try? CheckedFile(path: name, source: Array($0.utf8)) }
        .map { CheckedProject.Module($0) }
    }, moduleNames: { _ in modules.keys.sorted() })
  return project.findings(in: file).map { finding in
    "\(finding.start.line):\(finding.start.column) \(finding.severity.rawValue) \(finding.rule): "
      + finding.message + (finding.hint.map { "; fix: \($0)" } ?? "")
  }
}

/// A small backend.
enum Known {
  static let declarations = CheckedProject.Declarations(
    config: ["accounts", "backend", "budget", "effects", "env", "permissions"],
    budget: ["calls", "instructions", "memory", "output", "time", "writes"],
    environment: ["account", "api_key", "base_url", "credentials"],
    inputTypes: ["any", "array", "boolean", "integer", "number", "object", "string", "table"])

  static func actions(_ backend: String) -> KnownActions {
    let contact = [
      ActionParameter(name: "email", required: true), ActionParameter(name: "firstname"),
      ActionParameter(name: "extra", type: "json"), ActionParameter(name: "score", type: "number"),
      ActionParameter(name: "active", type: "boolean"),
    ]
    return KnownActions(
      backend: backend, apps: ["hubspot", "slack"],
      actions: [
        "hubspot": [
          "create_contact": .init(effect: .write, parameters: contact),
          "get_contact": .init(effect: .read, parameters: [ActionParameter(name: "limit")]),
          "anything": .init(effect: .write, parameters: []),
        ]
      ])
  }
}
