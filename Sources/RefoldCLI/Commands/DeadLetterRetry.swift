import Lua
import Posix
import RefoldActions
import RefoldRuntime

/// `refold dlq retry`: runs the script of each letter again, with the record as its input.
struct DeadLetterRetry {
  /// What became of one letter.
  struct Retried {
    let letter: DeadLetter
    /// How its run ended; a failure too when the script gave the record up again.
    var outcome: RunOutcome
    /// How often it has been tried; nil when it is gone.
    var attempts: Int?
  }

  private let context: CommandContext
  private let options: Options
  private let letters: DeadLetters
  private let store: SQLiteStateStore
  private let report: DeadLetterReport
  private let limits: RunLimits

  init(
    _ context: CommandContext, _ options: Options, _ letters: DeadLetters,
    _ store: SQLiteStateStore
  ) throws {
    self.context = context
    self.options = options
    self.letters = letters
    self.store = store
    report = DeadLetterReport(console: context.console, options: options)
    limits = try RunLimits(options, command: DeadLetterCommand.name)
    try limits.audit?.open()
  }

  /// Tries letters one after the other, until somebody stops that.
  func run(_ ids: [String]) throws -> [Retried] {
    var all: [Retried] = []
    for id in ids {
      let letter: DeadLetter
      do throws(ActionError) {
        letter = try letters.take(id)
      } catch {
        guard ["letter_busy", "no_such_letter"].contains(error.code), ids.count > 1 else {
          throw error
        }
        // Somebody else takes care of it.
        context.console.note("\(id): \(error.message)")
        continue
      }
      let retried = try attempt(letter)
      all.append(retried)
      try report.show(retried)
      if case .failure(let failure) = retried.outcome.result, failure.kind == .cancelled { break }
    }
    return all
  }

  private func attempt(_ letter: DeadLetter) throws -> Retried {
    let outcome: RunOutcome
    do {
      outcome = try runScript(of: letter)
    } catch {
      // Nothing has run, so it is no attempt.
      try letters.release(letter)
      guard let failure = Self.failure(error) else { throw error }
      return Retried(letter: letter, outcome: .notStarted(failure), attempts: letter.attempts)
    }
    switch outcome.result {
    case .success: return try judged(try letters.succeed(letter), letter, outcome)
    case .failure(let failure) where failure.kind == .cancelled:
      try letters.release(letter)
      return Retried(letter: letter, outcome: outcome, attempts: letter.attempts)
    case .failure(let failure):
      return try judged(
        try letters.fail(
          letter, error: Array(Report.error(failure).utf8),
          at: failure.location?.description, run: outcome.runID), letter, outcome)
    }
  }

  private func judged(
    _ attempt: DeadLetters.Attempt, _ letter: DeadLetter, _ outcome: RunOutcome
  ) throws -> Retried {
    guard case .kept(let left) = attempt else {
      return Retried(letter: letter, outcome: outcome, attempts: nil)
    }
    var outcome = outcome
    if case .success = outcome.result {
      var failure = RunFailure(
        .script, code: "given_up_again",
        message: "the script gave the record up again: \(DeadLetterReport.message(of: left))")
      failure.hint = "see 'refold dlq show \(letter.id)'"
      outcome.result = .failure(failure)
    }
    return Retried(letter: letter, outcome: outcome, attempts: left.attempts)
  }

  private static func failure(_ error: any Error) -> RunFailure? {
    switch error {
    case let error as RunFailure: error
    case let error as CommandError: error.asFailure
    case let error as ActionError: RunFailure(error)
    default: nil
    }
  }

  // MARK: - The run

  private func runScript(of letter: DeadLetter) throws -> RunOutcome {
    let code = try code(of: letter)
    var context = context
    context.scriptProject = RunCommand.project(of: code)
    let choice = try context.backend(options)
    let backend = "\(choice.name) \(choice.location)"
    guard backend == letter.backend || options.has("--backend") else {
      throw CommandError(
        code: "other_backend",
        message: "'\(letter.id)' failed on \(letter.backend), and this is \(backend)",
        hint: "go to where the script ran, or choose with '--backend'")
    }
    let command = DeadLetterCommand.name
    let generation = try code.generation(for: letter.account)
    let config = try context.config()
    var runOptions = try limits.runOptions(
      timeout: try context.timeout(options, command), config: config, input: letter.record)
    runOptions.account = letter.account
    runOptions.letter = letter
    runOptions.source = letter.source
    let console = context.console
    let isVerbose = options.has("--verbose")
    console.note("\(letter.id): \(letter.script)")
    context.announce(generation, choice, letter.account)
    let (audit, account) = (limits.audit, letter.account)
    var configuration = Lane.Configuration(
      rules: EffectRules(overrides: config.effects),
      rateLimit: try context.rateLimit(options, command, on: choice),
      log: { console.log($0, of: account) },
      onRetry: { if isVerbose { console.retry($0, of: account) } },
      onDecision: { audit?.add($0, console) },
      onLastWrites: { _, writes in console.waiting(for: writes) }, store: store)
    configuration.journal = context.journal(options, config, store)
    return Lane(backend: try choice.make(), configuration).run(generation, runOptions)
  }

  private func code(of letter: DeadLetter) throws(CommandError) -> CommandCode {
    if let source = letter.source {
      return .inline(String(decoding: source, as: UTF8.self), ScriptStore())
    }
    guard !letter.path.hasPrefix("(") else {
      throw CommandError(
        code: "no_script",
        message: "'\(letter.id)' comes from \(letter.script), which is no script",
        hint: "take the record from 'refold dlq show \(letter.id) --json', and drop the letter")
    }
    let path = RunResumption.shortest(letter.path)
    return .script(path, ScriptStore(.containing(path)))
  }
}
