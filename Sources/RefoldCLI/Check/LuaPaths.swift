import Posix
import RefoldRuntime

/// Finds the Lua files that a command line means.
enum LuaPaths {
  /// Returns the files that paths name, and those in the folders that they name; each once, sorted within a folder.
  ///
  /// - Parameter paths: Without any, the project's `refold.lua` and its `scripts` folder.
  /// - Throws: ``CommandError`` when there is no such path, or no Lua file at all.
  static func find(_ paths: [String]) throws -> [String] {
    var found: [String] = []
    var folders: Set<String> = []
    for path in paths.isEmpty ? try standard() : paths {
      var path = path
      while path.count > 1, path.hasSuffix("/") { path.removeLast() }
      switch try Files.status(path)?.kind {
      case .folder: collect(path, into: &found, &folders)
      case .file, .other: found.append(path)
      case nil:
        throw CommandError(
          code: "no_such_path", message: "no file or folder '\(path)'",
          hint: "give the path of a Lua file, or of a folder that holds some")
      }
    }
    var seen: Set<String> = []
    found = found.filter { seen.insert($0).inserted }
    guard !found.isEmpty else {
      throw CommandError(
        code: "no_lua_files",
        message: "no Lua files in \(paths.map { "'\($0)'" }.joined(separator: ", "))",
        hint: "Lua files are named '*.lua'")
    }
    return found
  }

  /// What is wrong with a path that leads out of its project.
  static func leadsOut(_ path: String) -> RunFailure? {
    do throws(RunFailure) {
      try Project.of(script: path)?.checkInside(path)
      return nil
    } catch {
      return error
    }
  }

  private static func standard() throws -> [String] {
    let project = ProjectConfig.projectFolder()
    let folder = project ?? "."
    let inside = { (name: String) in folder == "." ? name : "\(folder)/\(name)" }
    var paths: [String] = []
    if project != nil { paths.append(inside("refold.lua")) }
    if try Files.status(inside("scripts"))?.kind == .folder { paths.append(inside("scripts")) }
    guard !paths.isEmpty else {
      throw CommandError(
        code: "no_project", message: "no project here: neither 'refold.lua' nor a folder 'scripts'",
        hint: "give the path of a Lua file, or of a folder that holds some")
    }
    return paths
  }

  /// Adds the Lua files of a folder, and of those in it.
  ///
  /// Folders that begin with a dot are left out; so are those that cannot be read, or were there already behind a link. A link
  /// that leads out of the project is found instead of what is behind it.
  private static func collect(
    _ folder: String, into found: inout [String], _ folders: inout Set<String>
  ) {
    guard let resolved = try? Folders.resolve(folder), folders.insert(resolved).inserted else {
      return
    }
    for name in (try? Folders.list(folder)) ?? [] where !name.hasPrefix(".") {
      let path = folder == "." ? name : "\(folder)/\(name)"
      if name.hasSuffix(".lua") || !name.contains("."), leadsOut(path) != nil {
        found.append(path)
      } else if name.hasSuffix(".lua"), Script.isFile(path) {
        found.append(path)
      } else if !name.contains("."), (try? Files.status(path))?.kind == .folder {
        collect(path, into: &found, &folders)
      }
    }
  }
}
