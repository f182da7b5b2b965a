import Posix
import RefoldActions
import RefoldRuntime
import RefoldSandbox

/// The file of `--audit`: one line of JSON for each decision on a call.
struct AuditLog {
  let path: String

  /// Makes sure, before anything is called, that the file can be written.
  func open() throws(CommandError) {
    do throws(PosixError) {
      try Files.append([], to: path, mode: 0o600)
    } catch {
      throw CommandError(
        code: "audit_failed", message: "can't write the audit file '\(path)': \(error.reason)",
        hint: "name a file that you may write")
    }
  }

  /// Adds a line; a failure is said, since the call itself is not undone by it.
  func add(_ decision: PermissionDecision, _ console: Console) {
    var members: [(name: String, value: String)] = [
      ("time", JSONText.quoted(Timestamp.now())), ("run_id", JSONText.quoted(decision.runID)),
      ("account", JSONText.quoted(decision.account)), ("app", JSONText.quoted(decision.app)),
      ("action", JSONText.quoted(decision.action)),
      ("effect", JSONText.quoted(decision.effect.rawValue)),
      ("decision", JSONText.quoted(decision.refusal == nil ? "allow" : "deny")),
    ]
    if let reason = decision.refusal { members.append(("reason", JSONText.quoted(reason))) }
    do throws(PosixError) {
      try Files.append(Array("\(JSONText.object(members))\n".utf8), to: path, mode: 0o600)
    } catch {
      console.note("error: can't write the audit file '\(path)': \(error.reason)")
    }
  }
}
