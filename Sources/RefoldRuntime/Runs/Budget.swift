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

  /// The stricter of two, limit by limit.
  func limited(by other: Budget) -> Budget {
    var strict = self
    strict.time = [time, other.time].compactMap { $0 }.min()
    strict.memoryBytes = min(memoryBytes, other.memoryBytes)
    strict.calls = min(calls, other.calls)
    strict.writes = min(writes, other.writes)
    strict.outputBytes = min(outputBytes, other.outputBytes)
    strict.instructions = [instructions, other.instructions].compactMap { $0 }.min()
    return strict
  }

  /// A budget that limits nothing.
  static var unlimited: Budget {
    var budget = Budget()
    budget.time = nil
    (budget.memoryBytes, budget.calls, budget.writes) = (.max, .max, .max)
    budget.outputBytes = .max
    return budget
  }
}

extension RunFailure {
  static func timeLimit(_ limit: Duration?, at location: LuaError.Location?) -> RunFailure {
    let limit = limit.map { " of \($0.inSeconds)" } ?? ""
    return RunFailure(
      .budget, code: "time_limit", message: "time limit\(limit) reached", location: location,
      hint: "do less in one run, or raise the limit with '--timeout'")
  }

  static func memoryLimit(_ limit: Int, at location: LuaError.Location?) -> RunFailure {
    RunFailure(
      .budget, code: "memory_limit", message: "memory limit of \(ByteCount(limit)) reached",
      location: location, hint: "work on one page at a time, or raise the limit with '--memory'")
  }

  static func instructionLimit(_ limit: Int?, at location: LuaError.Location?) -> RunFailure {
    let limit = limit.map { " of \($0) instruction\($0 == 1 ? "" : "s")" } ?? " of instructions"
    return RunFailure(
      .budget, code: "instruction_limit", message: "limit\(limit) reached", location: location,
      hint: "compute less in one run, or raise the limit with '--max-instructions'")
  }

  static func callLimit(_ limit: Int) -> RunFailure {
    RunFailure(
      .budget, code: "call_limit",
      message: "limit of \(limit) call\(limit == 1 ? "" : "s") reached",
      hint: "do less in one run, or raise the limit with '--max-calls'")
  }

  static func writeLimit(_ limit: Int) -> RunFailure {
    RunFailure(
      .budget, code: "write_limit",
      message: "limit of \(limit) write\(limit == 1 ? "" : "s") reached",
      hint: "do less in one run, or raise the limit with '--max-writes'")
  }

  static func outputLimit(_ limit: Int) -> RunFailure {
    RunFailure(
      .budget, code: "output_limit", message: "limit of \(ByteCount(limit)) of output reached",
      hint: "print and return less, or raise the limit with '--max-output'")
  }
}
