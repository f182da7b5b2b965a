import Lua
import RefoldActions

/// How a failed action appears to a script: a table with the fields of `refold.Error` and a text of its own.
extension ActionError: LuaErrorValue {
  /// Pushes the error table: `{ kind, status?, code, message, hint?, app?, action?, account?, retryable, retry_after?,
  /// trace_id?, script }`.
  ///
  /// `retry_after` is in seconds, `script` is `file:line` of the call. `tostring` gives one readable block.
  public func pushErrorValue(on stack: borrowing LuaStack) {
    let location = stack.location()
    stack.pushTable(fields: 12)
    set("kind", kind.rawValue, on: stack)
    set("code", code, on: stack)
    set("message", message, on: stack)
    set("hint", hint, on: stack)
    set("app", app, on: stack)
    set("action", action, on: stack)
    set("account", account, on: stack)
    set("trace_id", traceID, on: stack)
    set("script", location?.description, on: stack)
    stack.push(retryable)
    stack.setField("retryable", at: -2)
    if let status {
      stack.push(status)
      stack.setField("status", at: -2)
    }
    if let retryAfter {
      stack.push(Double(retryAfter.wholeNanoseconds) / 1e9)
      stack.setField("retry_after", at: -2)
    }
    if stack.pushRegistryField(ErrorTable.metatableField) == .table {
      stack.setMetatable(at: -2)
    } else {
      stack.pop()
    }
  }

  private func set(_ field: String, _ value: String?, on stack: borrowing LuaStack) {
    guard let value else { return }
    stack.push(value)
    stack.setField(field, at: -2)
  }
}

/// The metatable that all error tables of a state share.
enum ErrorTable {
  static let metatableField = "refold.Error"

  static func functions() -> LuaLibrary { LuaLibrary([("__tostring", text)]) }

  /// Makes the metatable and keeps it in the registry.
  static func install(_ library: LuaLibrary, in lua: LuaState) {
    lua.withStack { stack in
      stack.pushTable(fields: 3)
      lua.add(library, toTableOn: stack)
      stack.push("refold.Error")
      stack.setField("__name", at: -2)
      stack.setRegistryField(metatableField)
    }
  }

  /// Writes the block that `tostring(err)` gives, in the form of all messages of `refold`.
  private static func text(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    try stack.table(1, "error")
    func field(_ name: String, _ stack: borrowing LuaStack) -> String? {
      stack.pushField(name, at: 1)
      defer { stack.pop() }
      return stack.integer(at: -1).map { String($0) } ?? stack.string(at: -1)
    }
    var lines = [field("message", stack) ?? "unknown error"]
    if let script = field("script", stack) { lines.append("  at \(script)") }
    if let hint = field("hint", stack) { lines.append("  fix: \(hint)") }
    var facts: [String] = []
    if let status = field("status", stack) { facts.append("status \(status)") }
    if let code = field("code", stack) { facts.append("code \(code)") }
    if let trace = field("trace_id", stack) { facts.append("trace id \(trace)") }
    if !facts.isEmpty { lines.append("  " + facts.joined(separator: ", ")) }
    stack.push(lines.joined(separator: "\n"))
    return .results(1)
  }
}
