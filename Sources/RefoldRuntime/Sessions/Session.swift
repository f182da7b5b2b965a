import Lua
import RefoldActions

/// A long-lived Lua state for one account, in which lines are run one after the other.
///
/// Confined to the thread of its lane. Values stay until the session is released, whatever stops a line.
///
/// ```swift
/// let session = try Session(lane, account: "acme")
/// if case .ready(let line) = session.read("1 + 1", at: 1) {
///   session.run(line).result  // .success(1): one value, which is also `_`
/// }
/// ```
public final class Session {
  /// The source of the permissions that hold while writes are off, for ``Permissions/source``.
  public static let writesOff = "':writes off'"
  /// How errors name the lines of a session.
  public static let place = "(session)"

  /// The lane that drives the session.
  public let lane: Lane
  /// The linked account, the only one that the session's lines can use.
  public let account: String
  /// What lines may read and write; each has to permit a call.
  public var permissions: [Permissions] = []
  /// The limits of each line; none of time unless it is set.
  public var budget: Budget
  let project = Project.working()
  let lua: LuaState
  let modules = ModuleLoader()
  let id = RunID.make()
  var watched = WatchedFiles()
  var loaded: [LoadedFile] = []
  var pendingLookUps = 0
  /// How many values the last line returned, nil among them.
  var valueCount = 0

  /// Opens a session.
  ///
  /// - Throws: ``RunFailure`` when the memory limit is too small.
  public init(
    _ lane: Lane, account: String, memoryBytes: Int = 256 << 20
  ) throws(RunFailure) {
    self.lane = lane
    self.account = account
    budget = Budget()
    budget.time = nil
    budget.memoryBytes = memoryBytes
    do {
      lua = try LuaState(memoryLimit: memoryBytes)
      modules.folders = [project.scripts, project.folder]
      let run = Run(lane, options, line: SessionLine(self), startedAt: 0)
      try run.install(in: lua)
      try lua.withStack { stack in
        try SessionGlue.install(on: stack)
        declare([.init(name: "_", isConstant: false), .init(name: "_err", isConstant: false)])
      }
    } catch {
      throw RunFailure(starting: error)
    }
    lua.isPreemptible = true
  }

  private var options: RunOptions {
    var options = RunOptions(account: account)
    options.budget = budget
    options.permissions = permissions
    return options
  }

  /// The bytes that Lua holds now.
  public var memoryUsed: Int { lua.memoryUsed }
  /// The most bytes that Lua held at once.
  public var memoryPeak: Int { lua.memoryPeak }

  /// Runs a full collection.
  public func collectGarbage() { lua.collectGarbage() }

  // MARK: - Reading

  /// Compiles a line: as an expression, else as statements.
  ///
  /// - Parameter number: Its place in the session, from 1, which errors name.
  public func read(_ text: String, at number: Int) -> LineReading {
    let bytes = Array(text.utf8)
    guard bytes.count <= Script.maximumBytes else {
      return .wrong(
        RunFailure(
          .usage, code: "line_too_long",
          message: "the line has \(bytes.count) bytes, and \(Script.maximumBytes) are the most",
          hint: "put data into a file, and read it in a script"))
    }
    // Errors name the line of the session, so the chunk begins that far down.
    let above = [UInt8](repeating: UInt8(ascii: "\n"), count: max(0, number - 1))
    let expression = above + Array("return ".utf8) + bytes
    let asExpression = problem(with: expression)
    let rewritten = SessionSource(bytes)
    let asStatements = problem(with: above + rewritten.text)
    if asExpression == nil {
      let kind = asStatements == nil ? CompiledLine.Kind.call : .expression
      return .ready(CompiledLine(kind: kind, source: expression, number: number))
    }
    guard let problem = asStatements else {
      return .ready(
        CompiledLine(
          kind: .statements, source: above + rewritten.text, number: number,
          declarations: rewritten.declarations, closedNames: rewritten.closedNames))
    }
    // With a line break behind it, so that a text in quotes that is not closed is wrong at once.
    let isUnfinished = [expression, above + rewritten.text].contains { source in
      self.problem(with: source + [UInt8(ascii: "\n")])?.message.hasSuffix("<eof>") == true
    }
    // What was typed is shown, not what became of it.
    let failure = self.problem(with: above + bytes) ?? problem
    let described = RunFailure(
      .script, code: "syntax_error", message: failure.message, location: failure.location)
    return isUnfinished ? .unfinished(described) : .wrong(described)
  }

  private func problem(with source: [UInt8]) -> LuaError? {
    lua.withStack { stack in
      do {
        try stack.load(source, name: "=" + Self.place)
        return nil
      } catch {
        return LuaError(from: error)
      }
    }
  }

  // MARK: - Running

  /// Runs a line to its end, and keeps what it returns as `_`, or its error as `_err`.
  ///
  /// Blocks the calling thread. The ``StopSignal`` and the time limit end it early; a stop that has arrived already keeps it
  /// from being run.
  public func run(_ line: CompiledLine) -> LineOutcome {
    if StopSignal.hasArrived {
      StopSignal.reset()
      let failure = RunFailure.stopped(at: .init(source: Self.place, line: line.number))
      keepError(failure)
      return LineOutcome(result: .failure(failure), statistics: RunStatistics())
    }
    return perform { stack in
      try stack.load(line.source, name: "=" + Self.place)
      stack.pushRegistryField(SessionGlue.environmentField)
      stack.setEnvironment(ofFunctionAt: -2)
      declare(line.declarations)
    }
  }

  /// Runs what `push` leaves on top of a new coroutine's stack: one function without arguments.
  ///
  /// - Parameter keepsError: Whether an error becomes `_err`.
  func perform(
    keepsError: Bool = true,
    _ push: (borrowing LuaStack) throws -> Void
  ) -> LineOutcome {
    let line = SessionLine(self)
    let start = LuaState.monotonicNanoseconds
    let run = Run(lane, options, line: line, startedAt: start)
    do {
      let thread = try LuaThread(lua)
      try thread.withStack { stack in try push(stack) }
      run.start(RunTask(run, thread))
    } catch {
      run.close()
      let error = LuaError(from: error)
      let failure = RunFailure(
        .script, code: "syntax_error", message: error.message, location: error.location)
      return LineOutcome(result: .failure(failure), statistics: RunStatistics())
    }
    clearRegistry([SessionGlue.valuesField, SessionGlue.errorField])
    let outcome = drive(run, from: start)
    run.line = nil
    lua.setDeadline(atTick: nil)
    lua.resetInterrupt()
    StopSignal.reset()
    watchModules()
    switch outcome.result {
    case .success:
      valueCount = line.count
      if line.count > 0 { keepFirstValue() }
      return LineOutcome(result: .success(line.count), statistics: outcome.statistics)
    case .failure(let failure):
      if keepsError { keepError(failure) }
      return LineOutcome(result: .failure(failure), statistics: outcome.statistics)
    }
  }

  private func drive(_ run: Run, from start: Int64) -> RunOutcome {
    var outcome: RunOutcome?
    lane.add(run, startedAt: start) { outcome = $0 }
    while true {
      if let outcome {
        lane.rest()
        return outcome
      }
      lane.turn()
      if StopSignal.hasArrived { lane.stopAll() }
    }
  }
}

extension LuaError {
  /// The error itself when it is one of Lua.
  init(from error: any Error) {
    self = error as? LuaError ?? LuaError(String(describing: error))
  }
}
