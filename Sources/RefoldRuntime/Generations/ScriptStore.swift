import Lua
import Posix
import RefoldActions
import Synchronization

/// The scripts of a project, each as the generation that is live for an account.
///
/// Reads a script and what it requires when it is asked for it first. Safe to use from any thread.
///
/// ```swift
/// let store = ScriptStore(Project(folder: "/srv/integrations"))
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

  private let live = Mutex<[Key: Generation]>([:])

  /// Makes a store; reads nothing yet.
  public init(_ project: Project = .working()) {
    self.project = project
  }

  /// Returns the live generation of a script for an account.
  ///
  /// - Parameter reference: A name, such as `contacts/upsert`, or the path of a file.
  /// - Throws: ``RunFailure`` of kind `usage` when there is no such script.
  public func current(_ reference: String, account: String) throws(RunFailure) -> Generation {
    let key = Key(reference: reference, account: account)
    if let known = live.withLock({ $0[key] }) { return known }
    let generation = try GenerationBuilder(project, account: account).build(reference)
    return live.withLock { live in
      if let known = live[key] { return known }
      live[key] = generation
      return generation
    }
  }

  /// Returns the generation of code without a file, which has the project's modules and the account's data.
  public func inline(
    _ code: String, name: String = "(command line)", account: String
  ) throws(RunFailure) -> Generation {
    try GenerationBuilder(project, account: account).build(.inline(code, name: name))
  }
}
