import Lua
import Posix
import RefoldActions
import RefoldCheck
import RefoldRuntime
import RefoldSandbox

/// Asks a backend which apps and actions there are, and which parameters some of them take.
struct SchemaLookUp {
  let context: CommandContext
  let options: Options
  let command: String

  // Looked up by the same code that scripts use, with its retries and its errors.
  private static let code = """
    return function(wanted)
      local found = { apps = refold.array({}), actions = refold.object({}) }
      local known = {}
      for _, app in ipairs(refold.apps()) do
        found.apps[#found.apps + 1] = app.slug
        known[app.slug] = true
      end
      for app, ids in pairs(wanted) do
        if known[app] then
          local actions, asked = refold.object({}), {}
          for _, action in ipairs(refold.actions(app)) do
            actions[action.action_id] = { effect = action.effect }
            if ids[action.action_id] then asked[#asked + 1] = action.action_id end
          end
          local schemas = refold.map(asked, function(id) return refold.schema(app, id) end)
          for index, id in ipairs(asked) do actions[id].parameters = schemas[index] end
          found.actions[app] = actions
        end
      end
      return found
    end
    """

  /// The backend that is asked: the sandbox, unless the options say otherwise.
  func choice() throws -> BackendChoice {
    switch options.value("--backend") ?? "sandbox" {
    case "sandbox":
      // Its apps are part of the program, so no file is needed.
      return BackendChoice(name: "sandbox", location: ":memory:") {
        SandboxBackend(databasePath: ":memory:")
      }
    default: return try context.backend(options)
    }
  }

  /// Returns what the backend answers, as JSON: `{ apps: [slug], actions: { app: { id: { effect, parameters? } } } }`.
  ///
  /// - Parameter wanted: The actions by app whose parameters are asked for.
  func json(
    wanted: [String: Set<String>], effects: [String: Effect]
  ) throws -> (backend: String, body: [UInt8]) {
    let input = JSONText.object(
      wanted.sorted { $0.key < $1.key }.map { app, ids in
        (app, JSONText.object(ids.sorted().map { ($0, "true") }))
      })
    return try json(code: Self.code, input: input, effects: effects)
  }

  /// Runs a look-up that is written as a script, and returns what it answers.
  func json(
    code: String, input: String, effects: [String: Effect] = [:]
  ) throws -> (backend: String, body: [UInt8]) {
    let choice = try choice()
    let timeout = try context.timeout(options, command) ?? .seconds(60)
    // The sandbox is a fresh one, whose first account has all apps connected.
    let account =
      choice.name == "sandbox" ? "demo-user-1" : try context.account(options, on: choice)
    var runOptions = RunOptions(account: account, input: Array(input.utf8), timeout: timeout)
    runOptions.budget.memoryBytes = 512 << 20
    let lane = Lane(
      backend: try choice.make(),
      .init(
        rules: EffectRules(overrides: effects),
        rateLimit: try context.rateLimit(options, command, on: choice), log: { _ in }))
    let outcome = lane.run(.inline(code, name: "(schemas)"), runOptions)
    do {
      return (choice.name, try outcome.result.get())
    } catch var failure {
      // The line is one of the look-up, which is not the user's.
      failure.location = nil
      throw failure
    }
  }
}
