import Lua

/// What goes into the script's function, and what comes out of it.
extension Run {
  /// Pushes the arguments of the script's function, and returns how many there are.
  func pushArguments(on stack: borrowing LuaStack) throws -> Int {
    try pushInput(on: stack)
    stack.pushTable(fields: 3)
    setNames(on: stack)
    return 2
  }

  /// Sets the account, the id and the mode of the run in the table on top of the stack.
  func setNames(on stack: borrowing LuaStack) {
    stack.push(options.account)
    stack.setField("account", at: -2)
    stack.push(id)
    stack.setField("run_id", at: -2)
    stack.push(options.mode)
    stack.setField("mode", at: -2)
  }

  /// Pushes the input; an empty table when the run has none.
  func pushInput(on stack: borrowing LuaStack) throws {
    guard let input = options.input else { return stack.pushTable() }
    do throws(JSONError) {
      try stack.pushJSON(input)
    } catch {
      throw RunFailure(
        .usage, code: "input_not_json", message: "the input is not JSON: \(error.message)",
        hint: "pass JSON text, as in '--input {\"email\":\"ada@example.com\"}'")
    }
  }

  /// Writes the value on top of a task's stack as JSON.
  func encodeResult(of task: RunTask) throws -> [UInt8] {
    try task.thread.withStack { stack in
      if stack.type(at: -1) == .nil { return Array("null".utf8) }
      var encoding = options.resultEncoding
      encoding.maximumBytes = budget.outputBytes - outputBytes
      do throws(JSONError) {
        return try stack.encodeJSON(at: -1, options: encoding)
      } catch {
        if error.code == .size { throw RunFailure.outputLimit(budget.outputBytes) }
        throw RunFailure(
          .script, code: "result_not_json",
          message: "the script's result can't be written as JSON: \(error.message)",
          hint: "return tables, strings, numbers, booleans and refold.null only")
      }
    }
  }
}
