import RefoldActions
import RefoldRuntime

/// `refold actions`: lists apps, an app's actions, or an action's parameters.
enum ActionsCommand: Command {
  static let name = "actions"
  static let summary =
    "List the apps, the actions of an app with their effects, or the parameters of an action"
  static let usage = "actions [APP [ACTION]] [options]"
  static let examples = [
    "refold actions", "refold actions hubspot", "refold actions hubspot --effect write",
    "refold actions hubspot create_contact",
  ]
  static let options =
    CommandContext.backendOptions + [
      Options.Declared("--effect", "read|write  only the actions with this effect"),
      Options.Declared("--search", "TEXT  only what has this text in its id, name or description"),
    ]

  // Looked up by the same code that scripts use, with its cache and its errors.
  static let code = """
    return function(input)
      if input.action then
        local found = { parameters = refold.schema(input.app, input.action) }
        for _, action in ipairs(refold.actions(input.app)) do
          if action.action_id == input.action then found.action = action end
        end
        return found
      end
      local function keep(entry)
        if input.effect and entry.effect ~= input.effect then return false end
        if not input.search then return true end
        for _, field in ipairs({ "action_id", "slug", "name", "description" }) do
          local text = entry[field]
          if type(text) == "string" and text:lower():find(input.search, 1, true) then return true end
        end
        return false
      end
      local kept = refold.array({})
      for _, entry in ipairs(input.app and refold.actions(input.app) or refold.apps()) do
        if keep(entry) then kept[#kept + 1] = entry end
      end
      return kept
    end
    """

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    guard options.words.count <= 2 else {
      throw CommandError.usage("an app and an action at most", command: name)
    }
    var members: [(name: String, value: String)] = []
    for (name, word) in zip(["app", "action"], options.words) {
      members.append((name, JSONText.quoted(word)))
    }
    if let effect = options.value("--effect") {
      guard Effect(rawValue: effect) != nil, options.words.count == 1 else {
        throw CommandError.usage(
          "'--effect' goes with an app and is 'read' or 'write'", command: name)
      }
      members.append(("effect", JSONText.quoted(effect)))
    }
    if let text = options.value("--search") {
      guard options.words.count < 2 else {
        throw CommandError.usage("'--search' goes without an action", command: name)
      }
      members.append(("search", JSONText.quoted(text.lowercased())))
    }
    let listing = ActionsListing(words: options.words, console: context.console)
    let isJSON = options.has("--json")
    return try context.perform(
      .builtIn(.inline(code, name: "(actions)")), options, command: name,
      input: Array(JSONText.object(members).utf8),
      present: isJSON ? nil : { try listing.lines(for: $0) })
  }
}
