import LuaSyntax
import RefoldActions

/// A parameter whose plain value cannot be what the action's schema says.
enum ParameterType: CheckRule {
  static let code = "parameter-type"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    for given in GivenTable.all(in: file, project) {
      for field in given.fields {
        guard let parameter = given.schema.first(where: { $0.name == field.name }) else { continue }
        let value = file.expression(file.resolver.resolved(field.value)).kind
        guard let (expected, actual) = mismatch(of: value, with: parameter.type) else { continue }
        findings.error(
          "parameter '\(parameter.name)' of \(given.app).\(given.action) must be \(expected), but is \(actual)",
          at: file.range(field.value),
          hint: "see 'refold actions \(given.app) \(given.action)'")
      }
    }
  }

  /// The same as what a run refuses before it sends anything.
  private static func mismatch(
    of value: LuaTree.Expression.Kind, with type: String
  ) -> (expected: String, actual: String)? {
    let actual: String
    switch value {
    case .boolean: actual = "a boolean"
    case .integer, .float: actual = "a number"
    case .string: actual = "a string"
    case .table: actual = "a table"
    case .function: actual = "a function"
    default: return nil
    }
    switch (type.lowercased(), value) {
    case (_, .function): return ("data", actual)
    case ("json", .table), ("json", .string): return nil
    case ("json", _): return ("a table or JSON text", actual)
    case ("number", .integer), ("number", .float): return nil
    case ("number", .string(let text)) where Double(text) != nil: return nil
    case ("number", _): return ("a number", actual)
    case ("boolean", .boolean), ("boolean", .string("true")), ("boolean", .string("false")):
      return nil
    case ("boolean", _): return ("a boolean", actual)
    default: return nil
    }
  }
}
