import RefoldActions
import RefoldSandbox

/// The backend that a command line and the environment choose; each thread makes its own.
struct BackendChoice: Sendable {
  /// The word for it: `sandbox`, `remote` or `replay`.
  let name: String
  /// Where it is, for people.
  let location: String
  /// The faults of a sandbox.
  var faults: FaultPlan?
  /// What is replayed, when it is a recording.
  var replay: Replay?
  /// Makes it, for the calling thread.
  let make: @Sendable () throws -> any Backend
}
