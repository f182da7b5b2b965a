import RefoldRuntime

/// A command that cannot do what it was asked: what failed, and how to fix it.
///
/// Exit code 2 unless it says otherwise.
struct CommandError: Error {
  var code: String
  var message: String
  var hint: String?
  var exitStatus: Int32 = 2

  /// The same, in the form of a run's failure.
  var asFailure: RunFailure {
    RunFailure(exitStatus == 2 ? .usage : .script, code: code, message: message, hint: hint)
  }
}
