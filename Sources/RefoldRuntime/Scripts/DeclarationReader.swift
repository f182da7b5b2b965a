import Lua
import RefoldActions

/// Reads what a script or a project's config declares, from the table on top of a stack.
struct DeclarationReader {
  /// Who says so, for messages.
  let source: String
  /// Makes the failure for a problem, with how to fix it.
  let invalid: (_ problem: String, _ hint: String) -> RunFailure

  /// Reads `permissions`: nil when the table has none.
  ///
  /// - Parameter accountsField: The field with the other accounts that may be used; nil when there is none.
  func permissions(
    of stack: borrowing LuaStack, accountsField: String?
  ) throws -> (Permissions?, accounts: Set<String>) {
    defer { stack.pop() }
    if stack.pushField("permissions", at: -1) == .nil { return (nil, []) }
    try checkKeys(
      stack, "permissions", known: ["read", "write"] + (accountsField.map { [$0] } ?? []))
    // A list that is absent permits nothing of its kind.
    let permissions = Permissions(
      source: source, reads: try rules("read", stack), writes: try rules("write", stack))
    let accounts = try accountsField.map { try texts("permissions", $0, stack) } ?? []
    return (permissions, Set(accounts))
  }

  private func rules(_ field: String, _ stack: borrowing LuaStack) throws -> [Permissions.Rule] {
    try texts("permissions", field, stack).map { text in
      guard let rule = Permissions.Rule(text) else {
        throw invalid(
          "permissions.\(field) holds '\(text)'",
          "use 'app' or 'app.action', as in 'hubspot.update_contact'")
      }
      return rule
    }
  }

  /// The fields that `budget` may have.
  static let budgetFields = ["calls", "instructions", "memory", "output", "time", "writes"]

  /// Reads `budget`; states nothing when the table has none.
  func budget(of stack: borrowing LuaStack) throws -> StatedBudget {
    defer { stack.pop() }
    var budget = StatedBudget()
    if stack.pushField("budget", at: -1) == .nil { return budget }
    try checkKeys(stack, "budget", known: Self.budgetFields)
    budget.calls = try count("calls", stack)
    budget.instructions = try count("instructions", stack)
    budget.memoryBytes = try count("memory", stack)
    budget.outputBytes = try count("output", stack)
    budget.writes = try count("writes", stack)
    budget.time = try time(stack)
    return budget
  }

  private func count(_ field: String, _ stack: borrowing LuaStack) throws -> Int? {
    defer { stack.pop() }
    if stack.pushField(field, at: -1) == .nil { return nil }
    guard let number = stack.integer(at: -1), number >= 0 else {
      throw invalid("budget.\(field) is no whole number", "use a number of 0 or more")
    }
    return Int(number)
  }

  private func time(_ stack: borrowing LuaStack) throws -> Duration? {
    defer { stack.pop() }
    if stack.pushField("time", at: -1) == .nil { return nil }
    guard let seconds = stack.number(at: -1), seconds > 0, seconds <= 86_400 * 365 else {
      throw invalid("budget.time is no time", "use seconds, more than 0")
    }
    return .nanoseconds(Int64(seconds * 1e9))
  }

  /// Checks that the value on top of the stack is a table with known fields only.
  ///
  /// - Parameter field: What the table is called; nil for the declaration itself.
  func checkKeys(_ stack: borrowing LuaStack, _ field: String?, known: [String]) throws {
    let name = field ?? source
    guard stack.type(at: -1) == .table else {
      throw invalid("\(name) is a \(stack.type(at: -1).name)", "use a table")
    }
    var unknown: [String] = []
    stack.forEachEntry(at: -1) { stack in
      let key = stack.displayText(at: -2)
      if !known.contains(key) { unknown.append(key) }
    }
    guard let key = unknown.min() else { return }
    let nearest = NearestName.of(key, in: known).map { "did you mean '\($0)'? U" } ?? "u"
    throw invalid("\(name) has no field '\(key)'", "\(nearest)se \(known.joined(separator: ", "))")
  }

  /// The texts of a list in the table on top of the stack, none when the field is absent.
  ///
  /// - Parameter parent: What the table is called; nil for the declaration itself.
  func texts(_ parent: String?, _ field: String, _ stack: borrowing LuaStack) throws -> [String] {
    let name = parent.map { "\($0).\(field)" } ?? field
    let type = stack.pushField(field, at: -1)
    defer { stack.pop() }
    if type == .nil { return [] }
    guard type == .table else {
      throw invalid("\(name) is a \(type.name)", "use a list of texts")
    }
    return try (0..<stack.rawLength(at: -1)).map { index in
      stack.pushElement(index + 1, at: -1)
      defer { stack.pop() }
      guard let text = stack.string(at: -1) else {
        throw invalid("\(name) holds something else than text", "use a list of texts")
      }
      return text
    }
  }
}
