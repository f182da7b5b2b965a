import RefoldActions
import RefoldRuntime
import RefoldSandbox

/// `refold sandbox`: serves the embedded backend over HTTP, and puts its records back.
enum SandboxCommand: Command {
  static let name = "sandbox"
  static let summary =
    "Serve the embedded sandbox over HTTP, put its records back, or list the writes that it received"
  static let usage = "sandbox serve|reset|seed|ledger [ACCOUNT] [options]"
  static let examples = [
    "refold sandbox serve --port 8080", "refold sandbox reset", "refold sandbox seed acme",
    "refold sandbox ledger acme --json",
  ]
  static let options =
    SandboxServeCommand.options + [
      Options.Declared("--json", "ledger: print one JSON document", takesValue: false)
    ]

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    let verbs = ["serve", "reset", "seed", "ledger"]
    guard let verb = options.words.first else {
      throw CommandError.usage("'serve', 'reset', 'seed' or 'ledger' is needed", command: name)
    }
    guard verbs.contains(verb) else {
      let nearest = NearestName.of(verb, in: verbs).map { "did you mean '\($0)'? S" } ?? "s"
      throw CommandError(
        code: "usage", message: "unknown sandbox command '\(verb)'",
        hint: "\(nearest)ee 'refold help \(name)'")
    }
    if verb == "serve" { return try SandboxServeCommand.run(options, context) }
    if let served = SandboxServeCommand.options.map(\.name).first(where: options.has) {
      throw CommandError.usage("'\(served)' is for 'sandbox serve'", command: name)
    }
    guard options.words.count <= (verb == "reset" ? 1 : 2) else {
      throw CommandError.usage("unexpected '\(options.words.last ?? "")'", command: name)
    }
    if verb == "ledger" { return try SandboxLedgerCommand.run(options, context) }
    if options.has("--json") {
      throw CommandError.usage("'--json' is for 'sandbox ledger'", command: name)
    }
    try context.makeStateFolder()
    do {
      let engine = try SandboxEngine(databasePath: context.databasePath)
      let account = options.words.dropFirst().first
      if verb == "reset" { try engine.reset() } else { try engine.seed(account: account) }
      context.console.note(
        "sandbox \(context.databasePath): \(account.map { "'\($0)' " } ?? "")seeded")
      return 0
    } catch {
      throw RunFailure(error)
    }
  }
}
