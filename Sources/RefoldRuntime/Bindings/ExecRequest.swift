import Lua
import RefoldActions

/// A call of `refold.exec` or `refold.try`, with its arguments as the script gave them.
///
/// A class, since all that the call goes through holds on to it.
final class ExecRequest {
  let app: String
  let action: String
  let call: ActionCall
  let parameters: [GivenParameter]
  /// How often the call may be made, nil when the script does not say.
  let maximumAttempts: Int?
  /// Whether arrays and objects of the result become lazy views.
  let isLazy: Bool
  /// Why the call must not be sent: a permission, or another account.
  let refusal: ActionError?
  /// Where the script makes the call; only in a plan, and when the run has a journal.
  let place: LuaError.Location?

  /// Reads the arguments from the stack.
  init(_ stack: borrowing LuaStack) throws {
    app = try RefoldLibrary.name(1, "app", of: stack)
    action = try RefoldLibrary.name(2, "action", of: stack)
    if stack.type(at: 3) == .table {
      throw stack.argumentError(
        3, "account",
        problem:
          "string expected, got table (parameters come fourth: pass nil for the run's account)")
    }
    let run = try RefoldLibrary.run(of: stack)
    var call = ActionCall(
      operation: .execute(app: app, action: action), account: run.options.account)
    call.origin = CallOrigin(
      account: run.options.account, path: run.current?.nextStep() ?? [])
    var refusal: ActionError?
    do throws(ActionError) {
      call.account = try run.account(named: try stack.optionalAccount(3), for: call)
    } catch {
      refusal = error
    }
    // Calls are matched by what they send, so equal parameters need equal texts.
    let isJournaled = run.journal != nil
    place = isJournaled || stack.planner != nil ? stack.location() : nil
    parameters = try Self.readParameters(stack, sortsKeys: isJournaled, into: &call)
    let options = try ExecOptions(stack)
    maximumAttempts = options.maximumAttempts
    isLazy = options.isLazy
    call.idempotencyKey = options.idempotencyKey
    call.timeout = options.timeout
    let method = parameters.first { $0.name == "method" }?.text
    call.effect = run.lane.effect(app: app, action: action, method: method)
    if refusal == nil, call.effect == .write, run.current?.lookUp != nil {
      refusal = .lookUpWrites("\(app).\(action)")
    }
    self.refusal = refusal ?? run.refusal(of: call, app, action)
    self.call = call
  }

  private static func readParameters(
    _ stack: borrowing LuaStack, sortsKeys: Bool, into call: inout ActionCall
  ) throws -> [GivenParameter] {
    call.body = Array("{}".utf8)
    guard try stack.optionalTable(4, "params") else { return [] }
    var parameters = try GivenParameter.list(at: 4, of: stack)
    stack.planner?.excuse(&parameters, at: 4, of: stack)
    if parameters.isEmpty { return [] }
    do throws(JSONError) {
      var options = JSONEncodingOptions()
      options.sortsKeys = sortsKeys
      call.body = try stack.encodeJSON(at: 4, options: options)
    } catch {
      throw stack.argumentError(4, "params", problem: error.message)
    }
    return parameters
  }
}

/// The options of `refold.exec`: its fifth argument, a table.
private struct ExecOptions {
  var maximumAttempts: Int?
  var isLazy = false
  var idempotencyKey: String?
  var timeout: Duration?

  init(_ stack: borrowing LuaStack) throws {
    guard try stack.optionalTable(5, "opts") else { return }
    var names: [String] = []
    stack.forEachEntry(at: 5) { stack in names.append(stack.displayText(at: -2)) }
    for name in names.sorted() where !["find", "key", "lazy", "timeout", "retry"].contains(name) {
      throw stack.argumentError(
        5, "opts",
        problem: "unknown option '\(name)' (use 'find', 'key', 'lazy', 'retry' or 'timeout')")
    }
    if stack.pushField("find", at: 5) != .nil, stack.type(at: -1) != .function {
      throw stack.argumentError(5, "opts", problem: "option 'find' must be a function")
    }
    if stack.pushField("retry", at: 5) != .nil {
      if let isRetried = stack.boolean(at: -1) {
        maximumAttempts = isRetried ? nil : 1
      } else if let count = stack.integer(at: -1), (1...10).contains(count) {
        maximumAttempts = Int(count)
      } else {
        throw stack.argumentError(
          5, "opts",
          problem: "option 'retry' must be a boolean, or an integer of attempts from 1 to 10")
      }
    }
    if stack.pushField("lazy", at: 5) != .nil {
      guard let flag = stack.boolean(at: -1) else {
        throw stack.argumentError(5, "opts", problem: "option 'lazy' must be a boolean")
      }
      isLazy = flag
    }
    if stack.pushField("key", at: 5) != .nil {
      if PlaceholderLibrary.number(at: -1, of: stack) != nil {
        throw stack.argumentError(
          5, "opts", problem: "option 'key' is a \(PlaceholderLibrary.typeName)")
      }
      guard let key = stack.string(at: -1), !key.isEmpty else {
        throw stack.argumentError(5, "opts", problem: "option 'key' must be a string")
      }
      idempotencyKey = key
    }
    if stack.pushField("timeout", at: 5) != .nil {
      guard let seconds = stack.number(at: -1), seconds > 0, seconds <= 86_400 else {
        throw stack.argumentError(
          5, "opts", problem: "option 'timeout' must be seconds, more than 0 and at most 86400")
      }
      timeout = .nanoseconds(Int64(seconds * 1e9))
    }
    stack.pop(stack.count - 5)
  }
}

extension LuaStack {
  fileprivate func optionalAccount(_ position: Int) throws(ActionError) -> String? {
    if isAbsent(position) { return nil }
    if let account = string(at: position), !account.isEmpty { return account }
    throw ActionError(
      kind: .permission, code: "account_not_allowed", message: "the account must be a string",
      hint: "pass nil for the run's account")
  }
}
