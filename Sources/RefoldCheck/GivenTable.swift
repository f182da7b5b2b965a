import LuaSyntax
import RefoldActions

/// The parameters of a call whose action is known, where they are plain to see.
struct GivenTable {
  let app: String
  let action: String
  let schema: [ActionParameter]
  let fields: [LuaTree.Field]
  /// Whether no other parameters can be there.
  let isComplete: Bool
  /// Where findings about the whole belong.
  let range: Range<Int>

  /// Whether a parameter is there under a name that is nearly right, which is reported as such.
  func isMisspelt(_ name: String) -> Bool {
    let names = schema.map(\.name)
    return fields.contains { field in
      guard let given = field.name, !names.contains(given) else { return false }
      return NearestName.of(given, in: names) == name
    }
  }

  /// Those of all calls in a file.
  static func all(in file: CheckedFile, _ project: CheckedProject) -> [GivenTable] {
    file.uses.compactMap { use in
      guard use.executes, let app = use.app?.text, let action = use.action,
        let schema = project.actions.actions[app]?[action.text]?.parameters, !schema.isEmpty
      else { return nil }
      // A table where the account belongs is another mistake.
      if let account = use.account, file.resolver.table(of: account) != nil { return nil }
      guard let parameters = use.parameters else {
        // A call without parameters has none, unless its last argument may be several values.
        return use.hasOpenEnd(in: file)
          ? nil
          : GivenTable(
            app: app, action: action.text, schema: schema, fields: [], isComplete: true,
            range: action.range)
      }
      if case .nil = file.expression(parameters).kind {
        return GivenTable(
          app: app, action: action.text, schema: schema, fields: [], isComplete: true,
          range: file.range(parameters))
      }
      guard let (fields, variable) = file.resolver.table(of: parameters) else { return nil }
      // A table in a variable may get more, unless the call is all that looks at it.
      let isOwn = variable.map { file.tree.variables[$0].uses == 1 } ?? true
      let isPlain = fields.allSatisfy { $0.name != nil }
      return GivenTable(
        app: app, action: action.text, schema: schema, fields: fields,
        isComplete: isOwn && isPlain, range: file.range(parameters))
    }
  }
}

extension ActionUse {
  /// Whether its last argument may stand for several.
  func hasOpenEnd(in file: CheckedFile) -> Bool {
    guard case .call(_, let arguments) = file.expression(call).kind, let last = arguments.last
    else { return false }
    switch file.expression(last).kind {
    case .call, .methodCall, .varargs: return true
    default: return false
    }
  }
}
