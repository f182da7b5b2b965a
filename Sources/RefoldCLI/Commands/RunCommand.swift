import Lua
import RefoldRuntime

/// `refold run`: runs a script for one account.
enum RunCommand: Command {
  static let name = "run"
  static let summary = "Run a Lua script, for one account or many, and print its result as JSON"
  static let usage = "run SCRIPT|-e CODE [options]"
  static let examples = [
    "refold run scripts/contacts/import.lua",
    "refold run contacts/upsert --account acme --input '{\"email\":\"ada@example.com\"}'",
    "refold run -e 'return refold.actions(\"hubspot\")'",
    "refold run scripts/contacts/import.lua --account acme --account globex",
  ]
  static let options =
    CommandContext.backendOptions + [
      Options.Declared(
        "--all-accounts", "run for each account that refold.lua or the backend lists",
        takesValue: false),
      Options.Declared("--concurrency", "NUMBER  of accounts at once; 8 is the default"),
      Options.Declared(
        "--jsonl", "print a line of JSON for each account, as soon as its run has ended",
        takesValue: false),
      Options.Declared("--input", "JSON|@file|-  the script's input"),
      Options.Declared(
        "--watch", "run again when the script or what it rests on changes", takesValue: false),
      Options.Declared("-e", "CODE  run code instead of a file"),
      Options.Declared(
        "--no-journal", "record nothing of the run, so that it cannot be resumed", takesValue: false
      ),
      Options.Declared("--memory", "SIZE  such as 64M, the default, or 1G"),
    ] + RunLimits.options + Taping.options + FaultOptions.options

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    let limits = try RunLimits(options, command: name)
    let input = try options.value("--input").map { try context.document($0) }
    let code = try code(options, command: name)
    var context = context
    context.scriptProject = Self.project(of: code)
    if options.has("--watch") {
      guard case .script(_, let store) = code else {
        throw CommandError.usage("'--watch' goes with a script", command: name)
      }
      return try RunWatch(store: store, console: context.console).run {
        try run(code, options, context, limits, input)
      }
    }
    return try run(code, options, context, limits, input)
  }

  private static func run(
    _ code: CommandCode, _ options: Options, _ context: CommandContext, _ limits: RunLimits,
    _ input: [UInt8]?
  ) throws -> Int32 {
    if options.has("--all-accounts") || options.all("--account").count > 1 {
      return try FanOut(context, options, code, limits, input: input).run()
    }
    for option in ["--concurrency", "--jsonl"] where options.has(option) {
      throw CommandError.usage("'\(option)' goes with several accounts", command: name)
    }
    return try context.perform(
      code, options, command: name, input: input, limits: limits)
  }

  /// What the words or `-e` name.
  static func code(_ options: Options, command name: String) throws -> CommandCode {
    if let code = options.value("-e") {
      guard options.words.isEmpty else {
        throw CommandError.usage("give a script or '-e CODE', not both", command: name)
      }
      return .inline(code, ScriptStore())
    }
    guard let reference = options.words.first else {
      throw CommandError.usage("no script", command: name)
    }
    guard options.words.count == 1 else {
      throw CommandError.usage("one script at a time, not '\(options.words[1])' too", command: name)
    }
    return .script(reference, ScriptStore(.containing(reference)))
  }

  /// The project whose config counts: the script's when it has one, else that of the working folder.
  static func project(of code: CommandCode) -> Project? {
    guard case .script(_, let store) = code, ProjectConfig.isThere(in: store.project.folder) else {
      return nil
    }
    return store.project
  }
}
