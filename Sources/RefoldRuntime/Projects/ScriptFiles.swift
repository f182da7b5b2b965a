import Posix

/// The files that make up a script for one account.
public struct ScriptFiles: Sendable, Equatable {
  /// The script's name in its project, such as `contacts/upsert`; nil for a file outside of `scripts`.
  public var name: String?
  /// The base script; nil when only the customer has the script.
  public var base: String?
  /// The customer's own version, which runs in place of the base; nil when there is none.
  public var override: String?
  /// Where the customer's data is, whether it is there or not; nil outside of a project.
  public var customerConfig: String?
  /// Where files would be that are not there, and would count.
  var absent: [String] = []

  /// The file that is run.
  public var entry: String { override ?? base ?? "" }
}

extension Project {
  /// Returns the files of a script for an account.
  ///
  /// - Parameter reference: A name, such as `contacts/upsert`, which is `scripts/contacts/upsert.lua`; or the path of a file,
  ///   which ends in `.lua` or is there.
  /// - Throws: ``RunFailure`` of kind `usage` when there is no such script, or it lies out of the project.
  public func files(of reference: String, account: String) throws(RunFailure) -> ScriptFiles {
    if Self.isPath(reference) {
      guard let name = try name(ofFile: reference) else {
        if isNameWithSuffix(reference) { throw missing(reference, reference, reference) }
        return ScriptFiles(base: reference, customerConfig: try customerConfig(account))
      }
      return try files(named: name, shownAs: reference, account: account)
    }
    try Self.check(name: reference)
    return try files(named: reference, shownAs: nil, account: account)
  }

  /// Whether a word means a file rather than a name.
  public static func isPath(_ reference: String) -> Bool {
    reference.hasSuffix(".lua") || Script.isFile(reference)
  }

  private func customerConfig(_ account: String) throws(RunFailure) -> String {
    try customerFolder(account) + "/config.lua"
  }

  private func files(
    named name: String, shownAs shown: String?, account: String
  ) throws(RunFailure) -> ScriptFiles {
    let customer = try customerFolder(account)
    let words = name.split(separator: "/").map(String.init)
    var files = ScriptFiles(name: name, customerConfig: customer + "/config.lua")
    if words.first == "customers", words.count > 2 {
      return try customersOwn(words, shownAs: shown, account: account)
    }
    let base = shown ?? path("scripts/\(name).lua")
    let override = "\(customer)/\(name).lua"
    if Script.isFile(base) { files.base = base } else { files.absent.append(base) }
    // The customer's data has that name.
    if name != "config" {
      if Script.isFile(override) {
        files.override = override
      } else {
        files.absent.append(override)
      }
    }
    guard files.base != nil || files.override != nil else { throw missing(name, base, shown) }
    for path in [files.base, files.override].compactMap({ $0 }) { try checkInside(path) }
    return files
  }

  /// The files of a script that is named by its place among the customers.
  private func customersOwn(
    _ words: [String], shownAs shown: String?, account: String
  ) throws(RunFailure) -> ScriptFiles {
    let override = shown ?? path("scripts/\(words.joined(separator: "/")).lua")
    guard words[1] == AccountFolder.name(of: account) else {
      throw RunFailure(
        .usage, code: "script_of_other_account",
        message:
          "script '\(override)' is in the folder of account '\(words[1])', and the run is for '\(account)'",
        hint: "run it with '--account \(words[1])', or give the base script")
    }
    let name = words.dropFirst(2).joined(separator: "/")
    guard Script.isFile(override) else {
      throw missing(words.joined(separator: "/"), override, shown)
    }
    try checkInside(override)
    let base = path("scripts/\(name).lua")
    var files = ScriptFiles(
      name: name, override: override, customerConfig: try customerConfig(account))
    if Script.isFile(base) {
      try checkInside(base)
      files.base = base
    } else {
      files.absent.append(base)
    }
    return files
  }

  // MARK: - Names

  /// Refuses what cannot be a script's name.
  static func check(name: String) throws(RunFailure) {
    let words = name.split(separator: "/", omittingEmptySubsequences: false)
    let isName = words.allSatisfy { word in
      !word.isEmpty && word.first != "." && !word.utf8.contains { $0 < 0x20 || $0 == 0x5C }
    }
    if isName { return }
    throw RunFailure(
      .usage, code: "script_name_invalid", message: "'\(name)' is no script name",
      hint: "use words between slashes, as in 'contacts/upsert', or the path of a '.lua' file")
  }

  /// The name of a file in the scripts' folder; nil for one elsewhere.
  private func name(ofFile file: String) throws(RunFailure) -> String? {
    let parts = file.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let parent = parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
    guard let last = parts.last, last.hasSuffix(".lua"),
      let scripts = try? Folders.resolve(scripts),
      let resolved = try? Folders.resolve(parent.isEmpty ? "/" : parent)
    else { return nil }
    let stem = String(last.dropLast(4))
    if resolved == scripts { return stem }
    guard resolved.hasPrefix(scripts + "/") else { return nil }
    return resolved.dropFirst(scripts.count + 1) + "/" + stem
  }

  // MARK: - Problems

  /// Refuses a file that a link leads to, out of the project.
  package func checkInside(_ file: String) throws(RunFailure) {
    guard let target = try? Folders.resolve(file), let root = try? Folders.resolve(folder) else {
      return
    }
    if target.hasPrefix(root == "/" ? root : root + "/") { return }
    throw RunFailure(
      .usage, code: "script_outside_project",
      message: "'\(file)' leads out of the project, to '\(target)'",
      hint: "copy the file into the project")
  }
}
