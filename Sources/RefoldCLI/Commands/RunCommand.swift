import RefoldRuntime

/// `refold run`: runs a script for one account.
enum RunCommand: Command {
  static let name = "run"
  static let summary = "Run a Lua script and print its result as JSON"
  static let usage = "run SCRIPT|-e CODE [options]"
  static let examples = [
    "refold run scripts/contacts/import.lua",
    "refold run scripts/contacts/upsert.lua --input '{\"email\":\"ada@example.com\"}'",
    "refold run -e 'return refold.actions(\"hubspot\")'",
  ]
  static let options =
    CommandContext.backendOptions + [
      Options.Declared("--input", "JSON|@file|-  the script's input"),
      Options.Declared("-e", "CODE  run code instead of a file"),
      Options.Declared("--memory", "SIZE  such as 64M, the default, or 1G"),
    ] + RunLimits.options

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    let memory = options.value("--memory")
    guard let bytes = memory.map(Quantities.bytes) ?? .some(64 << 20) else {
      throw CommandError.usage("'\(memory ?? "")' is no size: use 64M, 1G or bytes", command: name)
    }
    let input = try options.value("--input").map { try context.document($0) }
    return try context.perform(
      try script(options, context), options, command: name, input: input, memoryBytes: bytes,
      limits: try RunLimits(options, command: name), isUserScript: true)
  }

  private static func script(_ options: Options, _ context: CommandContext) throws -> Script {
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
