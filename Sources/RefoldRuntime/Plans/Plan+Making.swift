import Lua
import Posix
import RefoldActions

extension Plan {
  /// Takes what a planner has found out about a run that has ended.
  ///
  /// - Parameters:
  ///   - planner: Which has captured the writes.
  ///   - generation: What was run.
  ///   - reference: The name or path by which the user named the script; nil for code without a file.
  ///   - options: With what it was run.
  ///   - project: The project whose config and state counted.
  ///   - backend: The word for the backend, and where it is.
  public init(
    _ planner: Planner, _ generation: Generation, reference: String?, _ options: RunOptions,
    project: Project, backend: (name: String, location: String)
  ) {
    let folder = Self.folder(of: project)
    self.init(
      script: reference ?? generation.script, generation: generation.hash, project: folder,
      account: options.account, backend: backend.name, location: backend.location,
      made: UTCTime(SystemTime.sinceEpoch()).description,
      inputHash: Fingerprint.of(options.input ?? []),
      token: String(UInt64.random(in: .min ... .max), radix: 16))
    (reads, writes, warnings, end) = (
      planner.reads, planner.writes, planner.warnings, planner.end
    )
    (changes, sights) = (planner.changes, planner.sights)
    entry = reference.map { Project.isPath($0) ? Self.relative($0, to: folder) : $0 }
    files = Self.files(of: generation, in: folder)
  }

  /// The absolute path of a project's folder.
  public static func folder(of project: Project) -> String {
    (try? Folders.resolve(project.folder)) ?? project.folder
  }

  /// The first file that is not what it was when the plan was made, or that counts now and did not; nil when all is as it was.
  public var changedFile: String? {
    let known = Dictionary(files.map { ($0.path, $0.hash) }) { first, _ in first }
    var fresh: [String: String] = [:]
    if let entry {
      let reference = Project.isPath(entry) ? path(of: entry) : entry
      guard
        let generation = try? ScriptStore(Project(folder: project))
          .current(reference, account: account)
      else { return script }
      for file in Self.files(of: generation, in: project) { fresh[file.path] = file.hash }
    }
    if let changed = fresh.keys.sorted().first(where: { known[$0] != fresh[$0] }) { return changed }
    // Modules that were required by a computed name are known to no generation before it runs.
    return known.keys.sorted().first { name in
      guard fresh[name] == nil, !name.hasPrefix("(") else { return false }
      guard let source = try? Files.read(path(of: name), limit: Script.maximumBytes) else {
        return true
      }
      return Fingerprint.of(source) != known[name]
    }
  }

  private func path(of relative: String) -> String {
    relative.hasPrefix("/") ? relative : "\(project)/\(relative)"
  }

  private static func files(of generation: Generation, in folder: String) -> [File] {
    generation.contents.map { path, version in
      // The customer's data is there as what it says, not as a hash.
      let isHash = version.count == 64 && version.allSatisfy(\.isHexDigit)
      return File(
        path: relative(path, to: folder), hash: isHash ? version : Fingerprint.of(version))
    }.sorted { $0.path < $1.path }
  }

  private static func relative(_ path: String, to project: String) -> String {
    guard !path.hasPrefix("("), let whole = try? Folders.resolve(path) else { return path }
    let prefix = project.hasSuffix("/") ? project : project + "/"
    return whole.hasPrefix(prefix) ? String(whole.dropFirst(prefix.count)) : whole
  }
}

extension Planner {
  /// Takes the failure of the run for the end of the plan, when it is about a value that nobody knows yet.
  ///
  /// - Returns: Whether it is.
  public func takesAsEnd(_ failure: RunFailure) -> Bool {
    if failure.code == Self.endCode, end != nil { return true }
    guard failure.message.contains(PlaceholderLibrary.typeName) else { return false }
    end = Plan.End(place: failure.location?.description, reason: failure.message)
    return true
  }
}
