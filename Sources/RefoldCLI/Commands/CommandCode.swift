import RefoldRuntime

/// What a command runs.
enum CommandCode: Sendable {
  /// Code of the command's own.
  case builtIn(Script)
  /// A user's script, by its name or path.
  case script(String, ScriptStore)
  /// Code from the command line.
  case inline(String, ScriptStore)

  /// Whether the code is the user's.
  var isUsers: Bool {
    if case .builtIn = self { return false }
    return true
  }

  /// The code as it is now, for an account.
  ///
  /// - Throws: `RunFailure` when there is no such script.
  func generation(for account: String) throws(RunFailure) -> Generation {
    switch self {
    case .builtIn(let script): Generation(script)
    case .script(let reference, let store): try store.current(reference, account: account)
    case .inline(let code, let store): try store.inline(code, account: account)
    }
  }
}
