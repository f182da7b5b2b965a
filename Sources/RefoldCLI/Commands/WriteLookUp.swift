import Lua
import RefoldActions
import RefoldRuntime

/// `refold writes reconcile --look-up`: finds out what became of a write of a run.
struct WriteLookUp {
  let context: CommandContext
  let options: Options
  let journal: Journal

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
    let parts = write.step.name.split(separator: ".", maxSplits: 1).map(String.init)
    let question = LookUpQuestion(
      app: parts[0], action: parts.last ?? "", account: write.step.account,
      parameters: write.step.parameters, began: .microseconds(write.step.began),
      made: answers.compactMap { (try? JSONTree($0))?["data"]?.text }, left: left,
      remaining: timeout)
    let choice = try context.backend(options)
    context.console.note(
      "backend: \(choice.name) (\(choice.location)), account: \(write.step.account)")
    let verdict = try question.ask(on: choice, context, options, command: command)
    let name = "step \(step), \(write.step.name)"
    switch verdict {
    case .applied(let data, let why):
      context.console.note("\(name): \(why)")
      return try AppliedAnswer.decision(
        String(decoding: data, as: UTF8.self), context, example: "")
    case .absent(let why):
      context.console.note("\(name): \(why)")
      return .absent
    case .unknown(let what):
      throw RunFailure(
        .action(.unknownOutcome), code: "write_unknown",
        message: write.step.unknownOutcome(
          finding: what ?? "nothing is known about \(write.step.name)"),
        hint: what == nil
          ? "look in the app; or 'refold runs resume \(write.runID)', if the script says 'find'"
          : "look in the app, then say what you found with '--applied' or '--absent'")
    }
  }
}

/// A write of unknown outcome, as the standard library is asked what became of it.
struct LookUpQuestion {
  var app: String
  var action: String
  var account: String
  /// What was sent, a JSON object.
  var parameters: [UInt8]
  /// When it began, since 1970.
  var began: Duration
  /// What the other writes with its action have answered, each as JSON text.
  var made: [String]
  /// How long it takes until it counts as absent when it is not found.
  var left: Duration
  /// How long may be looked for it.
  var remaining: Duration

  private static let source = "return require('refold_reconcile').judge(refold.input)"

  /// Looks it up, and waits as long as it may take to show.
  ///
  /// - Throws: `RunFailure` when the look-up itself fails.
  func ask(
    on choice: BackendChoice, _ context: CommandContext, _ options: Options, command: String
  ) throws -> SentWrite.Verdict {
    let (console, config) = (context.console, try context.config())
    let configuration = Lane.Configuration(
      rules: EffectRules(overrides: config.effects),
      rateLimit: try context.rateLimit(options, command, on: choice),
      log: { console.log($0) })
    var runOptions = RunOptions(account: account, input: input, timeout: remaining)
    runOptions.permissions =
      [Permissions(source: "a look-up", writes: [])] + (config.permissions.map { [$0] } ?? [])
    let script = Script(
      name: "(look-up)", source: Array(Self.source.utf8), moduleFolders: [])
    let outcome = Lane(backend: try choice.make(), configuration).run(script, runOptions)
    let verdict = try JSONTree(try outcome.result.get())
    let what = verdict["what"]
    return switch verdict["verdict"]?.string {
    case "found":
      .applied(
        Array((what?.text ?? "{}").utf8), why: verdict["why"]?.string ?? "it is there")
    case "absent": .absent(why: what?.string ?? "not there")
    default: .unknown(what?.string)
    }
  }

  private var input: [UInt8] {
    let input = JSONText.object([
      ("app", JSONText.quoted(app)), ("action", JSONText.quoted(action)),
      ("account", JSONText.quoted(account)),
      ("params", String(decoding: parameters, as: UTF8.self)),
      ("began", String(began / .seconds(1))), ("made", JSONText.array(made)),
      ("left", String(left / .seconds(1))), ("remaining", String(remaining / .seconds(1))),
    ])
    return Array(input.utf8)
  }
}
