import Lua

/// The children of one `refold.all` or `refold.map`.
///
/// No child outlives the call: it ends when all have returned, or when one fails, which gives the others up. What the group holds in Lua
/// (the list, the function, the results, an error) lies in the registry until then.
final class TaskGroup {
  /// What the children execute.
  enum Work {
    /// The elements of the list are functions without arguments.
    case functions
    /// One function is called with each element and its index.
    case elements
  }

  /// Under which names the group keeps what it holds in the registry.
  private struct Keys {
    let list: String
    let function: String
    let results: String
    let error: String

    init(_ group: String) {
      list = group + ".list"
      function = group + ".function"
      results = group + ".results"
      error = group + ".error"
    }
  }

  private let run: Run
  private let work: Work
  private let count: Int
  private let concurrency: Int
  private let settles: Bool
  private let place: LuaError.Location?
  private let keys: Keys
  /// The place of the group in the course of the run.
  let path: [Int]
  /// The look-up that the group belongs to.
  let lookUp: LookUp?
  private let pending: PendingCall
  private var running: [Int: RunTask] = [:]
  private var started = 0
  private var finished = 0
  private var isOver = false

  /// Makes a group for the list, and for elements the function, that lie at the first positions of the stack.
  init(
    _ run: Run, _ work: Work, concurrency: Int, settles: Bool, pending: PendingCall,
    on stack: borrowing LuaStack
  ) {
    self.run = run
    self.work = work
    self.concurrency = concurrency
    self.settles = settles
    self.pending = pending
    count = stack.rawLength(at: 1)
    place = stack.location()
    path = run.current?.nextStep() ?? []
    lookUp = run.current?.lookUp
    keys = Keys("refold.group.\(run.nextGroup())")
    stack.pushCopy(of: 1)
    stack.setRegistryField(keys.list)
    if work == .elements {
      stack.pushCopy(of: 2)
      stack.setRegistryField(keys.function)
    }
    stack.pushTable(elements: count)
    stack.markArray(at: -1)
    stack.setRegistryField(keys.results)
    pending.giveUpChildren = { [self] in giveUp() }
  }

  /// Starts the first children; a group without any completes at once.
  func start() {
    if count == 0 { return complete() }
    fill()
  }

  func pushFunction(of index: Int, on stack: borrowing LuaStack) {
    switch work {
    case .elements: stack.pushRegistryField(keys.function)
    case .functions: pushElement(index, on: stack)
    }
  }

  /// Pushes the arguments of a child, and returns how many there are.
  func pushArguments(of index: Int, on stack: borrowing LuaStack) -> Int {
    guard work == .elements else { return 0 }
    pushElement(index, on: stack)
    stack.push(index)
    return 2
  }

  private func pushElement(_ index: Int, on stack: borrowing LuaStack) {
    stack.pushRegistryField(keys.list)
    stack.pushElement(index, at: -1)
    stack.remove(at: -2)
  }

  // MARK: - Children

  /// Takes the value on top of a child's stack as its result.
  func childReturned(_ task: RunTask, _ index: Int) {
    guard !isOver else { return }
    task.thread.withStack { stack in
      if stack.type(at: -1) == .nil {
        stack.pop()
        stack.pushNull()
      }
      if settles { wrap("value", isOK: true, on: stack) }
      keepResult(index, on: stack)
    }
    childEnded(index)
  }

  /// Takes the error on top of a child's stack: as its result when the group settles, else as that of all.
  func childFailed(_ task: RunTask, _ index: Int, _ error: LuaError) {
    guard !isOver else { return }
    if settles {
      task.thread.withStack { stack in
        wrap("error", isOK: false, on: stack)
        keepResult(index, on: stack)
      }
      return childEnded(index)
    }
    let name = work == .functions ? "refold.all" : "refold.map"
    run.noteFailure(
      of: task, error,
      origin: "(child \(index) of \(name), started at \(place?.description ?? "?"))")
    let key = keys.error
    task.thread.withStack { stack in stack.setRegistryField(key) }
    running[index] = nil
    fail(with: RegistryError(key: key))
  }

  /// Gives the children up, and fails when the writes that have left have come back.
  private func fail(with error: any Error) {
    let left = giveUp()
    if left.isEmpty { return pending.complete { _ in throw error } }
    let returning = Returning(left) { [pending] in pending.complete { _ in throw error } }
    pending.giveUpChildren = { [weak returning] in returning?.calls ?? [] }
  }

  private func childEnded(_ index: Int) {
    running[index] = nil
    finished += 1
    if finished == count { complete() } else { fill() }
  }

  private func fill() {
    while running.count < concurrency, started < count, !isOver {
      do throws(LuaError) {
        started += 1
        running[started] = try run.startChild(started, of: self)
      } catch {
        fail(with: error)
      }
    }
  }

  // MARK: - The end

  private func complete() {
    isOver = true
    pending.giveUpChildren = { [] }
    pending.complete { [keys] stack in
      stack.pushRegistryField(keys.results)
      Self.release(keys, on: stack)
      return 1
    }
  }

  /// Gives all children up.
  ///
  /// - Returns: The calls whose write has left.
  private func giveUp() -> [PendingCall] {
    isOver = true
    pending.giveUpChildren = { [] }
    var left: [PendingCall] = []
    for (_, task) in running.sorted(by: { $0.key < $1.key }) { left += task.cancel() }
    running = [:]
    run.lua.withStack { Self.release(keys, on: $0) }
    return left
  }

  private static func release(_ keys: Keys, on stack: borrowing LuaStack) {
    for key in [keys.list, keys.function, keys.results] {
      stack.pushNil()
      stack.setRegistryField(key)
    }
  }

  // MARK: - Results

  /// Replaces the value on top of the stack by `{ ok, value | error }`.
  private func wrap(_ field: String, isOK: Bool, on stack: borrowing LuaStack) {
    stack.pushTable(fields: 2)
    stack.insert(at: -2)
    stack.setField(field, at: -2)
    stack.push(isOK)
    stack.setField("ok", at: -2)
  }

  private func keepResult(_ index: Int, on stack: borrowing LuaStack) {
    stack.pushRegistryField(keys.results)
    stack.insert(at: -2)
    stack.setElement(index, at: -2)
    stack.pop()
  }
}

/// The error of a child on its way to the parent: whatever value it raised, kept in the registry.
private struct RegistryError: LuaErrorValue {
  let key: String
  /// The child raised it where it was, and no other place matters.
  var isLocated: Bool { true }

  func pushErrorValue(on stack: borrowing LuaStack) {
    stack.pushRegistryField(key)
    stack.pushNil()
    stack.setRegistryField(key)
  }
}

extension LuaError {
  /// Whether nothing may catch it: the run is over.
  var endsRun: Bool {
    [.deadline, .stopped, .instructions, .held].contains(code)
  }
}
