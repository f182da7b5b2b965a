import LuaSyntax

/// What a file returns, where it can be read off: a table, by its constructor and what is set in it by name.
struct ReturnedTable {
  /// A field of it.
  struct Field {
    var name: String
    var range: Range<Int>
    /// The value, unless it is given by `function M.name()`.
    var value: LuaTree.ExpressionID?
  }

  private(set) var fields: [Field] = []
  /// Whether there are no other fields than these.
  private(set) var isComplete = true

  /// Reads the last `return` of a file; nil when it returns no table that is plain to see.
  init?(_ file: CheckedFile) {
    let tree = file.tree
    guard let last = tree.blocks[0].statements.last,
      case .return(let values) = tree.statements[last].kind, values.count == 1,
      let (constructed, variable) = file.resolver.table(of: values[0])
    else { return nil }
    for field in constructed {
      if let name = field.name {
        fields.append(Field(name: name, range: field.range, value: field.value))
      } else if !field.isPositional {
        isComplete = false
      }
    }
    guard let variable else { return }
    addAssigned(to: variable, file)
    if escapes(variable, file) { isComplete = false }
  }

  private mutating func addAssigned(to variable: LuaTree.VariableID, _ file: CheckedFile) {
    let tree = file.tree
    func field(_ target: LuaTree.ExpressionID) -> (String, Range<Int>)? {
      guard case .index(let object, let key) = tree.expressions[target].kind,
        case .name(_, variable) = tree.expressions[object].kind,
        case .string(let name) = tree.expressions[key].kind
      else { return nil }
      return (name, tree.expressions[key].range)
    }
    for statement in tree.statements {
      switch statement.kind {
      case .assign(let targets, let values):
        for (index, target) in targets.enumerated() {
          guard let (name, range) = field(target) else { continue }
          let value = values.indices.contains(index) ? values[index] : nil
          fields.append(Field(name: name, range: range, value: value))
        }
      case .function(let target, _):
        if let (name, range) = field(target) {
          fields.append(Field(name: name, range: range, value: nil))
        }
      default: break
      }
    }
  }

  /// Whether something else than `M.name` and `return M` happens to the table.
  private func escapes(_ variable: LuaTree.VariableID, _ file: CheckedFile) -> Bool {
    let tree = file.tree
    for (id, expression) in tree.expressions.enumerated() {
      guard case .name(_, variable) = expression.kind else { continue }
      let parent = file.parents[id]
      if parent < 0 { continue }
      guard case .index(id, let key) = tree.expressions[parent].kind,
        case .string = tree.expressions[key].kind
      else { return true }
    }
    return false
  }
}

/// The names that a module gives to those that require it.
enum ModuleFields {
  static func of(_ file: CheckedFile) -> Set<String>? {
    guard let table = ReturnedTable(file), table.isComplete else { return nil }
    return Set(table.fields.map(\.name))
  }
}
