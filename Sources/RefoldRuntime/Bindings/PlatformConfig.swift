import Lua
import RefoldActions

/// The config of an app that a customer made on the platform, in the shape that scripts see.
enum PlatformConfig {
  /// Whether a failed look-up only says that the account has no config of the app.
  static func isAbsent(_ error: ActionError) -> Bool {
    error.status == 404
      && !["unknown_app", "INVALID_LINKED_ACCOUNT_ID", "INVALID_APP_ID"].contains(error.code)
  }

  /// Pushes `{ config_id, fields = { id = value }, workflows = { id = { enabled, fields } } }`.
  ///
  /// A field without a value has its default; one without either is left out.
  static func push(
    _ reply: Reply, to call: ActionCall, on stack: borrowing LuaStack
  ) throws {
    try ReplyTable.push(reply, to: call, unwrapping: nil, on: stack)
    guard stack.type(at: -1) == .table, !stack.isMarkedArray(at: -1) else {
      throw ReplyClassifier.unusable(reply, to: call, because: "expected an object")
    }
    let reply = stack.count
    stack.pushTable(fields: 3)
    let config = stack.count
    stack.pushField("config_id", at: reply)
    stack.setField("config_id", at: config)
    pushFields(of: reply, on: stack)
    stack.setField("fields", at: config)
    pushWorkflows(of: reply, on: stack)
    stack.setField("workflows", at: config)
    stack.remove(at: reply)
  }

  private static func pushWorkflows(of table: Int, on stack: borrowing LuaStack) {
    stack.pushTable()
    let workflows = stack.count
    forEachElement("workflows", of: table, on: stack) { stack, workflow, id in
      stack.pushTable(fields: 2)
      let entry = stack.count
      stack.pushField("enabled", at: workflow)
      stack.setField("enabled", at: entry)
      pushFields(of: workflow, on: stack)
      stack.setField("fields", at: entry)
      stack.setField(id, at: workflows)
    }
  }

  private static func pushFields(of table: Int, on stack: borrowing LuaStack) {
    stack.pushTable()
    let fields = stack.count
    forEachElement("fields", of: table, on: stack) { stack, field, id in
      for name in ["value", "defaultValue"] {
        let type = stack.pushField(name, at: field)
        if type != .nil, type != .lightUserdata { return stack.setField(id, at: fields) }
        stack.pop()
      }
    }
  }

  private static func forEachElement(
    _ list: String, of table: Int, on stack: borrowing LuaStack,
    _ body: (borrowing LuaStack, _ element: Int, _ id: String) -> Void
  ) {
    let height = stack.count
    defer { stack.setCount(height) }
    guard stack.pushField(list, at: table) == .table else { return }
    let elements = stack.count
    for index in 0..<stack.rawLength(at: elements) {
      if stack.pushElement(index + 1, at: elements) == .table {
        let element = stack.count
        stack.pushField("id", at: element)
        if let id = stack.string(at: -1) { body(stack, element, id) }
      }
      stack.setCount(elements)
    }
  }
}
