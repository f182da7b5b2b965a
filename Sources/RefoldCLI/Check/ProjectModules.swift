import Posix
import RefoldCheck
import RefoldRuntime

/// The modules of a project, read when a file requires them, each once.
final class ProjectModules {
  private var modules: [String: CheckedProject.Module] = [:]
  private var folders: [String: [String]] = [:]
  private var paths: [String: String?] = [:]

  /// Takes what a file gives that is checked anyway.
  func add(_ file: CheckedFile) { modules[file.path] = CheckedProject.Module(file) }

  /// The module that a file finds under a name; nil when there is none.
  func module(_ name: String, from path: String) -> CheckedProject.Module? {
    guard let found = file(of: name, from: path) else { return nil }
    if let known = modules[found] { return known }
    let source = try? Files.read(found, limit: Script.maximumBytes)
    let file = source.flatMap { try? CheckedFile(path: found, source: $0) }
    let module = file.map { CheckedProject.Module($0) } ?? CheckedProject.Module()
    modules[found] = module
    return module
  }

  /// The names of all modules that a file may require.
  func names(from path: String) -> [String] {
    Script.moduleFolders(of: path).flatMap { folder in
      ((try? LuaPaths.find([folder])) ?? []).map { file in
        let relative = folder == "." ? file[...] : file.dropFirst(folder.count + 1)
        return relative.dropLast(4).split(separator: "/").joined(separator: ".")
      }
    }
  }

  private func file(of name: String, from path: String) -> String? {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let key = "\(folder)\n\(name)"
    if let known = paths[key] { return known }
    let searched = folders[folder] ?? Script.moduleFolders(of: path)
    folders[folder] = searched
    let relative =
      name.split(separator: ".", omittingEmptySubsequences: false)
      .joined(separator: "/") + ".lua"
    let found = searched.map { $0 == "." ? relative : "\($0)/\(relative)" }
      .first(where: Script.isFile)
    paths[key] = .some(found)
    return found
  }
}
