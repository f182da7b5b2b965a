import Lua
import RefoldActions

/// How a resumed run finds out what became of a write whose outcome nobody knows.
///
/// The library `refold_reconcile` decides, in the script's own state: what it calls, and what the script's `find` calls,
/// are live reads that no step of the script is matched with.
enum LookUpLibrary {
  /// What the glue asks of the host, all about the look-up that the current task is for.
  static let functions: [(name: String, function: LuaLibrary.Function)] = [
    ("decide", decide), ("write", write), ("made", made), ("busy", busy), ("left", left),
    ("remaining", remaining),
    ("waits", waits), ("adopt", adopt), ("send", send), ("give_up_on", giveUpOn),
  ]

  /// Begins a look-up in the place of the call whose arguments are on the stack.
  static func begin(_ lookUp: LookUp, _ run: Run, on stack: borrowing LuaStack) throws -> LuaOutcome
  {
    guard let task = run.current else { throw LuaError("a look-up needs a run") }
    task.lookUp = lookUp
    stack.setCount(5)
    try DurableGlue.push("look_up", on: stack)
    if stack.type(at: 5) == .table { stack.pushField("find", at: 5) } else { stack.pushNil() }
    return .call(arguments: 1)
  }

  private static func lookUp(_ stack: borrowing LuaStack) throws -> (LookUp, Run) {
    let run = try RefoldLibrary.run(of: stack)
    guard let lookUp = run.current?.lookUp else { throw LuaError("there is no look-up") }
    return (lookUp, run)
  }

  // MARK: - While it is under way

  /// `decide()`: the function that decides.
  private static func decide(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    try RefoldLibrary.run(of: stack).modules.pushModule("refold_reconcile", on: stack)
    stack.pushField("decide", at: -1)
    return .results(1)
  }

  /// `write()`: `{ app, action, account, params, began }`.
  private static func write(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let (lookUp, _) = try lookUp(stack)
    stack.pushTable(fields: 6)
    for (name, text) in [
      ("app", lookUp.request.app), ("action", lookUp.request.action),
      ("account", lookUp.found.account),
    ] {
      stack.push(text)
      stack.setField(name, at: -2)
    }
    try stack.pushJSON(lookUp.found.parameters)
    stack.setField("params", at: -2)
    stack.push(Double(lookUp.found.began) / 1e6)
    stack.setField("began", at: -2)
    return .results(1)
  }

  /// `made()`: what the other writes of the run with this action have answered as data.
  private static func made(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let (lookUp, run) = try lookUp(stack)
    stack.pushTable()
    var count = 0
    for reply in try run.journal?.answers(beside: lookUp.found) ?? [] {
      // One that is no JSON has failed as an answer, and says nothing about a record.
      guard (try? stack.pushJSON(reply)) != nil else { continue }
      if stack.type(at: -1) == .table, stack.pushField("data", at: -1) != .nil {
        count += 1
        stack.setElement(count, at: -3)
        stack.pop()
      } else {
        stack.setCount(1)
      }
    }
    return .results(1)
  }

  /// `busy()`: whether another write of the action is under way, so that what was found may be what that one has made.
  private static func busy(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let (lookUp, run) = try lookUp(stack)
    stack.push(run.journal?.isUnderWay(beside: lookUp.found) ?? false)
    return .results(1)
  }

  /// `left()`: the seconds until a write that is not found counts as absent.
  private static func left(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let (lookUp, run) = try lookUp(stack)
    stack.push(Double(lookUp.due - run.lane.clock.now) / 1e9)
    return .results(1)
  }

  /// `remaining()`: the seconds until the time of the run is up.
  private static func remaining(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let (_, run) = try lookUp(stack)
    stack.push(run.deadline.map { Double($0 - run.lane.clock.now) / 1e9 } ?? .infinity)
    return .results(1)
  }

  /// `waits(why, seconds)`: says that it is looked for again.
  private static func waits(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let (lookUp, run) = try lookUp(stack)
    let why = try stack.string(1, "why")
    let seconds = Int((try stack.number(2, "seconds")).rounded(.up))
    run.log(
      LogLine(
        level: .info,
        message:
          "\(lookUp.name): \(why); looking again, for \(seconds) s, before it counts as absent"
      ))
    return .results(0)
  }

  // MARK: - Its end

  private static func end(_ stack: borrowing LuaStack) throws -> (LookUp, Run) {
    let (lookUp, run) = try lookUp(stack)
    run.current?.lookUp = nil
    return (lookUp, run)
  }

  /// `adopt(data, why)`: the write was applied; the script gets what it would have answered.
  private static func adopt(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let data: [UInt8]
    do throws(JSONError) {
      data = try StoreLibrary.json(at: 1, of: stack)
    } catch {
      return try giveUp("what was found can't be an answer: \(error.message)", on: stack)
    }
    let why = try stack.string(2, "why")
    let (lookUp, run) = try end(stack)
    let body = Array("{\"data\":".utf8) + data + Array(",\"node_status\":\"Success\"}".utf8)
    var settled = lookUp.found
    (settled.state, settled.status, settled.reply) = (.done, 200, body)
    settled.knownBy = .lookUp
    run.journal?.settle(settled)
    run.statistics.adopted += 1
    run.log(LogLine(level: .info, message: "\(lookUp.name): \(why); adopted"))
    return try RefoldLibrary.settle(
      .success(Reply(status: 200, body: body)), of: lookUp.request, as: settled, lookUp.style, run,
      on: stack)
  }

  /// `send(why)`: the write was not applied, and is sent now.
  private static func send(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let why = try stack.string(1, "why")
    let (lookUp, run) = try end(stack)
    var settled = lookUp.found
    (settled.state, settled.knownBy) = (.unsent, .lookUp)
    run.journal?.settle(settled)
    run.log(LogLine(level: .info, message: "\(lookUp.name): \(why); sent now"))
    if let failure = run.limitReached(by: lookUp.request.call) {
      run.end(failure, at: lookUp.request.place)
      return .suspend
    }
    var step = lookUp.step
    step.began = run.journal?.now() ?? RunJournal.now()
    return try RefoldLibrary.send(lookUp.request, as: step, lookUp.style, run, on: stack)
  }

  /// `give_up_on(why?)`: nobody knows whether the write was applied; ends the run.
  private static func giveUpOn(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    try giveUp(stack.string(at: 1), on: stack)
  }

  private static func giveUp(_ why: String?, on stack: borrowing LuaStack) throws -> LuaOutcome {
    let (lookUp, run) = try end(stack)
    var failure = RunFailure.unknownWrite(
      lookUp.found, of: run.id, lookUp.request.call, finding: why)
    if why == nil, let hint = failure.hint {
      failure.hint = hint + "; or tell with 'find' how the call is looked up"
    }
    run.end(failure, at: lookUp.request.place)
    return .suspend
  }
}
