/// The limits of a run, beside those of time and memory.
public struct Budget: Sendable, Equatable {
  /// How many actions may be executed.
  public var calls = 10_000
  /// How many of them may write.
  public var writes = 1000
  /// How many bytes the run may log, print and return.
  public var outputBytes = 16 << 20

  /// Creates the default budget.
  public init() {}

  /// The stricter of two, limit by limit.
  func limited(by other: Budget) -> Budget {
    var strict = self
    strict.calls = min(calls, other.calls)
    strict.writes = min(writes, other.writes)
    strict.outputBytes = min(outputBytes, other.outputBytes)
    return strict
  }
}

extension RunFailure {
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
