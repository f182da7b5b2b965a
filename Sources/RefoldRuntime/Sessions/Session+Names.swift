import Lua

extension Session {
  /// Makes names fields of the session; their values stay until they are assigned.
  func declare(_ declarations: [SessionSource.Declaration]) {
    guard !declarations.isEmpty else { return }
    lua.withStack { stack in
      stack.pushRegistryField(SessionGlue.kindsField)
      for declaration in declarations {
        stack.push(declaration.isConstant ? "unset" : "variable")
        stack.setField(declaration.name, at: -2)
      }
    }
  }

  /// Sets a name of the session to the value on top of the stack, and pops it.
  func set(_ name: String, on stack: borrowing LuaStack) {
    stack.pushRegistryField(SessionGlue.localsField)
    stack.insert(at: -2)
    stack.setField(name, at: -2)
    stack.pop()
  }

  /// Sets `_` to the first value of the line that ended.
  func keepFirstValue() {
    lua.withStack { stack in
      stack.pushRegistryField(SessionGlue.valuesField)
      stack.pushElement(1, at: -1)
      set("_", on: stack)
    }
  }

  /// Sets `_err` to a table that says what failed, with the traceback, and the value that was raised when it was no text.
  func keepError(_ failure: RunFailure) {
    lua.withStack { stack in
      stack.pushTable(fields: 8)
      let fields: [(String, String?)] = [
        ("kind", failure.kind.name), ("code", failure.code), ("message", failure.message),
        ("hint", failure.hint), ("app", failure.app), ("action", failure.action),
        ("script", failure.location?.description), ("trace_id", failure.traceID),
        ("traceback", failure.traceback),
      ]
      for (name, text) in fields {
        guard let text else { continue }
        stack.push(text)
        stack.setField(name, at: -2)
      }
      if let status = failure.status {
        stack.push(status)
        stack.setField("status", at: -2)
      }
      switch stack.pushRegistryField(SessionGlue.errorField) {
      case .nil, .string: stack.pop()
      default: stack.setField("value", at: -2)
      }
      if stack.pushRegistryField(ErrorTable.metatableField) == .table {
        stack.setMetatable(at: -2)
      } else {
        stack.pop()
      }
      set("_err", on: stack)
    }
  }

  func clearRegistry(_ fields: [String]) {
    lua.withStack { stack in
      for field in fields {
        stack.pushNil()
        stack.setRegistryField(field)
      }
    }
  }
}
