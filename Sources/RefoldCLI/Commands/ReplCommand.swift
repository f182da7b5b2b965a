import Lua
import Posix
import RefoldActions
import RefoldRuntime

/// `refold repl`: a prompt for one account.
enum ReplCommand: Command {
  static let name = "repl"
  static let summary =
    "Open a prompt on an account: look at records, try code on them, keep what works"
  static let usage = "repl [options]"
  static let examples = [
    "refold repl", "refold repl --account acme --backend remote",
    "echo 'refold.actions(\"hubspot\")' | refold repl --json",
  ]
  static let options = [
    Options.Declared("--account", "NAME  the linked account; REFOLD_ACCOUNT is the default"),
    Options.Declared("--backend", "sandbox|remote  where actions run"),
    Options.Declared("-e", "CODE  run code first; '--eval' is the same"),
    Options.Declared("--eval", "CODE  as '-e'"),
    Options.Declared("--eval-file", "FILE  run a file first, as ':load' does"),
    Options.Declared(
      "--json", "print each result of a pipe as a JSON document", takesValue: false),
    Options.Declared("--memory", "SIZE  of all values together; 256M is the default"),
    Options.Declared("--no-history", "neither read nor keep what is typed", takesValue: false),
    Options.Declared(
      "--rate", "NUMBER|off  calls a second for an account of the remote backend; 20 is the default"
    ),
    Options.Declared("--timeout", "TIME  for each line; none is the default"),
    Options.Declared(
      "--verbose", "show repeated attempts, and the calls that led to a failure", takesValue: false),
  ]

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    guard options.words.isEmpty else {
      throw CommandError.usage(
        "unexpected '\(options.words[0])': a file is given with '--eval-file'", command: name)
    }
    let memory = options.value("--memory")
    guard let bytes = memory.map(Quantities.bytes) ?? .some(256 << 20) else {
      throw CommandError.usage("'\(memory ?? "")' is no size: use 64M, 1G or bytes", command: name)
    }
    let workbench = try workbench(options, context, memoryBytes: bytes)
    if let text = options.value("--timeout") { try workbench.settings.set("timeout", to: text) }
    workbench.settings.isVerbose = options.has("--verbose")
    StopSignal.keepProcess()
    let isTerminal =
      Descriptor.standardInput.isTerminal && Descriptor.standardOutput.isTerminal
      && !options.has("--json")
    var first: [String] = []
    if let path = options.value("--eval-file") { first.append(":load \(path)") }
    if let code = options.value("-e") ?? options.value("--eval") { first.append(code) }
    for entry in first {
      let status = try workbench.enter(entry)
      if status != 0 && !isTerminal { return status }
    }
    guard isTerminal else { return try PlainLoop(workbench: workbench).run() }
    workbench.columns = { Descriptor.standardOutput.terminalColumns }
    return try TerminalLoop(workbench).run(
      isDumb: ["dumb", ""].contains(context.environment["TERM"] ?? ""))
  }

  private static func workbench(
    _ options: Options, _ context: CommandContext, memoryBytes: Int
  ) throws -> Workbench {
    let backend = try context.backend(options)
    let account = try context.account(options, on: backend)
    var console = context.console
    if let key = key(context) {
      let redactor = Redactor(key)
      console.redact = { redactor.redact($0) }
    }
    let shown = console
    let isVerbose = options.has("--verbose")
    let config = try context.config()
    let configuration = Lane.Configuration(
      rules: EffectRules(overrides: config.effects),
      rateLimit: try context.rateLimit(options, name, on: backend),
      log: { shown.log($0) }, onRetry: { if isVerbose { shown.retry($0) } },
      onLastWrites: { _, writes in shown.waiting(for: writes) },
      store: SQLiteStateStore(databasePath: context.statePath))
    let lane = Lane(backend: try backend.make(), configuration)
    let lanes = ReplLanes(context: context, choice: backend, configuration: configuration)
    console.note("backend: \(backend.name) (\(backend.location)), account: \(account)")
    let isKept = Descriptor.standardInput.isTerminal && !options.has("--no-history")
    return try Workbench(
      lane, lanes, account: account, console: console, isJSON: options.has("--json"),
      memoryBytes: memoryBytes,
      history: isKept
        ? HistoryFile(path: HistoryFile.path(context.environment), redact: console.redact)
        : HistoryFile(), projectPermissions: config.permissions)
  }

  /// The key, so that it can be kept out of what is shown and kept; nil when there is none.
  private static func key(_ context: CommandContext) -> SecretString? {
    let environment = (try? context.projectEnvironment()) ?? context.environment
    let credentials = try? Credentials.load(environment: environment) { path in
      try Files.status(path) == nil ? nil : try Files.readPrivate(path)
    }
    if let credentials { return credentials.key }
    let text = environment["REFOLD_API_KEY"] ?? ""
    return text.isEmpty ? nil : SecretString(text)
  }
}
