import Lua

/// `refold.all`, `refold.map` and `refold.sleep`.
extension RefoldLibrary {
  /// The children that run at once unless the script says otherwise.
  private static let standardConcurrency = 8
  private static let maximumConcurrency: Int64 = 10_000

  /// `refold.all(functions, opts?)`: calls all at once, and returns what they return, in their order.
  static func all(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    try stack.table(1, "functions")
    let count = stack.rawLength(at: 1)
    for index in 0..<count {
      let type = stack.pushElement(index + 1, at: 1)
      stack.pop()
      if type != .function {
        throw stack.argumentError(
          1, "functions", problem: "element \(index + 1) is a \(type.name), not a function")
      }
    }
    let options = try TaskOptions(of: stack, at: 2, concurrency: max(1, count))
    return try start(.functions, options, on: stack)
  }

  /// `refold.map(list, fn, opts?)`: calls a function with each element, a few at once.
  static func map(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    try stack.table(1, "list")
    guard stack.type(at: 2) == .function else {
      throw stack.argumentError(2, "fn", expected: "function")
    }
    let options = try TaskOptions(of: stack, at: 3, concurrency: standardConcurrency)
    return try start(.elements, options, on: stack)
  }

  private static func start(
    _ work: TaskGroup.Work, _ options: TaskOptions, on stack: borrowing LuaStack
  ) throws -> LuaOutcome {
    try requireSuspendable(stack)
    let run = try run(of: stack)
    let pending = PendingCall()
    TaskGroup(
      run, work, concurrency: options.concurrency, settles: options.settles, pending: pending,
      on: stack
    ).start()
    return try run.settle(pending, on: stack)
  }

  /// `refold.sleep(seconds)`: waits without holding up anything else.
  static func sleep(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let seconds = try stack.number(1, "seconds")
    guard seconds >= 0, seconds <= 2_592_000 else {
      throw stack.argumentError(
        1, "seconds", problem: "a number from 0 to 2592000, which is 30 days, expected")
    }
    try requireSuspendable(stack)
    let run = try run(of: stack)
    let (left, onEnd) = try run.beginSleep(seconds, at: stack.location())
    return try wait(.nanoseconds(Int64(left * 1e9)), run, on: stack, onEnd: onEnd)
  }

  /// Lets the current task of a run wait.
  static func wait(
    _ duration: Duration, _ run: Run, on stack: borrowing LuaStack,
    onEnd: @escaping () -> Void = {}
  ) throws -> LuaOutcome {
    try requireSuspendable(stack)
    let pending = PendingCall()
    let lane = run.lane
    let timer = lane.after(duration) {
      onEnd()
      pending.complete { _ in 0 }
    }
    pending.abandon = { lane.cancel(timer) }
    return try run.settle(pending, on: stack)
  }

  /// The options of `all` and `map`.
  private struct TaskOptions {
    var concurrency: Int
    var settles = false

    init(of stack: borrowing LuaStack, at position: Int, concurrency: Int) throws {
      self.concurrency = concurrency
      guard try stack.optionalTable(position, "opts") else { return }
      var names: [String] = []
      stack.forEachEntry(at: position) { stack in names.append(stack.displayText(at: -2)) }
      for name in names.sorted() where name != "concurrency" && name != "settle" {
        throw stack.argumentError(
          position, "opts", problem: "unknown option '\(name)' (use 'concurrency' or 'settle')")
      }
      if stack.pushField("concurrency", at: position) != .nil {
        guard let number = stack.integer(at: -1), (1...maximumConcurrency).contains(number) else {
          throw stack.argumentError(
            position, "opts",
            problem: "option 'concurrency' must be an integer from 1 to \(maximumConcurrency)")
        }
        self.concurrency = Int(number)
      }
      if stack.pushField("settle", at: position) != .nil {
        guard let flag = stack.boolean(at: -1) else {
          throw stack.argumentError(
            position, "opts", problem: "option 'settle' must be a boolean")
        }
        settles = flag
      }
      stack.pop(2)
    }
  }
}
