import Lua
import RefoldActions

/// The `refold` module as scripts see it, and the few globals that come with it.
enum RefoldLibrary {
  /// The functions of `refold`, shared by all states of a lane.
  static func functions() -> LuaLibrary {
    LuaLibrary([
      ("exec", { stack in try exec(stack, style: .raising) }),
      ("try", { stack in try exec(stack, style: .returning) }),
      ("actions", actions),
      ("schema", schema),
      ("app", app),
      ("apps", apps),
      ("all", all),
      ("map", map),
      ("sleep", sleep),
      ("base", base),
      ("config", config),
      ("once", OnceLibrary.once),
      ("dead_letter", DeadLetterLibrary.bury),
    ])
  }

  /// The run that a host function was called from.
  static func run(of stack: borrowing LuaStack) throws -> Run {
    guard let run = stack.attachment(as: Run.self) else {
      throw LuaError("the run has ended")
    }
    return run
  }

  /// A call that may wait is refused where it could not, so that a script does the same on every backend.
  static func requireSuspendable(_ stack: borrowing LuaStack) throws {
    guard stack.canSuspend else {
      throw LuaError(
        "a call that waits cannot be made inside a C function such as table.sort or string.gsub, "
          + "or while a module loads")
    }
  }

  // MARK: - Look-ups

  private static func actions(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let app = try name(1, "app", of: stack)
    let run = try run(of: stack)
    let account = try run.account(2, of: stack)
    return try run.lookUp(.actions(app: app), account: account, on: stack) { stack, reply in
      let call = ActionCall(operation: .actions(app: app), account: account)
      try ReplyTable.push(reply, to: call, unwrapping: "actions", on: stack)
      ReplyTable.addEffects(run: run, app: app, on: stack)
    }
  }

  private static func schema(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let app = try name(1, "app", of: stack)
    let action = try name(2, "action", of: stack)
    let run = try run(of: stack)
    let account = try run.account(3, of: stack)
    try requireSuspendable(stack)
    let operation = ActionCall.Operation.schema(app: app, action: action)
    let call = ActionCall(operation: operation, account: account)
    let pending = PendingCall()
    // The parameters are looked up first: that explains unknown names, and leaves the reply in the catalog.
    run.lane.catalog.parameters(app: app, action: action, account: account) { result in
      if case .failure(let error) = result { return pending.complete { _ in throw error } }
      run.lane.catalog.look(operation, account: account) { result in
        pending.complete { stack in
          try ReplyTable.push(result.get(), to: call, unwrapping: "parameters", on: stack)
          return 1
        }
      }
    }
    return try run.settle(pending, on: stack)
  }

  private static func app(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let app = try name(1, "app", of: stack)
    let run = try run(of: stack)
    let account = try run.account(2, of: stack)
    let operation = ActionCall.Operation.application(app: app)
    return try run.lookUp(operation, account: account, on: stack) { stack, reply in
      let call = ActionCall(operation: operation, account: account)
      try ReplyTable.push(reply, to: call, unwrapping: nil, on: stack)
    }
  }

  private static func apps(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let run = try run(of: stack)
    let account = try run.account(1, of: stack)
    return try run.lookUp(.applications, account: account, on: stack) { stack, reply in
      let call = ActionCall(operation: .applications, account: account)
      try ReplyTable.push(reply, to: call, unwrapping: "applications", on: stack)
    }
  }

  /// Reads a name that goes into a path: not empty.
  static func name(
    _ position: Int, _ argument: StaticString, of stack: borrowing LuaStack
  ) throws -> String {
    let name = try stack.string(position, argument)
    guard !name.isEmpty else {
      throw stack.argumentError(position, argument, problem: "a name expected, got an empty string")
    }
    return name
  }
}
