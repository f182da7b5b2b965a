import Lua
import RefoldActions
import RefoldRuntime

/// `refold writes reconcile --look-up`: finds out what became of a write, by what is known about its app.
struct WriteLookUp {
  let context: CommandContext
  let options: Options
  let journal: Journal

  private static let source = "return require('refold_reconcile').judge(refold.input)"

  /// Looks a write up, and waits as long as it may take to show.
  ///
  /// - Returns: What it came to.
  /// - Throws: `RunFailure` with the code `write_unknown` when nobody can tell.
  func decision(_ step: Int, of id: String) throws -> Resumption.Decision {
    let command = WritesCommand.name
    let settle =
      try SettleOption.given(options, command: command) ?? SettleOption.standard(context)
    let (write, answers, left) = try journal.lookUp(step, of: id, settle: settle)
    try RunResumption.checkBackend(of: try journal.run(write.runID), options, context)
    let timeout = try context.timeout(options, command) ?? .seconds(600)
    let verdict = try look(
      write, timeout, input: Self.input(write, answers, left: left, remaining: timeout))
    let name = "step \(step), \(write.step.name)"
    let what = verdict["what"]
    switch verdict["verdict"]?.string {
    case "found":
      context.console.note("\(name): \(verdict["why"]?.string ?? "it is there")")
      return try AppliedAnswer.decision(what?.text ?? "{}", context, example: "")
    case "absent":
      context.console.note("\(name): \(what?.string ?? "not there")")
      return .absent
    default:
      throw RunFailure(
        .action(.unknownOutcome), code: "write_unknown",
        message: write.step.unknownOutcome(
          finding: what?.string ?? "nothing is known about \(write.step.name)"),
        hint: what == nil
          ? "look in the app; or 'refold runs resume \(write.runID)', if the script says 'find'"
          : "look in the app, then say what you found with '--applied' or '--absent'")
    }
  }

  private func look(
    _ write: WriteRecord, _ timeout: Duration, input: [UInt8]
  ) throws -> JSONTree {
    let choice = try context.backend(options)
    let (console, config) = (context.console, try context.config())
    let configuration = Lane.Configuration(
      rules: EffectRules(overrides: config.effects),
      rateLimit: try context.rateLimit(options, WritesCommand.name, on: choice),
      log: { console.log($0) })
    var runOptions = RunOptions(account: write.step.account, input: input, timeout: timeout)
    runOptions.permissions =
      [Permissions(source: "a look-up", writes: [])] + (config.permissions.map { [$0] } ?? [])
    let script = Script(
      name: "(look-up)", source: Array(Self.source.utf8), moduleFolders: [])
    console.note("backend: \(choice.name) (\(choice.location)), account: \(write.step.account)")
    let outcome = Lane(backend: try choice.make(), configuration).run(script, runOptions)
    return try JSONTree(try outcome.result.get())
  }

  private static func input(
    _ write: WriteRecord, _ answers: [[UInt8]], left: Duration, remaining: Duration
  ) -> [UInt8] {
    let step = write.step
    let parts = step.name.split(separator: ".", maxSplits: 1).map(String.init)
    let made = answers.compactMap { (try? JSONTree($0))?["data"]?.text }
    let input = JSONText.object([
      ("app", JSONText.quoted(parts[0])), ("action", JSONText.quoted(parts.last ?? "")),
      ("account", JSONText.quoted(step.account)),
      ("params", String(decoding: step.parameters, as: UTF8.self)),
      ("began", String(Double(step.began) / 1e6)), ("made", JSONText.array(made)),
      ("left", String(seconds(left))), ("remaining", String(seconds(remaining))),
    ])
    return Array(input.utf8)
  }

  private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}
