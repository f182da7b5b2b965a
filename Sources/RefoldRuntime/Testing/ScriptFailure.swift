import Lua

/// The failure of a script that a test ran, as the test sees it: a table with the fields of `refold.Error`.
struct ScriptFailure: LuaErrorValue {
  let failure: RunFailure
  /// The failure names its own place.
  var isLocated: Bool { true }

  func pushErrorValue(on stack: borrowing LuaStack) {
    stack.pushTable(fields: 10)
    let texts = [
      ("kind", failure.kind.name), ("code", failure.code), ("message", failure.message),
      ("hint", failure.hint), ("app", failure.app), ("action", failure.action),
      ("trace_id", failure.traceID), ("script", failure.location?.description),
    ]
    for case (let field, let text?) in texts {
      stack.push(text)
      stack.setField(field, at: -2)
    }
    if let status = failure.status {
      stack.push(status)
      stack.setField("status", at: -2)
    }
    if stack.pushRegistryField(ErrorTable.metatableField) == .table {
      stack.setMetatable(at: -2)
    } else {
      stack.pop()
    }
  }
}
