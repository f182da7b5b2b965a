import Posix
import RefoldRuntime

/// `refold runs fork`: a new run that goes on with a fixed script from a step of another run.
struct RunFork {
  let context: CommandContext
  let options: Options
  let id: String

  func run() throws -> Int32 {
    let command = RunsCommand.name
    guard let text = options.value("--from"), let script = options.value("--with") else {
      throw CommandError.usage("'--from STEP' and '--with SCRIPT' are needed", command: command)
    }
    guard let step = Int(text), step > 0 else {
      throw CommandError.usage(
        "'--from' takes the number of a step, not '\(text)'", command: command)
    }
    let limits = try RunLimits(options, command: command)
    let code = CommandCode.script(script, ScriptStore(.containing(script)))
    let record = try RunResumption.record(id, in: context)
    try record.requireOwn()
    try RunResumption.checkBackend(of: record, options, context)
    let generation = try code.generation(for: record.account)
    let given = generation.basePath ?? generation.script
    let place = (
      name: Script.stateName(of: given), path: (try? Folders.resolve(given)) ?? given
    )
    var context = context
    let console = context.console
    context.scriptProject = RunCommand.project(of: code)
    return try context.perform(
      code, options, command: command, input: record.input, limits: limits,
      account: record.account,
      resuming: { journal in
        let fork = try journal.fork(
          record.id, from: step, script: place, repeatsWrites: options.has("--yes"))
        console.note("run: \(fork.run.id), from step \(step) of \(record.id)")
        return fork
      })
  }
}
