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

  /// What a generation is made of.
  struct Parts: Sendable {
    var script: String
    var entry: Entry
    var base: SourceVersion?
    var isOverride = false
    var customer: Result<CustomerData, RunFailure> = .success(.none)
    /// Where the customer's data is or would be.
    var configPath: String?
    var finder: ModuleFinder
    var modules: [String: SourceVersion] = [:]
    var problems: [RunFailure] = []
  }

  /// The names, in order, and the contents of all that the generation is made of, as SHA-256 in hexadecimal digits.
  ///
  /// Two generations with the same hash do the same. A module that is required by a computed name counts from the next
  /// generation on.
  public let hash: String
  private let parts: Parts
  private let modules: Mutex<Modules>

  private struct Modules {
    var known: [String: SourceVersion]
    /// The names among them that no file states: they were required by a name that was computed.
    var computed: Set<String> = []
  }

  /// Makes the generation of a script that belongs to no project; its modules are read when they are required first.
  public convenience init(_ script: Script) {
    self.init(
      Parts(
        script: script.name, entry: .source(script.sourceWithoutShebang),
        finder: ModuleFinder(
          folders: script.moduleFolders, prefersFiles: script.prefersFolders)), hash: "")
  }

  convenience init(_ parts: Parts) {
    self.init(parts, hash: Self.hash(of: parts))
  }

  private init(_ parts: Parts, hash: String) {
    self.parts = parts
    self.hash = hash
    modules = Mutex(Modules(known: parts.modules))
  }

  private static func hash(of parts: Parts) -> String {
    var hash = ContentHash()
    hash.add(part: "refold generation 1")
    hash.add(part: parts.script)
    if case .version(let version) = parts.entry { hash.add(part: version.hash) }
    hash.add(part: parts.isOverride ? "override" : "")
    hash.add(part: parts.base?.path ?? "")
    hash.add(part: parts.base?.hash ?? "")
    switch parts.customer {
    case .success(let data): hash.add(data.json)
    case .failure(let failure): hash.add(part: failure.message)
    }
    for (name, version) in parts.modules.sorted(by: { $0.key < $1.key }) {
      hash.add(part: name)
      hash.add(part: version.path)
      hash.add(part: version.hash)
    }
    return hash.hexadecimal()
  }

  // MARK: - What it is

  /// The script as errors name it: its path, or a word in brackets.
  public var script: String { parts.script }
  /// The path of the base script, when the script is a customer's override of it.
  public var basePath: String? { parts.base?.path }
  /// Whether the script is the customer's own, so that `refold.base()` has a meaning.
  public var isOverride: Bool { parts.isOverride }
  /// What does not compile and what is wrong with the data, with the places; empty for a generation that may go live.
  public var problems: [RunFailure] { parts.problems }
  /// The paths of the project's modules that it holds, sorted.
  public var modulePaths: [String] { modules.withLock { $0.known.values.map(\.path) }.sorted() }

  /// The files that it holds, with what tells one version of each from the next.
  var contents: [String: String] {
    var versions = modules.withLock { Array($0.known.values) }
    if case .version(let version) = parts.entry { versions.append(version) }
    if let base = parts.base { versions.append(base) }
    var contents = Dictionary(versions.map { ($0.path, $0.hash) }) { first, _ in first }
    if let path = parts.configPath, let data = try? parts.customer.get(), data != .none {
      contents[path] = String(decoding: data.json, as: UTF8.self)
    }
    return contents
  }

  var entry: Entry { parts.entry }
  var base: SourceVersion? { parts.base }
  var customer: Result<CustomerData, RunFailure> { parts.customer }

  /// Whether the script's file is empty.
  public var isEmpty: Bool {
    switch entry {
    case .source(let source): source.isEmpty
    case .version(let version): version.isEmpty
    }
  }

  // MARK: - Modules

  /// The project that it belongs to; nil for a script that was given as such.
  var project: Project? { parts.finder.project }

  /// Whether the project's modules come before those of the standard library with the same names.
  var prefersFiles: Bool { parts.finder.prefersFiles }

  /// Whether a file of the project has a module's name.
  func hasFile(of name: String) -> Bool { (try? parts.finder.path(of: name)) != nil }

  /// The names of the modules that were required by a computed name since the generation went live.
  var computedModules: Set<String> { modules.withLock { $0.computed } }

  /// The names of the modules that it was made with.
  var statedModules: [String: SourceVersion] { parts.modules }

  /// Returns a module of the project; one that is not known yet is read, and stays as it is from then on.
  ///
  /// - Throws: `LuaError` when there is no such module.
  func module(_ name: String) throws(LuaError) -> SourceVersion {
    if let known = modules.withLock({ $0.known[name] }) { return known }
    let (path, source) = try parts.finder.read(name)
    let version = SourceVersion(
      source, path: path, hash: SourceVersion.hash(of: source), in: try LuaState())
    return modules.withLock { modules in
      // Another run may have been first: all runs of a generation have the same.
      if let known = modules.known[name] { return known }
      modules.known[name] = version
      modules.computed.insert(name)
      return version
    }
  }
}
