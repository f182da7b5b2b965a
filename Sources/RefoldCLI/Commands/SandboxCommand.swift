import RefoldActions
import RefoldRuntime
import RefoldSandbox

/// `refold sandbox`: serves the embedded backend over HTTP, and puts its records back.
enum SandboxCommand: Command {
  static let name = "sandbox"
  static let summary =
    "Serve the embedded sandbox over HTTP, or put its records back, all or one account's"
  static let usage = "sandbox serve|reset|seed [ACCOUNT] [options]"
  static let examples = [
    "refold sandbox serve --port 8080", "refold sandbox reset", "refold sandbox seed acme",
  ]
  static let options = SandboxServeCommand.options

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    let verbs = ["serve", "reset", "seed"]
    guard let verb = options.words.first else {
      throw CommandError.usage("'serve', 'reset' or 'seed' is needed", command: name)
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
    guard options.words.count <= (verb == "seed" ? 2 : 1) else {
      throw CommandError.usage("unexpected '\(options.words.last ?? "")'", command: name)
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
