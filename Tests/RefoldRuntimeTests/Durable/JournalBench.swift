import Posix
import RefoldActions
import RefoldTesting
import SQLite

@testable import RefoldRuntime

/// A journal in a folder of its own, and runs that it records.
class JournalBench {
  let folder: TemporaryFolder
  let store: SQLiteStateStore
  let journal: Journal

  init() throws {
    folder = try TemporaryFolder()
    store = SQLiteStateStore(databasePath: folder.file("state.db"))
    journal = Journal(store)
  }

  /// Runs code for 'acme' with the journal, anew or taken up.
  ///
  /// - Parameter isVirtual: Whether waits take no time.
  func run(
    _ code: String, on backend: ScriptedBackend = ScriptedBackend(),
    resuming id: String? = nil, _ decisions: [Int: Resumption.Decision] = [:],
    settle: Duration? = .zero, isVirtual: Bool = false,
    permissions: [Permissions] = [], calls: Int = 10_000, memory: Int = 64 << 20,
    timeout: Duration = .seconds(30),
    log: @escaping (LogLine) -> Void = { _ in }
  ) throws -> RunOutcome {
    var configuration = Lane.Configuration(random: { 0 }, log: log, store: store)
    configuration.journal = journal
    if isVirtual { configuration.skipWaits(computingFor: nil) }
    var options = RunOptions(account: "acme", timeout: timeout)
    options.resumption = try id.map {
      try journal.resumption(of: $0, decisions: decisions, settle: settle)
    }
    options.permissions = permissions
    options.budget.calls = calls
    options.budget.memoryBytes = memory
    let script = Script(name: "script.lua", source: Array(code.utf8), moduleFolders: [])
    return Lane(backend: backend, configuration).run(script, options)
  }

  /// The steps of a run, in a line each.
  func steps(_ id: String) throws -> [String] {
    try journal.steps(of: id, withReplies: false).filter { $0.kind != .time }.map { step in
      "\(step.number) \(step.kind) \(step.name) \(step.state) ×\(step.attempts) \(step.place ?? "")"
    }
  }

  func failing(_ action: String, _ kind: ActionError.Kind, times: Int = 1)
    -> ScriptedBackend
  {
    final class Left { var count: Int; init(_ count: Int) { self.count = count } }
    let left = Left(times)
    return ScriptedBackend { call in
      guard case .execute(_, action) = call.operation, left.count > 0 else { return nil }
      left.count -= 1
      return .failure(
        ActionError(
          kind, code: "c", message: "it failed", retryable: kind == .transient, about: call))
    }
  }

  let both = """
    local found = refold.exec("crm", "get_contact", nil, { limit = "1" })
    local made = refold.exec("crm", "create_contact", nil, { email = "a@example.com" })
    return { found.data.action, made.data.sent.email }
    """
}
