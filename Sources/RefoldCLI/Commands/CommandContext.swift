import Posix
import RefoldActions
import RefoldRuntime
import RefoldSandbox

/// What all commands share: the environment, the console, the options that choose backend and account.
struct CommandContext {
  /// The variables of the process.
  let environment: [String: String]
  var console: Console
  /// The project that the run's script belongs to; nil for the one of the working folder.
  var scriptProject: Project?
  private let configs = KnownConfigs()

  init(environment: [String: String], console: Console) {
    self.environment = environment
    self.console = console
  }

  /// The project that counts: its config, and its state.
  var project: Project { scriptProject ?? .working() }

  static let backendOptions = [
    Options.Declared("--account", "NAME  the linked account; REFOLD_ACCOUNT is the default"),
    Options.Declared("--backend", "sandbox|remote|replay:FOLDER  where actions run"),
    Options.Declared("--json", "print one JSON document, also for failures", takesValue: false),
    Options.Declared(
      "--rate", "NUMBER|off  calls a second for an account of the remote backend; 20 is the default"
    ),
    Options.Declared("--timeout", "TIME  such as 500ms, 30s, 10m; 10m is the default"),
    Options.Declared(
      "--verbose", "show repeated attempts, and the calls that led to a failure", takesValue: false),
  ]

  /// The sandbox's database: `sandbox.db` in the state folder of the project.
  var databasePath: String { "\(stateFolder)/sandbox.db" }

  /// The database of what scripts keep: `state.db` in the state folder of the project.
  var statePath: String { "\(stateFolder)/state.db" }

  /// The record of what plans have been applied: `plans.db` in the state folder of the project.
  var plansPath: String { "\(stateFolder)/plans.db" }

  /// Where a backend is, the same from whatever folder it is named.
  func place(of choice: BackendChoice) -> String {
    guard choice.name == "sandbox", let folder = try? Folders.resolve(stateFolder) else {
      return choice.location
    }
    return "\(folder)/sandbox.db"
  }

  /// The folder of what the program keeps for a project.
  var stateFolder: String {
    if let folder = environment["REFOLD_STATE_DIR"], !folder.isEmpty { return folder }
    return project.path(".refold")
  }

  func makeStateFolder() throws(CommandError) {
    let folder = databasePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    do {
      try Folders.create(folder.joined(separator: "/"))
    } catch {
      throw CommandError(
        code: "state_folder",
        message: "can't create the state folder '\(error.path ?? databasePath)': \(error.reason)",
        hint: "set REFOLD_STATE_DIR to a folder that you may write", exitStatus: 1)
    }
  }

  /// The variables of the process, with those in place of others that the project's config names.
  func projectEnvironment() throws(RunFailure) -> [String: String] {
    try config().environment(from: environment)
  }

  /// Chooses the backend: `--backend`, else that of the project, else remote when a key is set, else the sandbox.
  ///
  /// - Parameter isForScript: Whether a script is run, which a recording can answer.
  func backend(_ options: Options, isForScript: Bool = false) throws -> BackendChoice {
    if let name = options.value("--backend"), let folder = Replay.folder(in: name) {
      return try Replay(folder, isForScript: isForScript).choice
    }
    let faults = try FaultOptions.plan(options, console)
    let hasKey = !(try projectEnvironment()["REFOLD_API_KEY"] ?? "").isEmpty
    let stated = try options.value("--backend") ?? config().backend
    switch stated ?? (hasKey ? "remote" : "sandbox") {
    case "sandbox":
      try makeStateFolder()
      let path = databasePath
      return BackendChoice(name: "sandbox", location: path, faults: faults) {
        SandboxBackend(databasePath: path, faults: faults)
      }
    case "remote":
      if faults != nil {
        throw CommandError(
          code: "usage", message: "'--fault' is for the sandbox, and this is the remote backend",
          hint: "add '--backend sandbox'")
      }
      return try remote()
    case let name:
      throw CommandError(
        code: "unknown_backend", message: "unknown backend '\(name)'",
        hint: "use 'sandbox', 'remote', or 'replay:' and the folder of a recording")
    }
  }

  private func remote() throws -> BackendChoice {
    do {
      let credentials = try Credentials.load(environment: try projectEnvironment()) { path in
        try Files.status(path) == nil ? nil : try Files.readPrivate(path)
      }
      return BackendChoice(name: "remote", location: credentials.baseURL.description) {
        try RemoteBackend(.init(credentials: credentials, version: Version.number))
      }
    } catch let error as CredentialsError {
      throw CommandError(code: error.code.rawValue, message: error.message, hint: error.hint)
    } catch let error as PosixError {
      throw CommandError(code: "credentials_file", message: error.message, hint: error.hint)
    }
  }

  /// Reads `refold.lua` of the project, which need not have one.
  func config() throws(RunFailure) -> ProjectConfig {
    let folder = project.folder
    if let known = configs.byFolder[folder] { return known }
    let isThere = ProjectConfig.isThere(in: folder)
    let config = try isThere ? ProjectConfig(folder: folder) : ProjectConfig()
    configs.byFolder[folder] = config
    return config
  }

  /// The account: `--account`, `REFOLD_ACCOUNT`, or the sandbox's first.
  func account(_ options: Options, on backend: BackendChoice) throws -> String {
    if let given = options.value("--account") {
      if !given.isEmpty { return given }
      throw CommandError(
        code: "account_empty", message: "'--account' is empty",
        hint: "give the id of a linked account, or leave the option out")
    }
    let stated = try projectEnvironment()["REFOLD_ACCOUNT"]
    if let stated, !stated.isEmpty { return stated }
    if let replay = backend.replay { return try replay.onlyAccount() }
    guard backend.name == "sandbox" else {
      throw CommandError(
        code: "missing_account", message: "no linked account",
        hint: "give '--account NAME', or set REFOLD_ACCOUNT")
    }
    return "demo-user-1"
  }

  func timeout(_ options: Options, _ command: String) throws(CommandError) -> Duration? {
    guard let text = options.value("--timeout") else { return nil }
    guard let duration = Quantities.duration(text) else {
      throw .usage("'\(text)' is no duration: use 500ms, 30s, 10m or seconds", command: command)
    }
    return duration
  }

  /// The rate of calls: the API's own for the remote backend, none for the sandbox.
  func rateLimit(
    _ options: Options, _ command: String, on backend: BackendChoice
  ) throws(CommandError) -> RateLimit? {
    guard let text = options.value("--rate") else {
      return backend.name == "remote" ? RateLimit() : nil
    }
    if text == "off" { return nil }
    guard let number = Double(text), number > 0, number <= 1_000_000 else {
      throw .usage("'\(text)' is no rate: use calls a second, or 'off'", command: command)
    }
    return RateLimit(perSecond: number, burst: max(1, number / 4))
  }

  /// Reads JSON text, `@file`, or `-` for standard input.
  func document(_ text: String) throws(CommandError) -> [UInt8] {
    let path = text.hasPrefix("@") ? String(text.dropFirst()) : nil
    do throws(PosixError) {
      if text == "-" { return try Descriptor.standardInput.readAll(limit: Files.defaultLimit) }
      if let path { return try Files.read(path) }
    } catch {
      let place = path.map { "from '\($0)'" } ?? "from standard input"
      throw CommandError(
        code: "unreadable_input", message: "can't read the input \(place): \(error.reason)",
        hint: "give JSON text, '@' and the path of a file, or '-' for standard input")
    }
    return Array(text.utf8)
  }

  /// Says what is run, where, and for which account.
  func announce(_ generation: Generation, _ choice: BackendChoice, _ account: String) {
    if generation.isEmpty { console.note("warning: script '\(generation.script)' is empty") }
    console.note("backend: \(choice.name) (\(choice.location)), account: \(account)")
    guard generation.isOverride else { return }
    let over = generation.basePath.map { ", over \($0)" } ?? ""
    console.note("script: \(generation.script)\(over)")
  }

  /// The journal of runs, unless the command line or the project's config turns it off.
  func journal(_ options: Options, _ config: ProjectConfig, _ store: SQLiteStateStore) -> Journal? {
    guard config.isJournaled, !options.has("--no-journal") else { return nil }
    return Journal(store, retention: config.journalRetention ?? Journal.standardRetention)
  }

  /// Runs code on the chosen backend, and prints its result or its failure.
  ///
  /// For a user's script the project's config counts, counts of its calls follow, and failures point into it.
  ///
  /// - Parameters:
  ///   - present: Turns the result into lines for people; nil prints it as JSON.
  ///   - given: The account; nil for the one that the command line or the environment names.
  ///   - resuming: Takes up the run that is resumed.
  func perform(
    _ code: CommandCode, _ options: Options, command: String, input: [UInt8]?,
    limits: RunLimits = RunLimits(), present: (([UInt8]) throws -> [String])? = nil,
    account given: String? = nil, resuming: ((Journal) throws -> Resumption)? = nil
  ) throws -> Int32 {
    let choice = try backend(options, isForScript: code.isUsers)
    let account = try given ?? account(options, on: choice)
    let generation = try code.generation(for: account)
    let isUserScript = code.isUsers
    let taping = try Taping(
      self, options, script: Script.stateName(of: generation.script), choice, accounts: [account])
    let config = isUserScript ? try self.config() : ProjectConfig()
    var runOptions = try limits.runOptions(
      timeout: try timeout(options, command), config: config, input: input)
    runOptions.account = account
    if case .inline(let text, _) = code { runOptions.source = Array(text.utf8) }
    taping.prepare(&runOptions)
    let isJSON = options.has("--json")
    runOptions.isResultPretty = !isJSON && present == nil
    let rateLimit = try rateLimit(options, command, on: choice)
    announce(generation, choice, account)
    let console = console
    let isVerbose = options.has("--verbose")
    let store = SQLiteStateStore(databasePath: statePath)
    defer { store.close() }
    var configuration = Lane.Configuration(
      rules: EffectRules(overrides: config.effects), rateLimit: rateLimit,
      log: { console.log($0) }, onRetry: { if isVerbose { console.retry($0) } },
      onDecision: { limits.audit?.add($0, console) },
      onLastWrites: { _, writes in console.waiting(for: writes) }, store: taping.store(store))
    if isUserScript, !taping.isReplay { configuration.journal = journal(options, config, store) }
    if taping.isReplay { configuration.skipWaits(computingFor: runOptions.budget.time) }
    if let resuming {
      try store.openAndWait()
      let journal = configuration.journal ?? Journal(store)
      configuration.journal = journal
      runOptions.resumption = try resuming(journal)
    }
    let lane = Lane(backend: taping.backend(try choice.make()), configuration)
    try limits.audit?.open()
    let outcome = taping.judged(lane.run(generation, runOptions), of: account)
    if case .success(let data) = outcome.result, let present {
      try console.line(try present(data).joined(separator: "\n"))
      return 0
    }
    let status = try OutcomeReport(
      console: console, options: options, isUserScript: isUserScript
    ).show(outcome)
    FaultOptions.noteMissed(choice.faults, console)
    return taping.save([outcome], status)
  }
}

/// The configs that a command has read, so that each is run once.
private final class KnownConfigs {
  var byFolder: [String: ProjectConfig] = [:]
}
