import Posix
import RefoldActions
import RefoldRuntime

/// `refold new`: makes a project.
enum NewCommand: Command {
  static let name = "new"
  static let summary = "Make a project with a script, its test, and a customer"
  static let usage = "new NAME"
  static let examples = ["refold new integrations", "refold new ."]
  static let options: [Options.Declared] = []

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    guard let folder = options.words.first, !folder.isEmpty else {
      throw CommandError.usage("a name for the project's folder is needed", command: name)
    }
    guard options.words.count == 1 else {
      throw CommandError.usage(
        "one project at a time, not '\(options.words[1])' too", command: name)
    }
    let outer = outerProject(of: folder)
    do throws(PosixError) {
      try checkIsFree(folder)
      for file in ProjectTemplate.files {
        let path = folder == "." ? file.path : "\(folder)/\(file.path)"
        if let slash = path.lastIndex(of: "/") { try Folders.create(String(path[..<slash])) }
        try Files.write(Array(file.text.utf8), to: path)
      }
    } catch {
      throw CommandError(
        code: error.code == .exists ? "folder_not_empty" : "project_unwritable",
        message: "can't make the project '\(folder)': \(error.reason)",
        hint: error.hint ?? "check that you may write there", exitStatus: 2)
    }
    for file in ProjectTemplate.files {
      try context.console.line(folder == "." ? file.path : "\(folder)/\(file.path)")
    }
    let enter = folder == "." ? "" : "  cd \(ShellWord.of(folder))\n"
    context.console.note(
      """
      made a project; what to do next:
      \(enter)  refold run contacts/upsert --account acme --input '{"email":"ada@example.com","title":"Countess"}'
        refold test
        refold diff contacts/upsert --account acme --account demo-user-1
      """)
    if let outer {
      context.console.note(
        "note: it is inside the project '\(outer)', whose refold.lua does not count in it")
    }
    return 0
  }

  /// Refuses a place where something is already.
  private static func checkIsFree(_ folder: String) throws(PosixError) {
    guard let status = try Files.status(folder) else { return }
    if status.kind == .folder, try Folders.list(folder).allSatisfy({ $0 == ".git" }) { return }
    throw PosixError(
      code: .exists, operation: "create", path: folder,
      message: status.kind == .folder ? "the folder is not empty" : "a file of that name is there",
      hint: "choose a name that is not taken, or an empty folder")
  }

  /// The project that the new one is made in; nil when there is none.
  private static func outerProject(of folder: String) -> String? {
    let project = Project.of(script: "\(folder)/refold.lua") ?? .working()
    return ProjectConfig.isThere(in: project.folder) ? project.folder : nil
  }
}
