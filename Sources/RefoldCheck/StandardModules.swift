import LuaSyntax
import RefoldStdlib

/// The fields of modules of the standard library, each read when a file first requires it.
final class StandardModules {
  private var known: [String: Set<String>?] = [:]

  func fields(of name: String) -> Set<String>? {
    if let fields = known[name] { return fields }
    let fields = Self.read(name)
    known[name] = .some(fields)
    return fields
  }

  private static func read(_ name: String) -> Set<String>? {
    guard let module = Stdlib.module(named: name),
      let file = try? CheckedFile(path: name, source: Array(module.text.utf8))
    else { return nil }
    return ModuleFields.of(file) ?? assembled(file)
  }

  /// The fields of a module that takes over those of another: `for name, fn in pairs(require("other")) do M[name] = fn end`; or
  /// that can itself be called: `return setmetatable(M, …)`.
  ///
  /// Only the standard library is read like this, where nothing else is ever done to `M`.
  private static func assembled(_ file: CheckedFile) -> Set<String>? {
    var fields = assigned(file)
    if fields.isEmpty { return nil }
    for statement in file.tree.statements {
      guard case .genericFor(_, let values, _) = statement.kind, let value = values.first,
        case .call(let function, let arguments) = file.expression(value).kind,
        file.resolver.path(of: function) == "pairs", let list = arguments.first,
        let other = moduleName(list, file),
        let module = Stdlib.module(named: other),
        let part = try? CheckedFile(path: other, source: Array(module.text.utf8))
      else { continue }
      fields.formUnion(assigned(part))
    }
    return fields
  }

  /// The module that `require("other")` or `require("other")(…)` gives.
  private static func moduleName(_ id: LuaTree.ExpressionID, _ file: CheckedFile) -> String? {
    if let path = file.resolver.path(of: id), path.hasPrefix("@") {
      return String(path.dropFirst())
    }
    guard case .call(let function, _) = file.expression(id).kind,
      let path = file.resolver.path(of: function), path.hasPrefix("@")
    else { return nil }
    return String(path.dropFirst())
  }

  /// The names that are set in a local `M`.
  private static func assigned(_ file: CheckedFile) -> Set<String> {
    var names: Set<String> = []
    func note(_ target: LuaTree.ExpressionID) {
      guard case .index(let object, let key) = file.expression(target).kind,
        case .name("M", .some) = file.expression(object).kind,
        case .string(let name) = file.expression(key).kind
      else { return }
      names.insert(name)
    }
    for statement in file.tree.statements {
      switch statement.kind {
      case .assign(let targets, _): targets.forEach(note)
      case .function(let target, _): note(target)
      case .local(let variables, let values):
        for (variable, value) in zip(variables, values)
        where file.tree.variables[variable].name == "M" {
          for field in file.resolver.table(of: value)?.fields ?? [] {
            if let name = field.name { names.insert(name) }
          }
        }
      default: break
      }
    }
    return names
  }
}
