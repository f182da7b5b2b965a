import Posix
import RefoldActions

/// The files of a project as one account may read them.
struct ProjectFiles {
  /// The project's folder, resolved.
  private let root: String
  private let account: String

  /// - Throws: `ActionError` when the run's script belongs to no project.
  init(of run: Run) throws(ActionError) {
    guard let project = run.project, let root = try? Folders.resolve(project.folder) else {
      throw ActionError(
        kind: .permission, code: "file_refused",
        message: "this script belongs to no project, so it can read no files",
        hint: "put it into a folder with a 'refold.lua'")
    }
    (self.root, account) = (root, run.options.account)
  }

  /// Reads bytes of a file.
  ///
  /// - Throws: `ActionError`
  func part(
    of path: String, from offset: Int, count: Int
  ) throws(ActionError) -> (bytes: [UInt8], before: FileStatus, after: FileStatus) {
    let place = try resolve(path)
    do throws(PosixError) {
      return try Files.readPart(of: place, from: offset, count: count)
    } catch {
      throw failure(error, path)
    }
  }

  /// Returns where a file is, behind all links.
  private func resolve(_ path: String) throws(ActionError) -> String {
    guard !path.isEmpty, path.utf8.first != UInt8(ascii: "/"), !path.utf8.contains(0) else {
      throw Self.refused(path, "it is no path within the project")
    }
    try check(Self.normal(path), path)
    let target: String
    do throws(PosixError) {
      target = try Folders.resolve("\(root)/\(path)")
    } catch {
      // A link that leads out must not even tell what is there.
      let above = Self.names(in: path).dropLast().joined(separator: "/")
      if let folder = try? Folders.resolve("\(root)/\(above)") {
        try check(parts(of: folder), path)
      }
      throw failure(error, path)
    }
    try check(parts(of: target), path)
    // Where the folder of scripts is a link, another path leads to the customers as well.
    if let customers = try? Folders.resolve("\(root)/scripts/customers"),
      let names = Self.names(in: target, below: customers)
    {
      try check(["scripts", "customers"] + names, path)
    }
    if Self.isKeyFile(target) { throw Self.refused(path, "it is where the API key is kept") }
    return target
  }

  /// The names by which a resolved path leads into the project; nil when it is outside.
  private func parts(of target: String) -> [String]? {
    target == root ? [] : Self.names(in: target, below: root)
  }

  /// The names by which a resolved path goes on from a folder; nil when it is not below it.
  private static func names(in target: String, below folder: String) -> [String]? {
    let prefix = folder == "/" ? folder : folder + "/"
    guard target.utf8.starts(with: prefix.utf8) else { return nil }
    return names(in: String(Substring(target.utf8.dropFirst(prefix.utf8.count))))
  }

  /// The names that a path consists of, parted as the system does: a mark that follows a slash does not hide it.
  private static func names(in path: String) -> [String] {
    path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
  }

  /// Whether a file holds the API key: by its name, or since the environment says so.
  private static func isKeyFile(_ target: String) -> Bool {
    if target.hasSuffix("/credentials.json") { return true }
    guard let named = Environment.value("REFOLD_CREDENTIALS") else { return false }
    return (try? Folders.resolve(named)) == target
  }

  /// Refuses what is hidden, where keys and the data of all accounts are, and what is another customer's.
  private func check(_ parts: [String]?, _ path: String) throws(ActionError) {
    guard let parts else { throw Self.refused(path, "it leads out of the project") }
    if let hidden = parts.first(where: { $0.utf8.first == UInt8(ascii: ".") }) {
      throw Self.refused(path, "the name '\(hidden)' begins with a dot")
    }
    if parts.count > 2, parts[0] == "scripts", parts[1] == "customers",
      parts[2] != AccountFolder.name(of: account)
    {
      throw Self.refused(path, "it is another customer's: this run is for '\(account)'")
    }
  }

  /// The names that a path consists of; nil when it leads out of the folder where it begins.
  private static func normal(_ path: String) -> [String]? {
    var parts: [String] = []
    for part in names(in: path) where part != "." {
      if part != ".." {
        parts.append(part)
      } else if parts.popLast() == nil {
        return nil
      }
    }
    return parts
  }

  // MARK: - Failures

  private static func refused(_ path: String, _ reason: String) -> ActionError {
    ActionError(
      kind: .permission, code: "file_refused", message: "can't read '\(path)': \(reason)",
      hint: "give a path from the project's folder, such as 'data/contacts.csv'")
  }

  static func changed(_ path: String) -> ActionError {
    ActionError(
      kind: .permanent, code: "file_changed",
      message: "the file '\(path)' has changed while it was read",
      hint: "copy it before the run begins, or let nothing write it meanwhile")
  }

  static func tooLarge(_ path: String, _ size: Int) -> ActionError {
    ActionError(
      kind: .permanent, code: "file_too_large",
      message:
        "the file '\(path)' has \(size) bytes, and no more than \(Files.defaultLimit) are read at once",
      hint: "read it line by line: fs.lines('\(path)')")
  }

  private func failure(_ error: PosixError, _ path: String) -> ActionError {
    if error.code == .notFound || error.code == .notFolder {
      return ActionError(
        kind: .permanent, code: "file_not_found", message: "no file '\(path)' in the project",
        hint: nearest(to: path).map { "did you mean '\($0)'?" }
          ?? "paths count from the project's folder, '\(root)'")
    }
    return ActionError(
      kind: .permanent, code: "file_failed", message: "can't read '\(path)': \(error.reason)",
      hint: error.hint)
  }

  /// The file beside a missing one that was probably meant.
  private func nearest(to path: String) -> String? {
    let name = Self.names(in: path).last ?? ""
    let folder = String(Substring(path.utf8.dropLast(name.utf8.count)))
    guard let place = try? Folders.resolve("\(root)/\(folder)"), let parts = parts(of: place),
      (try? check(parts, path)) != nil, let names = try? Folders.list(place)
    else { return nil }
    return NearestName.of(name, in: names.filter { !$0.hasPrefix(".") }).map { folder + $0 }
  }
}

extension Run {
  /// The project whose files the run may read; nil for a script of none.
  var project: Project? {
    if let line { return line.session.project }
    guard let generation else { return nil }
    return generation.project
      ?? (generation.script.hasPrefix("(") ? nil : Project.of(script: generation.script))
      ?? (test == nil ? nil : .working())
  }
}
