import Lua
import Posix
import RefoldActions
import Synchronization

/// The scripts of a project, each as the generation that is live for an account.
///
/// Reads a script and what it requires when it is asked for it first, and again when ``refresh()`` or ``watch(onNotice:)`` finds
/// files that changed. Safe to use from any thread.
///
/// ```swift
/// let store = ScriptStore(Project(folder: "/srv/integrations"))
/// let watcher = try store.watch { print($0.text) }  // edits are live within 100 ms, while the watcher is kept
/// let generation = try store.current("contacts/upsert", account: "acme")
/// let result = try await runtime.run(generation, account: "acme", input: input)
/// ```
public final class ScriptStore: Sendable {
  /// The project whose scripts they are.
  public let project: Project

  struct Key: Hashable, Sendable {
    let reference: String
    let account: String
  }

  struct Live: Sendable {
    var generation: Generation
    /// What the last build rests on, whether it went live or not.
    var seen: [String: SeenFile]
    var computedModules: Set<String> = []
    /// The hash or the message of a version that was refused, so that it is told once.
    var refused: String?
  }

  struct LiveScripts: Sendable {
    var entries: [Key: Live] = [:]
    /// Changes with each change of the entries.
    var revision = 0
    /// Who is told of a script that was loaded.
    var listeners: [UInt64: @Sendable () -> Void] = [:]

    /// All files that count, or would.
    var paths: Set<String> { Set(entries.values.flatMap(\.seen.keys)) }
  }

  let live = Mutex(LiveScripts())
  /// Held for the length of a build, so that one happens at a time.
  let cache = Mutex(VersionCache())

  /// Makes a store; reads nothing yet.
  public init(_ project: Project = .working()) {
    self.project = project
  }

  /// Returns the live generation of a script for an account.
  ///
  /// Costs a lock; the first time the reading and compiling of the files. A generation that was wrong when it was read
  /// first is given all the same, and says so in ``Generation/problems``.
  ///
  /// - Parameter reference: A name, such as `contacts/upsert`, or the path of a file.
  /// - Throws: ``RunFailure`` of kind `usage` when there is no such script.
  public func current(_ reference: String, account: String) throws(RunFailure) -> Generation {
    let key = Key(reference: reference, account: account)
    if let known = live.withLock({ $0.entries[key]?.generation }) { return known }
    let result: Result<Generation, RunFailure> = cache.withLock { cache in
      if let known = live.withLock({ $0.entries[key]?.generation }) { return .success(known) }
      let reader = SourceReader(cache)
      defer { cache = reader.cache }
      do throws(RunFailure) {
        let generation = try GenerationBuilder(project, account: account, reader).build(reference)
        let entry = Live(generation: generation, seen: reader.seen)
        let listeners = live.withLock { live in
          live.entries[key] = entry
          live.revision += 1
          return live.listeners.values
        }
        for listener in listeners { listener() }
        return .success(generation)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Returns the generation of code without a file, which has the project's modules and the account's data.
  ///
  /// - Throws: ``RunFailure`` of kind `usage` when the account's id is none.
  public func inline(
    _ code: String, name: String = "(command line)", account: String
  ) throws(RunFailure) -> Generation {
    try GenerationBuilder(project, account: account).build(.inline(code, name: name))
  }
}
