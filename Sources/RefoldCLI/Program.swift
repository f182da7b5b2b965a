import Lua
import Posix
import RefoldActions
import RefoldRuntime

/// The program `refold`: finds the command, runs it, and turns what goes wrong into a message and an exit code.
public enum Program {
  private static var commands: [any Command.Type] {
    [
      RunCommand.self, PlanCommand.self, ApplyCommand.self, CheckCommand.self, ExecCommand.self,
      ActionsCommand.self, ReplCommand.self, RunsCommand.self, WritesCommand.self, NewCommand.self,
      DiffCommand.self, DeadLetterCommand.self, TestCommand.self, TypesCommand.self,
      SandboxCommand.self, StateCommand.self,
      VersionCommand.self,
    ]
  }

  /// Runs the program for this process, and ends it with the exit code.
  public static func start() -> Never {
    ThisProcess.exit(main(ThisProcess.arguments, environment: Environment.all()))
  }

  /// Runs the program and returns its exit code.
  ///
  /// - Parameters:
  ///   - arguments: The words behind the program's name.
  ///   - environment: The variables of the process.
  public static func main(_ arguments: [String], environment: [String: String]) -> Int32 {
    Signals.ignoreBrokenPipe()
    _ = StopSignal.install(Signals.Signal.interrupt.rawValue)
    var console = Console()
    let color = Options.color(in: arguments)
    console.style = TextStyle(color, environment, on: .standardOutput)
    console.noteStyle = TextStyle(color, environment, on: .standardError)
    do {
      return try dispatch(arguments, CommandContext(environment: environment, console: console))
    } catch let error as CommandError {
      if error.code != "broken_pipe" { report(error.asFailure, arguments, console) }
      return error.exitStatus
    } catch let failure as RunFailure {
      report(failure, arguments, console)
      return failure.kind.exitStatus
    } catch let error as ActionError {
      let failure = RunFailure(error)
      report(failure, arguments, console)
      return failure.kind.exitStatus
    } catch {
      console.note(String(describing: error))
      return 1
    }
  }

  private static func report(_ failure: RunFailure, _ arguments: [String], _ console: Console) {
    // The block on standard error tells the same, should standard output be gone.
    if arguments.contains("--json") { try? console.data(Report.failure(failure)) }
    console.failure(failure)
  }

  private static func dispatch(_ arguments: [String], _ context: CommandContext) throws -> Int32 {
    guard let name = arguments.first else {
      context.console.note(overview)
      return 2
    }
    if ["help", "--help", "-h"].contains(name) {
      guard let topic = arguments.dropFirst().first else {
        try context.console.line(overview)
        return 0
      }
      try context.console.line(try help(about: topic))
      return 0
    }
    if name == CrashCase.word {
      return try CrashCase.run(Array(arguments.dropFirst()), context)
    }
    let command = try command(named: name == "--version" ? "version" : name)
    let rest = Array(arguments.dropFirst())
    if rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
      try context.console.line(command.help)
      return 0
    }
    return try command.run(
      try Options(rest, for: name, taking: command.options + Options.common), context)
  }

  private static func help(about topic: String) throws(CommandError) -> String {
    if let command = commands.first(where: { $0.name == topic }) { return command.help }
    if let text = HelpTopics.texts[topic] { return text }
    let nearest = NearestName.of(topic, in: commands.map { $0.name } + HelpTopics.texts.keys)
    throw CommandError(
      code: "unknown_topic", message: "no help about '\(topic)'",
      hint: (nearest.map { "did you mean '\($0)'? S" } ?? "s") + "ee 'refold help'")
  }

  private static func command(named name: String) throws(CommandError) -> any Command.Type {
    if let command = commands.first(where: { $0.name == name }) { return command }
    let nearest = NearestName.of(name, in: commands.map { $0.name })
    throw CommandError(
      code: "unknown_command", message: "unknown command '\(name)'",
      hint: (nearest.map { "did you mean '\($0)'? S" } ?? "s") + "ee 'refold help'")
  }

  private static var overview: String {
    let width = 10
    let rows = commands.map { command in
      "  \(command.name)\(String(repeating: " ", count: width - command.name.count))\(command.summary)"
    }
    return """
      Examples:
        refold run scripts/contacts/import.lua
        refold exec hubspot get_contact limit=1

      usage: refold COMMAND [options]

      \(rows.joined(separator: "\n"))

      'refold help COMMAND' tells more, as does 'refold help' about \(HelpTopics.names).
      """
  }
}
