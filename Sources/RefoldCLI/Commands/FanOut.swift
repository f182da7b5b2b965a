import Lua
import Posix
import RefoldActions
import RefoldRuntime
import Synchronization

/// Runs one script for many accounts, several at once, and sums up how it went for each.
struct FanOut {
  private let context: CommandContext
  private let options: Options
  private let code: CommandCode
  private let limits: RunLimits
  private let input: [UInt8]?
  private let concurrency: Int
  private let command = RunCommand.name

  init(
    _ context: CommandContext, _ options: Options, _ code: CommandCode, _ limits: RunLimits,
    input: [UInt8]?
  ) throws(CommandError) {
    self.context = context
    self.options = options
    self.code = code
    self.limits = limits
    self.input = input
    let text = options.value("--concurrency") ?? "8"
    guard let number = Int(text), (1...10_000).contains(number) else {
      throw .usage(
        "'--concurrency' takes a number from 1 to 10000, not '\(text)'", command: command)
    }
    concurrency = number
    if options.has("--json"), options.has("--jsonl") {
      throw .usage("give '--json' or '--jsonl', not both", command: command)
    }
    if options.has("--all-accounts"), options.value("--account") != nil {
      throw .usage("give '--account' or '--all-accounts', not both", command: command)
    }
  }

  /// Runs the script for all accounts, prints what they gave, and returns the exit code.
  func run() throws -> Int32 {
    let choice = try context.backend(options, isForScript: true)
    let config = try context.config()
    let rateLimit = try context.rateLimit(options, command, on: choice)
    let accounts = try accounts(config, choice)
    var template = try limits.runOptions(
      timeout: try context.timeout(options, command), config: config, input: input)
    if options.has("--all-accounts") { template.otherAccounts = Set(accounts) }
    let script = (try? code.generation(for: accounts.first ?? "")).map {
      Script.stateName(of: $0.script)
    }
    let taping = try Taping(context, options, script: script, choice, accounts: accounts)
    template.isResultPretty = !options.has("--json") && !options.has("--jsonl")
    context.console.note(
      "backend: \(choice.name) (\(choice.location)), "
        + OutcomeReport.counted(accounts.count, "account"))
    try limits.audit?.open()
    let board = FanOutBoard(accounts, context.console, isStreaming: options.has("--jsonl"))
    let store = SQLiteStateStore(databasePath: context.statePath)
    defer { store.close() }
    var configuration = configuration(config, rateLimit, board)
    configuration.store = taping.store(store)
    if taping.isReplay { configuration.skipsWaits = template.budget.time ?? .seconds(86_400) }
    if !taping.isReplay { configuration.journal = context.journal(options, config, store) }
    if case .inline(let text, _) = code { template.source = Array(text.utf8) }
    let runtime = try Runtime(configuration) { taping.backend(try choice.make()) }
    for (index, account) in accounts.enumerated() {
      template.account = account
      var runOptions = template
      taping.prepare(&runOptions)
      do throws(RunFailure) {
        let generation = try code.generation(for: account)
        runtime.start(generation, runOptions) { board.end(index, taping.judged($0, of: account)) }
      } catch {
        board.end(index, .notStarted(error))
      }
    }
    board.waitForAll { runtime.stopAll() }
    let status = try FanOutReport(console: context.console, options: options, accounts: accounts)
      .show(board.outcomes, writingFailed: board.writingFailed)
    FaultOptions.noteMissed(choice.faults, context.console)
    return taping.save(board.outcomes, status)
  }

  private func configuration(
    _ config: ProjectConfig, _ rateLimit: RateLimit?, _ board: FanOutBoard
  ) -> Runtime.Configuration {
    var configuration = Runtime.Configuration()
    configuration.maximumActive = concurrency
    configuration.rules = EffectRules(overrides: config.effects)
    configuration.rateLimit = rateLimit
    configuration.log = { board.log($0) }
    if options.has("--verbose") { configuration.onRetry = { board.retry($0) } }
    if let audit = limits.audit {
      let console = context.console
      configuration.onDecision = { audit.add($0, console) }
    }
    configuration.onLastWrites = { board.waiting($0, for: $1) }
    return configuration
  }

  private func accounts(_ config: ProjectConfig, _ choice: BackendChoice) throws -> [String] {
    var accounts = options.all("--account")
    if options.has("--all-accounts") {
      accounts =
        try choice.replay?.accounts ?? config.accounts
        ?? Lane(backend: try choice.make()).accounts()
    }
    var known: Set<String> = []
    accounts = accounts.filter { known.insert($0).inserted }
    if accounts.isEmpty || accounts.contains("") {
      throw CommandError(
        code: "missing_account", message: "no linked account to run for",
        hint: "give '--account NAME', name accounts in refold.lua, or link one")
    }
    return accounts
  }
}
