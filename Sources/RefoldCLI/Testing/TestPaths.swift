import Posix
import RefoldRuntime

/// Finds test files.
enum TestPaths {
  /// The `scripts` folder of the project.
  static var scripts: String {
    let project = ProjectConfig.projectFolder() ?? "."
    return project == "." ? "scripts" : "\(project)/scripts"
  }

  /// The folder of recordings that lies beside the scripts, when there is one.
  private static var recordings: [String] {
    let path = scripts.dropLast("scripts".count) + "recordings"
    return (try? Files.status(String(path)))?.kind == .folder ? [String(path)] : []
  }

  /// Returns the files that paths name, and those in the folders that they name; each once, sorted within a folder.
  ///
  /// Recordings are among them.
  ///
  /// - Parameter paths: Without any, the project's `scripts` folder, and `recordings` when there is one.
  /// - Throws: ``CommandError`` when there is no such path, or no test file at all.
  static func find(_ paths: [String]) throws -> [String] {
    let isDefault = paths.isEmpty
    let paths = isDefault ? [scripts] + recordings : paths
    var found: [String] = []
    for path in paths.map(trimmed) {
      switch try Files.status(path)?.kind {
      case .folder:
        collect(path, into: &found) {
          $0.hasSuffix(TestFile.suffix) || RecordingTest.isRecording($0)
        }
      case .file, .other: found.append(path)
      case nil:
        throw CommandError(
          code: "no_such_path",
          message: isDefault ? "no folder '\(path)'" : "no file or folder '\(path)'",
          hint: "give the path of a test file, or of a folder that holds some")
      }
    }
    var seen: Set<String> = []
    found = found.filter { seen.insert($0).inserted }
    guard !found.isEmpty else {
      let places = paths.map { "'\($0)'" }.joined(separator: ", ")
      throw CommandError(
        code: "no_tests", message: "no test files in \(places)",
        hint: "test files are named '*\(TestFile.suffix)', such as 'upsert_test.lua'")
    }
    return found
  }

  /// Returns the Lua files that are no tests, in folders and beside files.
  static func sources(_ paths: [String]) -> [String] {
    var found: [String] = []
    for path in (paths.isEmpty ? [scripts] : paths).map(trimmed) {
      let isFolder = (try? Files.status(path))?.kind == .folder
      guard isFolder else { continue }
      collect(path, into: &found) { $0.hasSuffix(".lua") && !$0.hasSuffix(TestFile.suffix) }
    }
    return found.filter { !isData($0) }
  }

  /// Whether a file is the data of a customer, in which nothing runs: `customers/ACCOUNT/config.lua`.
  private static func isData(_ path: String) -> Bool {
    let words = path.split(separator: "/")
    return words.last == "config.lua" && words.dropLast(2).last == "customers"
  }

  private static func trimmed(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }

  /// Folders that begin with a dot are left out; so are those that cannot be read, and a link to a folder that is above it.
  private static func collect(
    _ folder: String, into found: inout [String], above: [String] = [],
    where isWanted: (String) -> Bool
  ) {
    guard let real = try? Folders.resolve(folder), !above.contains(real) else { return }
    for name in (try? Folders.list(folder)) ?? [] where !name.hasPrefix(".") {
      let path = folder == "." ? name : "\(folder)/\(name)"
      switch (try? Files.status(path))?.kind {
      case .folder: collect(path, into: &found, above: above + [real], where: isWanted)
      case .file where isWanted(path): found.append(path)
      default: break
      }
    }
  }
}
