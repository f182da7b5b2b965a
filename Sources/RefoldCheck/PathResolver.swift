import LuaSyntax

/// Finds out what an expression means, as far as that can be read off the file.
///
/// A local variable that nothing but its declaration sets stands for its value.
struct PathResolver {
  let tree: LuaTree
  /// How far names and fields are followed.
  private static let limit = 12

  /// Returns the dotted name that an expression means: `refold.exec`, or `@ensure.record` for what a module gives.
  func path(of id: LuaTree.ExpressionID, depth: Int = 0) -> String? {
    guard depth < Self.limit else { return nil }
    switch tree.expressions[id].kind {
    case .name(let name, nil): return name
    case .name(_, let variable?):
      guard let value = value(of: variable) else { return nil }
      return path(of: value, depth: depth + 1)
    case .index(let object, let key):
      guard case .string(let name) = tree.expressions[key].kind,
        let path = path(of: object, depth: depth + 1)
      else { return nil }
      return "\(path).\(name)"
    case .parenthesized(let inner): return path(of: inner, depth: depth + 1)
    case .call(let function, let arguments):
      guard arguments.count == 1, case .name("require", nil) = tree.expressions[function].kind,
        let module = text(of: arguments[0])
      else { return nil }
      return "@\(module)"
    default: return nil
    }
  }

  /// The text that an expression is; nil when that is not plain to see.
  func text(of id: LuaTree.ExpressionID) -> String? {
    guard case .string(let text) = tree.expressions[resolved(id)].kind else { return nil }
    return text
  }

  /// The table constructor that an expression is, with the variable that holds it, if one does.
  func table(
    of id: LuaTree.ExpressionID
  ) -> (fields: [LuaTree.Field], variable: LuaTree.VariableID?)? {
    guard case .table(let fields) = tree.expressions[resolved(id)].kind else { return nil }
    guard case .name(_, let variable?) = tree.expressions[id].kind else { return (fields, nil) }
    return (fields, variable)
  }

  /// The value of a variable that never gets another.
  func value(of variable: LuaTree.VariableID) -> LuaTree.ExpressionID? {
    let variable = tree.variables[variable]
    return variable.isAssigned ? nil : variable.value
  }

  /// The expression that a name stands for, at the end of a chain of local variables.
  func resolved(_ id: LuaTree.ExpressionID) -> LuaTree.ExpressionID {
    var id = id
    for _ in 0..<Self.limit {
      switch tree.expressions[id].kind {
      case .name(_, let variable?):
        guard let value = value(of: variable) else { return id }
        id = value
      case .parenthesized(let inner): id = inner
      default: return id
      }
    }
    return id
  }
}
