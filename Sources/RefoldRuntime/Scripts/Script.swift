import Posix

/// The source of a script and where it came from.
public struct Script: Sendable {
  /// The name in messages: the path as the user gave it, or a word in brackets for code without a file.
  public var name: String
  /// The source text.
  public var source: [UInt8]
  /// Where `require` looks for the project's own modules, in this order.
  public var moduleFolders: [String]
  /// Whether modules in those folders come before those of the standard library with the same names.
  var prefersFolders = false

  /// Makes a script from source text.
  public init(name: String, source: [UInt8], moduleFolders: [String]) {
    self.name = name
    self.source = source
    self.moduleFolders = moduleFolders
  }

  /// The most bytes that a source file may have, which is 1 MiB.
  ///
  /// Compiling costs about 24 µs a KiB.
  public static let maximumBytes = 1 << 20

  /// Makes a script from code without a file.
  ///
  /// Its modules are those of the working directory's project.
  public static func inline(_ code: String, name: String = "(command line)") -> Script {
    Script(name: name, source: Array(code.utf8), moduleFolders: ["scripts", "."])
  }

  /// Reads a script from a file.
  ///
  /// Modules are looked for in the `scripts` folder of the project, which is the nearest folder above the file that holds
  /// `refold.lua`, else the one that holds `scripts`, and then beside the file.
  ///
  /// - Throws: ``RunFailure`` of kind `usage` when the file cannot be read, of kind `script` when it is not text.
  public static func file(_ path: String) throws(RunFailure) -> Script {
    let source: [UInt8]
    do {
      source = try Files.read(path, limit: maximumBytes)
    } catch {
      throw unreadable(path, error)
    }
    let nul = source.firstIndex(of: 0)
    let isBytecode = source.first == 0x1B
    if nul != nil || isBytecode {
      throw RunFailure(
        .script, code: "script_not_text",
        message: "script '\(path)' is not text: "
          + (isBytecode ? "it is Lua bytecode" : "byte \(nul ?? 0) is NUL"),
        hint: "scripts are Lua source, not bytecode or another kind of file")
    }
    return Script(name: path, source: source, moduleFolders: moduleFolders(of: path))
  }

  private static func unreadable(_ path: String, _ error: PosixError) -> RunFailure {
    let isMissing = error.code == .notFound
    let hint =
      switch error.code {
      case .notFound, .isFolder:
        "give the path of a Lua file, such as 'scripts/contacts/upsert.lua'"
      case .tooLarge: "split it into modules"
      default: "check that it is a file that you may read"
      }
    return RunFailure(
      .usage, code: isMissing ? "script_not_found" : "script_unreadable",
      message: isMissing ? "no script '\(path)'" : "can't read script '\(path)': \(error.reason)",
      hint: hint)
  }

  package static func isFile(_ path: String) -> Bool {
    (try? Files.status(path))?.kind == .file
  }

  /// The folders that `require` searches for a script file.
  package static func moduleFolders(of path: String) -> [String] {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let folder = parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
    if let root = projectFolder(above: folder) {
      let scripts = root == "." ? "scripts" : "\(root)/scripts"
      return scripts == folder ? [folder] : [scripts, folder]
    }
    if let index = parts.dropLast().lastIndex(of: "scripts") {
      let scripts = parts[...index].joined(separator: "/")
      return scripts == folder ? [folder] : [scripts, folder]
    }
    return [folder]
  }

  /// The nearest folder that holds `refold.lua`: one that the path names, or for a relative path one above the working directory.
  static func projectFolder(above folder: String) -> String? {
    var root = folder
    while true {
      if isFile("\(root)/refold.lua") { return root }
      guard let slash = root.lastIndex(of: "/"), slash > root.startIndex else { break }
      root = String(root[..<slash])
    }
    return folder.hasPrefix("/") ? nil : ProjectConfig.projectFolder()
  }
}

extension Script {
  /// The source, with a first line that starts with `#` turned into a comment: files may be executable.
  var sourceWithoutShebang: [UInt8] {
    var text = source[...]
    // Some editors begin a file with the mark of UTF-8.
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    if text.first == UInt8(ascii: "#") { return Array("--".utf8) + text.dropFirst() }
    return text.count == source.count ? source : Array(text)
  }
}
