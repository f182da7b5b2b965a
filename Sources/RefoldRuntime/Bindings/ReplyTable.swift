import Lua
import RefoldActions

/// Turns replies of a backend into Lua tables, straight from the bytes.
enum ReplyTable {
  /// Pushes the result of an executed action, `{ node_status?, data, … }` as the API gave it.
  ///
  /// - Parameter isLazy: Whether the arrays and objects in it become lazy views.
  /// - Throws: When the reply says in any of the documented ways that the action failed, or is not JSON.
  static func pushExecuted(
    _ reply: Reply, to call: ActionCall, isLazy: Bool, on stack: borrowing LuaStack
  ) throws {
    try push(reply, to: call, unwrapping: nil, isLazy: isLazy, on: stack)
    guard stack.type(at: -1) == .table else {
      throw ReplyClassifier.unusable(reply, to: call, because: "expected an object")
    }
    guard hasFailed(stack) else { return }
    stack.pop()
    let envelope: Envelope
    do {
      envelope = try Envelope.read(from: reply.body)
    } catch {
      throw ReplyClassifier.unusable(reply, to: call, because: error.message)
    }
    if let failure = ReplyClassifier.failure(ofEnvelope: envelope, reply: reply, call: call) {
      throw failure
    }
    throw ReplyClassifier.unusable(reply, to: call, because: "the answer contradicts itself")
  }

  /// Whether the envelope on top of the stack reports a failure; the rules are ``Envelope/isFailure``.
  private static func hasFailed(_ stack: borrowing LuaStack) -> Bool {
    var envelope = Envelope()
    stack.pushField("node_status", at: -1)
    envelope.nodeStatus = stack.string(at: -1)
    stack.pushField("success", at: -2)
    envelope.success = stack.boolean(at: -1)
    stack.pushField("http_status", at: -3)
    envelope.httpStatus = stack.integer(at: -1).map { Int(clamping: $0) }
    stack.pop(3)
    return envelope.isFailure
  }

  /// Pushes a reply as JSON, without the object that some versions of the API wrap around a list.
  static func push(
    _ reply: Reply, to call: ActionCall, unwrapping field: String?, isLazy: Bool = false,
    on stack: borrowing LuaStack
  ) throws {
    do throws(JSONError) {
      if isLazy { try stack.pushJSONFields(reply.body) } else { try stack.pushJSON(reply.body) }
    } catch {
      if error.code == .memory { throw LuaError(error.message, code: .memory) }
      throw ReplyClassifier.unusable(reply, to: call, because: error.message)
    }
    guard let field, stack.type(at: -1) == .table else { return }
    for name in [field, "data"] {
      if stack.pushField(name, at: -1) == .table {
        stack.remove(at: -2)
        return
      }
      stack.pop()
    }
  }

  /// Adds the field `effect` to each action of the list on top of the stack.
  static func addEffects(run: Run, app: String, on stack: borrowing LuaStack) {
    guard stack.type(at: -1) == .table else { return }
    for index in 0..<stack.rawLength(at: -1) {
      if stack.pushElement(index + 1, at: -1) == .table {
        stack.pushField("action_id", at: -1)
        let action = stack.string(at: -1) ?? ""
        stack.pop()
        stack.push(run.lane.effect(app: app, action: action, method: nil).rawValue)
        stack.setField("effect", at: -2)
      }
      stack.pop()
    }
  }
}
