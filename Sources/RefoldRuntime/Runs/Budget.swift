import Lua

/// The limits of a run.
public struct Budget: Sendable, Equatable {
  /// How long the run may take, waiting included; nil for no limit.
  public var time: Duration? = .seconds(600)
  /// How many bytes the script's Lua objects may take together.
  public var memoryBytes = 64 << 20
  /// How many actions may be executed.
  public var calls = 10_000
  /// How many of them may write.
  public var writes = 1000
  /// How many bytes the run may log, print and return.
  public var outputBytes = 16 << 20
  /// How many instructions of Lua may be executed, in steps of a thousand; nil for no limit.
  ///
  /// Counting makes a script that computes take about twice as long.
  public var instructions: Int?

  /// Creates the default budget.
  public init() {}

  /// The same with the stricter of two limits, where another source states one.
  func limited(by stated: StatedBudget) -> Budget {
    var strict = self
    strict.time = [time, stated.time].compactMap { $0 }.min()
    strict.memoryBytes = min(memoryBytes, stated.memoryBytes ?? .max)
    strict.calls = min(calls, stated.calls ?? .max)
    strict.writes = min(writes, stated.writes ?? .max)
    strict.outputBytes = min(outputBytes, stated.outputBytes ?? .max)
    strict.instructions = [instructions, stated.instructions].compactMap { $0 }.min()
    return strict
  }
}

/// The limits that one source states: a command line, a script, or a project's config.
///
/// The strictest of all sources counts; where none states a limit, that of ``Budget`` does.
public struct StatedBudget: Sendable, Equatable {
  /// See ``Budget/time``.
  public var time: Duration?
  /// See ``Budget/memoryBytes``.
  public var memoryBytes: Int?
  /// See ``Budget/calls``.
  public var calls: Int?
  /// See ``Budget/writes``.
  public var writes: Int?
  /// See ``Budget/outputBytes``.
  public var outputBytes: Int?
  /// See ``Budget/instructions``.
  public var instructions: Int?

  /// States nothing.
  public init() {}

  /// The stricter of two, limit by limit.
  public func strictest(_ other: StatedBudget) -> StatedBudget {
    func least<Limit: Comparable>(_ limit: KeyPath<StatedBudget, Limit?>) -> Limit? {
      [self[keyPath: limit], other[keyPath: limit]].compactMap { $0 }.min()
    }
    var strict = StatedBudget()
    strict.time = least(\.time)
    strict.memoryBytes = least(\.memoryBytes)
    strict.calls = least(\.calls)
    strict.writes = least(\.writes)
    strict.outputBytes = least(\.outputBytes)
    strict.instructions = least(\.instructions)
    return strict
  }

  /// The limits of a run for which nobody else states one.
  public var budget: Budget {
    let standard = Budget()
    var budget = standard
    budget.time = time ?? standard.time
    budget.memoryBytes = memoryBytes ?? standard.memoryBytes
    budget.calls = calls ?? standard.calls
    budget.writes = writes ?? standard.writes
    budget.outputBytes = outputBytes ?? standard.outputBytes
    budget.instructions = instructions
    return budget
  }
}

extension RunFailure {
  /// How to stay below a limit, and where it may have been set.
  private static func hint(_ remedy: String, _ option: String, _ field: String) -> String {
    "\(remedy), or raise the limit: '\(option)', or budget.\(field) in the script or in refold.lua"
  }

  static func timeLimit(_ limit: Duration?, at location: LuaError.Location?) -> RunFailure {
    let limit = limit.map { " of \($0.inSeconds)" } ?? ""
    return RunFailure(
      .budget, code: "time_limit", message: "time limit\(limit) reached", location: location,
      hint: hint("do less in one run", "--timeout", "time"))
  }

  static func memoryLimit(_ limit: Int, at location: LuaError.Location?) -> RunFailure {
    RunFailure(
      .budget, code: "memory_limit", message: "memory limit of \(ByteCount(limit)) reached",
      location: location, hint: hint("work on one page at a time", "--memory", "memory"))
  }

  static func instructionLimit(_ limit: Int?, at location: LuaError.Location?) -> RunFailure {
    let limit = limit.map { " of \($0) instruction\($0 == 1 ? "" : "s")" } ?? " of instructions"
    return RunFailure(
      .budget, code: "instruction_limit", message: "limit\(limit) reached", location: location,
      hint: hint("compute less in one run", "--max-instructions", "instructions"))
  }

  static func held(at location: LuaError.Location?) -> RunFailure {
    RunFailure(
      .budget, code: "hold_limit",
      message: "computed for a second where it cannot be interrupted for other runs",
      location: location,
      hint: "keep callbacks of C functions short, such as the order of table.sort")
  }

  static func callLimit(_ limit: Int) -> RunFailure {
    RunFailure(
      .budget, code: "call_limit",
      message: "limit of \(limit) call\(limit == 1 ? "" : "s") reached",
      hint: hint("do less in one run", "--max-calls", "calls"))
  }

  static func writeLimit(_ limit: Int) -> RunFailure {
    RunFailure(
      .budget, code: "write_limit",
      message: "limit of \(limit) write\(limit == 1 ? "" : "s") reached",
      hint: hint("do less in one run", "--max-writes", "writes"))
  }

  static func outputLimit(_ limit: Int) -> RunFailure {
    RunFailure(
      .budget, code: "output_limit", message: "limit of \(ByteCount(limit)) of output reached",
      hint: hint("print and return less", "--max-output", "output"))
  }
}
