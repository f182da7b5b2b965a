import Lua
import RefoldActions

/// The declarations of a script that returns a table with `run`.
struct DeclaredScript {
  /// What the script says that it reads and writes; nil when it does not say.
  private(set) var permissions: Permissions?
  /// The accounts beside its own that it names.
  private(set) var accounts: Set<String> = []
  /// The limits that it sets itself.
  private(set) var budget = Budget.unlimited

  /// Reads `permissions` and `budget` of the table on top of the stack.
  ///
  /// - Throws: ``RunFailure`` that names what is wrong in them.
  init(of stack: borrowing LuaStack) throws {
    let script = stack.count
    defer { stack.setCount(script) }
    if stack.pushField("permissions", at: script) != .nil { try readPermissions(stack) }
    if stack.pushField("budget", at: script) != .nil { try readBudget(stack) }
  }

  private mutating func readPermissions(_ stack: borrowing LuaStack) throws {
    try Self.checkKeys(stack, "permissions", known: ["read", "write", "accounts"])
    func rules(_ field: String, _ stack: borrowing LuaStack) throws -> [Permissions.Rule] {
      try Self.texts("permissions", field, stack).map { text in
        guard let rule = Permissions.Rule(text) else {
          throw Self.invalid(
            "permissions.\(field) holds '\(text)'",
            "use 'app' or 'app.action', as in 'hubspot.update_contact'")
        }
        return rule
      }
    }
    permissions = Permissions(
      source: "the script", reads: try rules("read", stack), writes: try rules("write", stack))
    accounts = Set(try Self.texts("permissions", "accounts", stack))
  }

  private mutating func readBudget(_ stack: borrowing LuaStack) throws {
    try Self.checkKeys(
      stack, "budget", known: ["calls", "instructions", "memory", "output", "time", "writes"])
    func limit(_ field: String, _ standard: Int, _ stack: borrowing LuaStack) throws -> Int {
      let type = stack.pushField(field, at: -1)
      defer { stack.pop() }
      if type == .nil { return standard }
      guard let number = stack.integer(at: -1), number >= 0 else {
        throw Self.invalid("budget.\(field) is no whole number", "use a number of 0 or more")
      }
      return Int(number)
    }
    budget.calls = try limit("calls", budget.calls, stack)
    budget.memoryBytes = try limit("memory", budget.memoryBytes, stack)
    let instructions = try limit("instructions", .max, stack)
    if instructions < .max { budget.instructions = max(1, instructions) }
    if stack.pushField("time", at: -1) != .nil {
      guard let seconds = stack.number(at: -1), seconds > 0, seconds <= 86_400 * 365 else {
        throw Self.invalid("budget.time is no time", "use seconds, more than 0")
      }
      budget.time = .nanoseconds(Int64(seconds * 1e9))
    }
    stack.pop()
    budget.writes = try limit("writes", budget.writes, stack)
    budget.outputBytes = try limit("output", budget.outputBytes, stack)
  }

  private static func checkKeys(
    _ stack: borrowing LuaStack, _ field: String, known: [String]
  ) throws {
    guard stack.type(at: -1) == .table else {
      throw invalid("\(field) is a \(stack.type(at: -1).name)", "use a table")
    }
    var unknown: [String] = []
    stack.forEachEntry(at: -1) { stack in
      let name = stack.displayText(at: -2)
      if !known.contains(name) { unknown.append(name) }
    }
    guard let name = unknown.min() else { return }
    let nearest = NearestName.of(name, in: known).map { "did you mean '\($0)'? " } ?? ""
    throw invalid(
      "\(field) has no field '\(name)'", "\(nearest)Use \(known.joined(separator: ", "))")
  }

  /// The texts of a list, none when the field is absent.
  private static func texts(
    _ parent: String, _ field: String, _ stack: borrowing LuaStack
  ) throws -> [String] {
    let type = stack.pushField(field, at: -1)
    defer { stack.pop() }
    if type == .nil { return [] }
    guard type == .table else {
      throw invalid("\(parent).\(field) is a \(type.name)", "use a list of texts")
    }
    return try (0..<stack.rawLength(at: -1)).map { index in
      stack.pushElement(index + 1, at: -1)
      defer { stack.pop() }
      guard let text = stack.string(at: -1) else {
        throw invalid("\(parent).\(field) holds something else than text", "use a list of texts")
      }
      return text
    }
  }

  private static func invalid(_ problem: String, _ hint: String) -> RunFailure {
    RunFailure(
      .script, code: "declaration_invalid",
      message: "the script's declaration is wrong: \(problem)",
      hint: hint)
  }

  /// The types that `input` may name, and the Lua types that fit them.
  private static let types: [String: Set<LuaType>] = [
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
