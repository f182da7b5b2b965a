import RefoldActions
import RefoldRuntime
import RefoldSandbox

/// `refold sandbox`: the embedded backend's records.
enum SandboxCommand: Command {
  static let name = "sandbox"
  static let summary = "Empty and seed the embedded sandbox, whole or for one account"
  static let usage = "sandbox reset|seed [ACCOUNT]"
  static let examples = ["refold sandbox reset", "refold sandbox seed acme"]
  static let options: [Options.Declared] = []

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    guard let verb = options.words.first, ["reset", "seed"].contains(verb) else {
      throw CommandError.usage("'reset' or 'seed' is needed", command: name)
    }
    try context.makeStateFolder()
    do {
      let engine = try SandboxEngine(databasePath: context.databasePath)
      let account = verb == "seed" && options.words.count > 1 ? options.words[1] : nil
      if verb == "reset" { try engine.reset() } else { try engine.seed(account: account) }
      context.console.note(
        "sandbox \(context.databasePath): \(account.map { "'\($0)' " } ?? "")seeded")
      return 0
    } catch {
      throw RunFailure(error)
    }
  }
}
