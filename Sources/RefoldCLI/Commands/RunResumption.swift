import Posix
import RefoldActions
import RefoldRuntime

/// `refold runs resume`: starts a run's script again from the top, with what the journal knows.
struct RunResumption {
  private let context: CommandContext
  private let options: Options
  private let id: String
  private let command = RunsCommand.name

  init(_ context: CommandContext, _ options: Options, _ id: String) {
    self.context = context
    self.options = options
    self.id = id
  }

  func run() throws -> Int32 {
    let limits = try RunLimits(options, command: command)
    let decisions = try decisions()
    let given = try SettleOption.given(options, command: command)
    let run = try Self.record(id, in: context)
    try run.requireOwn()
    try Self.checkBackend(of: run, options, context)
    let code = code(of: run)
    var context = context
    context.scriptProject = RunCommand.project(of: code)
    let settle =
      options.has("--no-look-up") ? nil : try given ?? SettleOption.standard(context)
    return try context.perform(
      code, options, command: command, input: run.input, limits: limits, account: run.account,
      resuming: { journal in
        try journal.resumption(of: run.id, decisions: decisions, settle: settle)
      })
  }

  /// Refuses to go on elsewhere with what a run has done, unless the command line says where.
  static func checkBackend(
    of run: RunRecord, _ options: Options, _ context: CommandContext
  ) throws {
    let choice = try context.backend(options)
    let backend = "\(choice.name) \(choice.location)"
    guard backend == run.backend || options.has("--backend") else {
      throw CommandError(
        code: "other_backend",
        message: "run '\(run.id)' was made on \(run.backend), and this is \(backend)",
        hint: "go to where it was started, or choose with '--backend'")
    }
  }

  static func record(_ id: String, in context: CommandContext) throws -> RunRecord {
    guard (try? Files.status(context.statePath)) != nil else { throw RunsCommand.missing(id) }
    let store = SQLiteStateStore(databasePath: context.statePath)
    defer { store.close() }
    try store.openAndWait()
    return try Journal(store).run(id)
  }

  private func code(of run: RunRecord) -> CommandCode {
    if let source = run.source {
      return .inline(String(decoding: source, as: UTF8.self), ScriptStore())
    }
    let path = Self.shortest(run.path)
    return .script(path, ScriptStore(.containing(path)))
  }

  /// The path from the working directory, so that messages name the file as people do.
  static func shortest(_ path: String) -> String {
    guard let here = try? Folders.working(), path.hasPrefix(here + "/") else { return path }
    return String(path.dropFirst(here.count + 1))
  }

  private func decisions() throws -> [Int: Resumption.Decision] {
    var decisions: [Int: Resumption.Decision] = [:]
    for text in options.list("--absent") ?? [] {
      decisions[try step(text, "--absent")] = .absent
    }
    for text in options.all("--applied") {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let number = try step(String(parts[0]), "--applied")
      if decisions[number] != nil {
        throw CommandError.usage("step \(number) is either applied or absent", command: command)
      }
      decisions[number] = try AppliedAnswer.decision(
        parts.count == 2 ? String(parts[1]) : "", context,
        example: "--applied '3={\"id\":\"1001\"}'")
    }
    return decisions
  }

  private func step(_ text: String, _ option: String) throws(CommandError) -> Int {
    guard let number = Int(text), number > 0 else {
      throw .usage("'\(option)' takes the number of a step, not '\(text)'", command: command)
    }
    return number
  }
}
