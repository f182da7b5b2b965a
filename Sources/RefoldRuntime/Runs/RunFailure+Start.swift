import Lua
import RefoldActions

extension RunOutcome {
  /// The outcome of a run that did nothing.
  public static func notStarted(_ failure: RunFailure) -> RunOutcome {
    RunOutcome(runID: "", result: .failure(failure), statistics: RunStatistics())
  }
}

extension RunFailure {
  /// The failure of a run that could not start.
  init(starting error: any Error) {
    switch error {
    case let failure as RunFailure: self = failure
    case let error as ActionError: self.init(error)
    case let error as LuaError where error.code == .memory:
      self.init(
        .budget, code: "memory_limit", message: "the memory limit is too small to start a script",
        hint: "raise the limit with '--memory'; a script needs at least 100 KiB")
    default: self.init(.script, code: "script_error", message: String(describing: error))
    }
  }
}
