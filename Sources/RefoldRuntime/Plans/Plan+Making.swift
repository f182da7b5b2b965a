import Lua
import Posix
import RefoldActions

extension Plan {
  /// Takes what a planner has found out about a run that has ended.
  ///
  /// - Parameters:
  ///   - planner: Which has captured the writes.
  ///   - script: What was run.
  ///   - options: With what it was run.
  ///   - backend: The word for the backend, and where it is.
  public init(
    _ planner: Planner, _ script: Script, _ options: RunOptions,
    backend: (name: String, location: String)
  ) {
    self.init(
      script: script.name, project: Self.projectFolder(), account: options.account,
      backend: backend.name, location: backend.location,
      made: UTCTime(SystemTime.sinceEpoch()).description,
      inputHash: Fingerprint.of(options.input ?? []),
      token: String(UInt64.random(in: .min ... .max), radix: 16))
    (reads, writes, warnings, end) = (
      planner.reads, planner.writes, planner.warnings, planner.end
    )
    files = [
      File(path: Self.relative(script.name, to: project), hash: Fingerprint.of(script.source))
    ]
    for module in planner.modules {
      let source = (try? Files.read(module, limit: Script.maximumBytes)) ?? []
      files.append(
        File(path: Self.relative(module, to: project), hash: Fingerprint.of(source)))
    }
  }

  /// The absolute path of the project's folder, or of the working folder when that belongs to no project.
  public static func projectFolder() -> String {
    let folder = ProjectConfig.projectFolder() ?? "."
    return (try? Folders.resolve(folder)) ?? folder
  }

  /// The first file that is not what it was when the plan was made; nil when all are.
  public var changedFile: String? {
    files.first { file in
      // Code from a command line has no file.
      if file.path.hasPrefix("(") { return false }
      let path = file.path.hasPrefix("/") ? file.path : "\(project)/\(file.path)"
      guard let source = try? Files.read(path, limit: Script.maximumBytes) else { return true }
      return Fingerprint.of(source) != file.hash
    }?.path
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
