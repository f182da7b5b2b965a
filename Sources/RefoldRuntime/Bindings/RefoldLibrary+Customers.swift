import Lua
import RefoldActions

/// `refold.base()` and `refold.config(app?)`: what a customer's files have to do with the base script.
extension RefoldLibrary {
  private static let baseField = "refold.base"

  /// Pushes what the base script returns; it is loaded the first time, and the same value is given from then on.
  static func base(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let run = try run(of: stack)
    guard let generation = run.generation, generation.isOverride else {
      throw LuaError(
        "refold.base: this script is not a customer's version of another one: it is for the files in "
          + "'scripts/customers/ACCOUNT/'")
    }
    guard let base = generation.base else {
      throw LuaError(
        "refold.base: '\(generation.script)' has no base script: there is no file of its name in 'scripts/'"
      )
    }
    switch stack.pushRegistryField(baseField) {
    case .nil: break
    case .lightUserdata:
      throw LuaError("refold.base: the base script '\(base.path)' asks for itself")
    default: return .results(1)
    }
    stack.pushNull()
    stack.setRegistryField(baseField)
    do {
      try stack.load(base.chunk.get())
      try stack.call(arguments: 0, results: 1)
    } catch {
      stack.pushNil()
      stack.setRegistryField(baseField)
      throw error
    }
    if stack.type(at: -1) == .nil {
      stack.setRegistryField(baseField)
      throw LuaError("refold.base: the base script '\(base.path)' returns nothing")
    }
    stack.pushCopy(of: -1)
    stack.setRegistryField(baseField)
    return .results(1)
  }

  /// Pushes the customer's data; for an app merged with the config that the platform has of it.
  static func config(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let run = try run(of: stack)
    let data = try run.customerData()
    if stack.isAbsent(1) {
      try stack.pushJSON(data.json)
      return .results(1)
    }
    let app = try name(1, "app", of: stack)
    try requireSuspendable(stack)
    let call = ActionCall(operation: .config(app: app), account: run.options.account)
    let pending = PendingCall()
    run.lane.catalog.explainedLook(call.operation, account: call.account) { result in
      pending.complete { stack in
        try push(data, result, of: app, to: call, on: stack)
        return 1
      }
    }
    return try run.settle(pending, on: stack)
  }

  private static func push(
    _ data: CustomerData, _ result: Result<Reply, ActionError>, of app: String,
    to call: ActionCall, on stack: borrowing LuaStack
  ) throws {
    switch result {
    case .success(let reply): try PlatformConfig.push(reply, to: call, on: stack)
    case .failure(let error) where PlatformConfig.isAbsent(error): stack.pushTable()
    case .failure(let error): throw error
    }
    let merged = stack.count
    try stack.pushJSON(data.json)
    let local = stack.count
    stack.pushField("apps", at: local)
    let apps = stack.count
    stack.pushNil()
    stack.setField("apps", at: local)
    stack.merge(local, into: merged)
    if stack.type(at: apps) == .table, stack.pushField(app, at: apps) == .table {
      stack.merge(stack.count, into: merged)
    }
    stack.setCount(merged)
  }
}

extension Run {
  /// The data of the run's account.
  func customerData() throws(LuaError) -> CustomerData {
    do throws(RunFailure) {
      if let line { return try line.session.customerData() }
      return try generation?.customer.get() ?? .none
    } catch {
      throw LuaError(error.message, location: error.location)
    }
  }
}

extension LuaStack {
  /// Lays the entries of one table over those of another: tables with names are merged, everything else takes the place.
  func merge(_ source: Int, into target: Int) {
    forEachEntry(at: source) { stack in
      guard let key = stack.string(at: -2) else { return }
      let value = stack.count
      if stack.isObject(value), stack.pushField(key, at: target) == .table,
        stack.isObject(stack.count)
      {
        stack.merge(value, into: stack.count)
      } else {
        stack.pushCopy(of: value)
        stack.setField(key, at: target)
      }
    }
  }

  private func isObject(_ position: Int) -> Bool {
    type(at: position) == .table && !isMarkedArray(at: position)
  }
}
