import Lua
import RefoldActions
import Synchronization

/// One version of a script for one account, with everything that it runs on; it never changes.
///
/// It holds the script or the customer's override of it, the base script, the customer's data, and the modules that they
/// require, compiled. A run keeps the generation that it was started with, whatever becomes of the files; it is freed
/// when nobody uses it any more. Safe to use from any thread.
public final class Generation: Sendable {
  /// What is run.
  enum Entry: Sendable {
    case source([UInt8])
    case version(SourceVersion)
  }

  /// The script as errors name it: its path, or a word in brackets.
  public let script: String
  /// The path of the base script, when the script is a customer's override of it.
  public var basePath: String? { base?.path }
  /// Whether the script is the customer's own, so that `refold.base()` has a meaning.
  public let isOverride: Bool
  /// What does not compile, as failures with their places; empty for a generation that may go live.
  public let problems: [RunFailure]
  let entry: Entry
  let base: SourceVersion?
  let customer: Result<CustomerData, RunFailure>
  let finder: ModuleFinder
  private let modules: Mutex<Modules>

  private struct Modules {
    var known: [String: SourceVersion]
    /// The names among them that no file states: they were required by a name that was computed.
    var computed: Set<String> = []
  }

  /// Makes the generation of a script that belongs to no project; its modules are read when they are required first.
  public convenience init(_ script: Script) {
    self.init(
      script: script.name, entry: .source(script.sourceWithoutShebang),
      finder: ModuleFinder(folders: script.moduleFolders))
  }

  init(
    script: String, entry: Entry, base: SourceVersion? = nil, isOverride: Bool = false,
    customer: Result<CustomerData, RunFailure> = .success(.none), finder: ModuleFinder,
    modules: [String: SourceVersion] = [:], problems: [RunFailure] = []
  ) {
    self.script = script
    self.entry = entry
    self.base = base
    self.isOverride = isOverride
    self.customer = customer
    self.finder = finder
    self.problems = problems
    self.modules = Mutex(Modules(known: modules))
  }

  /// Whether the script's file is empty.
  public var isEmpty: Bool {
    switch entry {
    case .source(let source): source.isEmpty
    case .version(let version): version.isEmpty
    }
  }

  /// The names of the modules that were required by a computed name since the generation went live.
  var computedModules: Set<String> { modules.withLock { $0.computed } }

  /// Returns a module of the project; one that is not known yet is read, and stays as it is from then on.
  ///
  /// - Throws: `LuaError` when there is no such module.
  func module(_ name: String) throws(LuaError) -> SourceVersion {
    if let known = modules.withLock({ $0.known[name] }) { return known }
    let (path, source) = try finder.read(name)
    let version = SourceVersion(source, path: path, in: try LuaState())
    return modules.withLock { modules in
      // Another run may have been first: all runs of a generation have the same.
      if let known = modules.known[name] { return known }
      modules.known[name] = version
      modules.computed.insert(name)
      return version
    }
  }
}
