import Posix
import RefoldActions
import RefoldRuntime
import RefoldStdlib

/// `refold types`: writes definitions for editors.
enum TypesCommand: Command {
  static let name = "types"
  static let summary = "Write definitions of 'refold' and of apps for lua-language-server"
  static let usage = "types [APP…] [options]"
  static let examples = [
    "refold types", "refold types hubspot salesforce",
    "refold types --backend remote --account acme --sample hubspot.get_contact",
  ]
  static let options = [
    Options.Declared("--account", "NAME  whose actions are asked for on the remote backend"),
    Options.Declared("--backend", "sandbox|remote  whose apps; sandbox is the default"),
    Options.Declared(
      "--out", "DIR  where the files go; .refold/types of the project is the default"),
    Options.Declared("--rate", "NUMBER|off  calls a second on the remote backend"),
    Options.Declared(
      "--sample",
      "APP.ACTION,…  read once from the remote backend, to know what it answers; nothing that writes"
    ),
    Options.Declared("--timeout", "TIME  that asking the backend may take; 60s is the default"),
  ]

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    let project = ProjectConfig.projectFolder() ?? "."
    let inside = { (name: String) in project == "." ? name : "\(project)/\(name)" }
    let folder = options.value("--out") ?? inside(".refold/types")
    let apps = try describe(options, context)
    do {
      try write(apps, to: folder)
      let actions = apps.reduce(0) { $0 + $1.actions.count }
      let names = apps.map(\.slug).joined(separator: ", ")
      try context.console.line("wrote \(folder): \(actions) actions of \(names)")
    } catch let error as PosixError {
      throw CommandError(
        code: "types_unwritable", message: "can't write '\(error.path ?? folder)': \(error.reason)",
        hint: "give a folder that you may write, with '--out'", exitStatus: 1)
    }
    let library = try self.library(folder, options, project)
    try settle(inside(".luarc.json"), library: library, context.console)
    return 0
  }

  /// The folder as seen from the project's, where the settings of the editor are.
  private static func library(
    _ folder: String, _ options: Options, _ project: String
  ) throws -> String {
    guard options.value("--out") != nil else { return ".refold/types" }
    return project == "." ? folder : try Folders.resolve(folder)
  }

  private static func describe(
    _ options: Options, _ context: CommandContext
  ) throws -> [DescribedApp] {
    let lookUp = SchemaLookUp(context: context, options: options, command: name)
    let isSandbox = try lookUp.choice().name == "sandbox"
    let samples = options.list("--sample") ?? []
    guard samples.isEmpty || !isSandbox else {
      throw CommandError.usage(
        "'--sample' goes with '--backend remote': the sandbox answers for all actions",
        command: name)
    }
    var members: [(name: String, value: String)] = [
      ("sample_all", String(isSandbox)),
      ("samples", JSONText.object(samples.map { ($0, "true") })),
    ]
    if !options.words.isEmpty {
      members.append(("apps", JSONText.array(options.words.map(JSONText.quoted))))
    }
    let answer = try lookUp.json(code: DescribedApp.code, input: JSONText.object(members))
    let apps = try DescribedApp.list(answer.body)
    let known = apps.flatMap { app in app.actions.map { "\(app.slug).\($0.id)" } }
    if let unknown = samples.first(where: { !known.contains($0) }) {
      let nearest = NearestName.of(unknown, in: known).map { "did you mean '\($0)'? N" } ?? "n"
      throw CommandError(
        code: "unknown_sample", message: "no action '\(unknown)' among those that are described",
        hint: "\(nearest)ame it as 'app.action', and the app before it")
    }
    return apps
  }

  /// Writes all files; those of apps that are no longer there are removed.
  private static func write(_ apps: [DescribedApp], to folder: String) throws {
    var files: [(path: String, text: String)] = []
    for source in Stdlib.types {
      let text = source.name == "refold" ? TypeDefinitions.refold(source.text, apps) : source.text
      files.append(("\(source.name).lua", text))
    }
    let described = Set(Stdlib.types.map(\.name))
    for module in Stdlib.modules where !described.contains(module.name) {
      files.append(("\(module.name).lua", module.text))
    }
    for app in apps where Self.isFileName(app.slug) {
      files.append(("apps/\(app.slug).lua", TypeDefinitions.app(app)))
    }
    try Folders.create("\(folder)/apps")
    let names = Set(files.map(\.path))
    for name in try Folders.list("\(folder)/apps") where !names.contains("apps/\(name)") {
      let path = "\(folder)/apps/\(name)"
      let isOwn = try Files.read(path).starts(with: Array(TypeDefinitions.mark.utf8))
      if name.hasSuffix(".lua"), isOwn { try Files.remove(path) }
    }
    for (path, text) in files {
      let bytes = Array(text.utf8)
      // An editor reads again what has changed.
      if (try? Files.read("\(folder)/\(path)")) != bytes {
        try Files.write(bytes, to: "\(folder)/\(path)")
      }
    }
  }

  private static func isFileName(_ slug: String) -> Bool {
    !slug.isEmpty && !slug.hasPrefix(".") && !slug.contains("/") && !slug.contains("\0")
  }

  /// Puts the folder into the settings of the editor, unless it is there.
  private static func settle(_ path: String, library: String, _ console: Console) throws {
    do {
      let existing = try Files.status(path) == nil ? nil : try Files.read(path)
      if let text = try EditorSettings.merged(existing, library: library) {
        try Files.write(Array(text.utf8), to: path)
        try console.line("\(existing == nil ? "wrote" : "added '\(library)' to") \(path)")
      }
    } catch let error as EditorSettings.Unusable {
      console.note(
        "warning: left '\(path)' as it is: \(error.reason)\n"
          + "  fix: add \"\(library)\" to its \"workspace.library\"")
    } catch let error as PosixError {
      console.note(
        "warning: left '\(path)' as it is: \(error.reason)\n"
          + "  fix: add \"\(library)\" to its \"workspace.library\"")
    }
  }
}
