import Lua
import RefoldActions

/// The declarations of a script that returns a table with `run`.
struct DeclaredScript {
  /// What the script says that it reads and writes; nil when it does not say.
  private(set) var permissions: Permissions?
  /// The accounts beside its own that it names.
  private(set) var accounts: Set<String> = []
  /// The limits that it sets itself.
  private(set) var budget = StatedBudget()

  /// Reads `permissions` and `budget` of the table on top of the stack.
  ///
  /// - Throws: ``RunFailure`` that names what is wrong in them.
  init(of stack: borrowing LuaStack) throws {
    let reader = DeclarationReader(source: "the script") { problem, hint in
      RunFailure(
        .script, code: "declaration_invalid",
        message: "the script's declaration is wrong: \(problem)", hint: hint)
    }
    (permissions, accounts) = try reader.permissions(of: stack, accountsField: "accounts")
    budget = try reader.budget(of: stack)
  }

  /// The types that `input` may name, and the Lua types that fit them.
  static let types: [String: Set<LuaType>] = [
    "string": [.string], "number": [.number], "integer": [.number], "boolean": [.boolean],
    "table": [.table], "array": [.table], "object": [.table],
    "any": [.string, .number, .boolean, .table, .lightUserdata],
  ]

  /// Checks the run's input against the `input` field of the table on top of the stack.
  ///
  /// A field's type is a name of ``types``; a `?` behind it makes the field optional. Fields that are not declared pass.
  ///
  /// - Throws: ``RunFailure`` of kind `usage` that lists every problem.
  static func checkInput(of stack: borrowing LuaStack, input: [UInt8]?) throws {
    let height = stack.count
    defer { stack.setCount(height) }
    guard stack.pushField("input", at: -1) == .table else { return }
    let declared = stack.count
    if let input {
      do throws(JSONError) {
        try stack.pushJSON(input)
      } catch {
        throw RunFailure(
          .usage, code: "input_not_json", message: "the input is not JSON: \(error.message)")
      }
    } else {
      stack.pushTable()
    }
    guard stack.type(at: -1) == .table else {
      throw RunFailure(
        .usage, code: "input_invalid",
        message: "the input must be a JSON object, but is a \(stack.type(at: -1).name)")
    }
    let given = stack.count
    var problems: [String] = []
    try stack.forEachEntry(at: declared) { stack in
      guard let field = stack.string(at: -2), let type = stack.string(at: -1) else { return }
      if let problem = try problem(with: field, of: type, in: given, on: stack) {
        problems.append(problem)
      }
    }
    guard problems.isEmpty else {
      throw RunFailure(
        .usage, code: "input_invalid", message: problems.sorted().joined(separator: "; "),
        hint: "pass the fields that the script declares under 'input'")
    }
  }

  private static func problem(
    with field: String, of declared: String, in given: Int, on stack: borrowing LuaStack
  ) throws -> String? {
    let isOptional = declared.hasSuffix("?")
    let type = isOptional ? String(declared.dropLast()) : declared
    guard let fitting = types[type] else {
      throw RunFailure(
        .script, code: "declaration_invalid",
        message: "the script declares input '\(field)' with the unknown type '\(declared)'",
        hint: "use one of \(types.keys.sorted().joined(separator: ", ")), with '?' when optional")
    }
    let actual = stack.pushField(field, at: given)
    let isAbsent = actual == .nil || (actual == .lightUserdata && type != "any")
    if isAbsent { return isOptional ? nil : "input field '\(field)' is missing" }
    let isInteger = type != "integer" || stack.integer(at: -1) != nil
    guard fitting.contains(actual), isInteger else {
      return "input field '\(field)' must be a \(type), but is a \(actual.name)"
    }
    return nil
  }
}
