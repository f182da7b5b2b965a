import Lua
import Posix
import RefoldActions
import RefoldRuntime

/// `refold plan`: shows what a script would write, and sends none of it.
enum PlanCommand: Command {
  static let name = "plan"
  static let summary = "Show what a script would write, field by field, without writing it"
  static let usage = "plan SCRIPT|-e CODE [options]"
  static let examples = [
    "refold plan scripts/contacts/import.lua",
    "refold plan scripts/contacts/import.lua --out plan.json",
    "refold plan scripts/contacts/import.lua --detailed-exitcode",
  ]
  static let options =
    CommandContext.backendOptions + [
      Options.Declared(
        "--all-accounts", "not for a plan, which is for one account", takesValue: false),
      Options.Declared(
        "--detailed-exitcode", "exit with 5 when something would change", takesValue: false),
      Options.Declared("--input", "JSON|@file|-  the script's input"),
      Options.Declared("-e", "CODE  run code instead of a file"),
      Options.Declared("--memory", "SIZE  such as 64M, the default, or 1G"),
      Options.Declared("--out", "FILE  keep the plan, for 'refold apply'"),
    ] + RunLimits.options

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    let limits = try RunLimits(options, command: name)
    guard !options.has("--all-accounts"), options.all("--account").count < 2 else {
      throw CommandError(
        code: "usage", message: "a plan is for one account",
        hint: "make a plan for each account, with its own '--out'")
    }
    let input = try options.value("--input").map { try context.document($0) }
    let code = try RunCommand.code(options, command: name)
    var context = context
    context.scriptProject = RunCommand.project(of: code)
    let choice = try context.backend(options)
    let config = try context.config()
    var runOptions = try limits.runOptions(
      timeout: try context.timeout(options, name), config: config, input: input)
    runOptions.account = try context.account(options, on: choice)
    let generation = try code.generation(for: runOptions.account)
    runOptions.mode = "plan"
    context.announce(generation, choice, runOptions.account)
    let planner = Planner()
    let number = UInt32.random(in: .min ... .max)
    let store = ScratchStateStore(of: context.statePath, at: "\(context.statePath)-plan-\(number)")
    defer { store.close() }
    let console = context.console
    let isVerbose = options.has("--verbose")
    var configuration = Lane.Configuration(
      rules: EffectRules(overrides: config.effects),
      rateLimit: try context.rateLimit(options, name, on: choice),
      // What a script says that it has done, it has not.
      log: { line in
        if isVerbose || ![.debug, .info].contains(line.level) {
          console.log(planner.readable(line))
        }
      },
      onRetry: { if isVerbose { console.retry($0) } },
      onDecision: { limits.audit?.add($0, console) }, store: store)
    configuration.planner = planner
    try limits.audit?.open()
    let outcome = Lane(backend: try choice.make(), configuration).run(generation, runOptions)
    var failure: RunFailure?
    if case .failure(let reason) = outcome.result, !planner.takesAsEnd(reason) { failure = reason }
    var reference: String?
    if case .script(let name, _) = code { reference = name }
    let plan = Plan(
      planner, generation, reference: reference, runOptions, project: context.project,
      backend: (choice.name, context.place(of: choice)))
    if failure == nil { try keep(plan, options) }
    return try PlanReport(console: console, options: options)
      .show(plan, outcome.statistics, failure: failure)
  }

  /// Writes the plan into the file of `--out`, for nobody else to read.
  private static func keep(_ plan: Plan, _ options: Options) throws(CommandError) {
    guard let path = options.value("--out") else { return }
    do {
      try Files.write(PlanFile.text(of: plan), to: path, mode: 0o600)
    } catch {
      throw CommandError(
        code: "plan_unwritable", message: "can't write the plan to '\(path)': \(error.reason)",
        hint: "name a file in a folder that you may write", exitStatus: 1)
    }
  }
}
