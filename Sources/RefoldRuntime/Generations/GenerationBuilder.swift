import Lua
import Posix

/// Reads and compiles what a script runs on.
struct GenerationBuilder {
  private let project: Project
  private let account: String
  private let reader: SourceReader
  /// Modules beside those that the files state: runs required them by computed names.
  var computedModules: Set<String> = []
  /// The generation that is live; a module that it has must not go away.
  var previous: Generation?

  init(_ project: Project, account: String, _ reader: SourceReader = SourceReader()) {
    self.project = project
    self.account = account
    self.reader = reader
  }

  /// Builds the generation of a script by its name or path.
  ///
  /// - Throws: ``RunFailure`` of kind `usage` when there is no such script or it cannot be read.
  func build(_ reference: String) throws(RunFailure) -> Generation {
    let files = try project.files(of: reference, account: account)
    for path in files.absent { reader.note(path) }
    var parts = Generation.Parts(
      script: files.entry, entry: .version(try reader.version(of: files.entry)),
      finder: finder(folders(of: files)))
    parts.isOverride = files.override != nil
    if parts.isOverride, let path = files.base { parts.base = try reader.version(of: path) }
    return finish(parts, config: files.customerConfig)
  }

  /// Builds the generation of code without a file.
  func build(_ script: Script) throws(RunFailure) -> Generation {
    let parts = Generation.Parts(
      script: script.name,
      entry: .version(try reader.compile(script.source, path: script.name)),
      finder: finder([project.scripts, project.folder]))
    return finish(parts, config: try project.customerFolder(account) + "/config.lua")
  }

  /// Reads the data of the account.
  func customerData() throws(RunFailure) -> CustomerData {
    try customerData(try project.customerFolder(account) + "/config.lua").get()
  }

  // MARK: - Folders

  private func finder(_ folders: [String]) -> ModuleFinder {
    ModuleFinder(folders: folders, project: project, customer: AccountFolder.name(of: account))
  }

  /// Where `require` looks: in the project's scripts, then beside the base script, then beside the customer's.
  private func folders(of files: ScriptFiles) -> [String] {
    guard files.name != nil else { return Script.moduleFolders(of: files.entry) }
    var folders = [project.scripts]
    for path in [files.base, files.override].compactMap({ $0 }) {
      let folder = Self.folder(of: path)
      if !folders.contains(folder) { folders.append(folder) }
    }
    return folders
  }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  // MARK: - Contents

  private func finish(_ parts: Generation.Parts, config: String?) -> Generation {
    var parts = parts
    var versions = [parts.base].compactMap { $0 }
    if case .version(let entry) = parts.entry { versions.insert(entry, at: 0) }
    var waiting = versions.flatMap(\.requires) + computedModules.sorted()
    while let name = waiting.popLast() {
      guard parts.modules[name] == nil, !StdlibChunks.isModule(name) else { continue }
      do throws(RunFailure) {
        guard let version = try module(name, parts.finder) else { continue }
        parts.modules[name] = version
        versions.append(version)
        waiting += version.requires
      } catch {
        parts.problems.append(error)
      }
    }
    for version in versions {
      if case .failure(let error) = version.chunk { parts.problems.append(.syntax(error)) }
    }
    parts.configPath = config
    parts.customer = customerData(config)
    if case .failure(let failure) = parts.customer { parts.problems.append(failure) }
    return Generation(parts)
  }

  /// Reads a module; nil when there is none, which the `require` that asks for it reports.
  private func module(
    _ name: String, _ finder: ModuleFinder
  ) throws(RunFailure) -> SourceVersion? {
    guard let places = try? finder.places(of: name) else { return nil }
    for place in places {
      reader.note(place)
      if Script.isFile(place) { break }
    }
    guard let path = try? finder.path(of: name) else {
      guard let had = previous?.statedModules[name] else { return nil }
      throw RunFailure(
        .script, code: "module_gone",
        message: "module '\(name)' is gone: there is no file '\(had.path)' any more",
        hint: "put it back, or no longer require it")
    }
    return try reader.version(of: path)
  }

  private func customerData(_ path: String?) -> Result<CustomerData, RunFailure> {
    guard let path else { return .success(.none) }
    reader.note(path)
    if (try? Files.status(path))?.kind == .folder {
      return .failure(CustomerData.invalid(path, "it is a folder", "make it a file, or remove it"))
    }
    guard Script.isFile(path) else { return .success(.none) }
    do throws(RunFailure) {
      try project.checkInside(path)
      return .success(try CustomerData(try reader.read(path), path: path))
    } catch {
      return .failure(error)
    }
  }
}
