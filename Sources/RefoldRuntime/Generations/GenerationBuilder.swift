import Lua
import Posix

/// Reads and compiles what a script runs on.
struct GenerationBuilder {
  private let project: Project
  private let account: String

  init(_ project: Project, account: String) {
    self.project = project
    self.account = account
  }

  /// Builds the generation of a script by its name or path.
  ///
  /// - Throws: ``RunFailure`` of kind `usage` when there is no such script or it cannot be read.
  func build(_ reference: String) throws(RunFailure) -> Generation {
    let files = try project.files(of: reference, account: account)
    let script = try Script.file(files.entry)
    var folders = script.moduleFolders
    if files.name != nil {
      folders = [project.scripts]
      for path in [files.base, files.override].compactMap({ $0 }) {
        let folder = Self.folder(of: path)
        if !folders.contains(folder) { folders.append(folder) }
      }
    }
    let lua = try scratch()
    let entry = SourceVersion(script.source, path: files.entry, in: lua)
    var base: SourceVersion?
    if files.override != nil, let path = files.base {
      base = SourceVersion(try Script.file(path).source, path: path, in: lua)
    }
    return finish(
      script: files.entry, entry: .version(entry), base: base, isOverride: files.override != nil,
      config: files.customerConfig, folders: folders, in: lua)
  }

  /// Builds the generation of code without a file.
  func build(_ script: Script) throws(RunFailure) -> Generation {
    let lua = try scratch()
    let config = try project.customerFolder(account) + "/config.lua"
    let entry = SourceVersion(script.source, path: script.name, in: lua)
    return finish(
      script: script.name, entry: .version(entry), base: nil, isOverride: false, config: config,
      folders: [project.scripts, project.folder], in: lua)
  }

  private func scratch() throws(RunFailure) -> LuaState {
    do throws(LuaError) {
      return try LuaState(memoryLimit: 256 << 20)
    } catch {
      throw RunFailure(starting: error)
    }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private func finish(
    script: String, entry: Generation.Entry, base: SourceVersion?, isOverride: Bool,
    config: String?, folders: [String], in lua: LuaState
  ) -> Generation {
    let finder = ModuleFinder(
      folders: folders, project: project, customer: AccountFolder.name(of: account))
    var modules: [String: SourceVersion] = [:]
    var waiting: [String] = base?.requires ?? []
    if case .version(let version) = entry { waiting += version.requires }
    while let name = waiting.popLast() {
      guard modules[name] == nil, !StdlibChunks.isModule(name) else { continue }
      // A module that is not there is reported by the `require` that asks for it.
      guard let (path, source) = try? finder.read(name) else { continue }
      let version = SourceVersion(source, path: path, in: lua)
      modules[name] = version
      waiting += version.requires
    }
    return Generation(
      script: script, entry: entry, base: base, isOverride: isOverride,
      customer: customerData(config), finder: finder, modules: modules)
  }

  /// Reads the data of the account.
  func customerData() throws(RunFailure) -> CustomerData {
    try customerData(try project.customerFolder(account) + "/config.lua").get()
  }

  private func customerData(_ path: String?) -> Result<CustomerData, RunFailure> {
    guard let path, Script.isFile(path) else { return .success(.none) }
    do throws(RunFailure) {
      try project.checkInside(path)
      return .success(try CustomerData(try Script.file(path).source, path: path))
    } catch {
      return .failure(error)
    }
  }
}
