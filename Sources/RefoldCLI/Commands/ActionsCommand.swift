import RefoldActions
import RefoldRuntime

/// `refold actions`: lists apps, an app's actions, or an action's parameters.
enum ActionsCommand: Command {
  static let name = "actions"
  static let summary =
    "List the apps, the actions of an app with their effects, or the parameters of an action"
  static let usage = "actions [APP [ACTION]] [options]"
  static let examples = [
    "refold actions", "refold actions hubspot", "refold actions hubspot create_contact",
  ]
  static let options = CommandContext.backendOptions

  private static let code = """
    return function(input)
      if input.action then return refold.schema(input.app, input.action) end
      if input.app then return refold.actions(input.app) end
      return refold.apps()
    end
    """

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    guard options.words.count <= 2 else {
      throw CommandError.usage("an app and an action at most", command: name)
    }
    let members = zip(["app", "action"], options.words).map { "\"\($0)\":\(JSONText.quoted($1))" }
    return try context.perform(
      .inline(code, name: "(actions)"), options, command: name,
      input: Array("{\(members.joined(separator: ","))}".utf8))
  }
}
