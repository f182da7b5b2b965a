import RefoldRuntime

/// `refold run`: runs a script for one account.
enum RunCommand: Command {
  static let name = "run"
  static let summary = "Run a Lua script, for one account or many, and print its result as JSON"
  static let usage = "run SCRIPT|-e CODE [options]"
  static let examples = [
    "refold run scripts/contacts/import.lua",
    "refold run scripts/contacts/upsert.lua --input '{\"email\":\"ada@example.com\"}'",
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
      Options.Declared("-e", "CODE  run code instead of a file"),
      Options.Declared("--memory", "SIZE  such as 64M, the default, or 1G"),
    ] + RunLimits.options

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    let limits = try RunLimits(options, command: name)
    let input = try options.value("--input").map { try context.document($0) }
    let script = try script(options, context, command: name)
    if options.has("--all-accounts") || options.all("--account").count > 1 {
      return try FanOut(context, options, script, limits, input: input).run()
    }
    for option in ["--concurrency", "--jsonl"] where options.has(option) {
      throw CommandError.usage("'\(option)' goes with several accounts", command: name)
    }
    return try context.perform(
      script, options, command: name, input: input, limits: limits, isUserScript: true)
  }

  /// Reads the script that the words or `-e` name.
  static func script(
    _ options: Options, _ context: CommandContext, command name: String
  ) throws -> Script {
    if let code = options.value("-e") {
      guard options.words.isEmpty else {
        throw CommandError.usage("give a script or '-e CODE', not both", command: name)
      }
      return .inline(code)
    }
    guard let path = options.words.first else {
      throw CommandError.usage("no script", command: name)
    }
    guard options.words.count == 1 else {
      throw CommandError.usage("one script at a time, not '\(options.words[1])' too", command: name)
    }
    let script = try Script.file(path)
    if script.source.isEmpty { context.console.note("warning: script '\(path)' is empty") }
    return script
  }
}
