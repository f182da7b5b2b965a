import RefoldActions

/// The backend that a command line and the environment choose; each thread makes its own.
struct BackendChoice: Sendable {
  /// The word for it: `sandbox` or `remote`.
  let name: String
  /// Where it is, for people.
  let location: String
  /// Makes it, for the calling thread.
  let make: @Sendable () throws -> any Backend
}
