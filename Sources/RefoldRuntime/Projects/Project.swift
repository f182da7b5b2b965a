import Posix

/// A folder with scripts, and with what they have in common.
///
/// A project is the folder that holds `refold.lua`; one without that file is the folder that holds `scripts`. Of nested
/// projects the innermost counts. Holds paths only, and reads no script before it is asked for.
public struct Project: Sendable, Equatable {
  /// The project's folder, such as `.` or `../..` or an absolute path.
  public let folder: String

  /// Makes the project of a folder.
  public init(folder: String) { self.folder = folder }

  /// Returns the project of the working folder: the nearest one above it that holds `refold.lua`, else the working folder.
  public static func working() -> Project {
    Project(folder: ProjectConfig.projectFolder() ?? ".")
  }

  /// Returns the project that a script's file belongs to; nil for a file in none.
  public static func of(script path: String) -> Project? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let parent = parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
    if let root = Script.projectFolder(above: parent.isEmpty ? "/" : parent) {
      return Project(folder: root)
    }
    guard let index = parts.dropLast().lastIndex(of: "scripts") else { return nil }
    let root = parts[..<index].joined(separator: "/")
    return Project(folder: index == 0 ? "." : root.isEmpty ? "/" : root)
  }

  /// Returns the project that a script's name or path is meant in: that of the file, else that of the working folder.
  public static func containing(_ reference: String) -> Project {
    isPath(reference) ? of(script: reference) ?? .working() : .working()
  }

  /// The folder of the scripts.
  public var scripts: String { path("scripts") }

  /// Returns the path of something in the project.
  public func path(_ relative: String) -> String {
    switch folder {
    case ".": relative
    case "/": "/" + relative
    default: "\(folder)/\(relative)"
    }
  }

  /// The folder of a customer's files, whether it is there or not.
  ///
  /// - Throws: ``RunFailure`` of kind `usage` when the id can name no folder, or a folder is there whose name is not encoded.
  func customerFolder(_ account: String) throws(RunFailure) -> String {
    guard let name = AccountFolder.name(of: account) else {
      throw RunFailure(
        .usage, code: "account_invalid",
        message: account.isEmpty
          ? "the account's id is empty"
          : "the account's id is too long for a folder's name: \(account.utf8.count) bytes",
        hint: "give the id of a linked account")
    }
    let literal = path("scripts/customers/\(account)")
    let isOneName = !account.contains("/") && account != "." && account != ".."
    if name != account, isOneName, !account.utf8.contains(0),
      (try? Files.status(literal))?.kind == .folder
    {
      throw RunFailure(
        .usage, code: "customer_folder_name",
        message: "'\(literal)' is not the folder of the account '\(account)'",
        hint:
          "call the folder '\(name)': what is no letter, digit, '-', '_', '.', '@' or '+' is encoded"
      )
    }
    return path("scripts/customers/\(name)")
  }
}
