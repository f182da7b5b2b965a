import Lua
import RefoldActions
import RefoldRuntime

/// `refold diff`: shows in what a script differs between customers.
enum DiffCommand: Command {
  static let name = "diff"
  static let summary = "Show side by side in what a script differs between accounts"
  static let usage = "diff SCRIPT --account NAME --account NAME [options]"
  static let examples = [
    "refold diff contacts/upsert --account acme --account globex",
    "refold diff contacts/upsert --account acme --account globex --all",
  ]
  static let options = [
    Options.Declared("--account", "NAME  an account to compare; two at least"),
    Options.Declared("--all", "show also what is the same", takesValue: false),
    Options.Declared("--backend", "sandbox|remote  where a script asks while it loads"),
    Options.Declared("--json", "print one JSON document, also for failures", takesValue: false),
  ]

  /// The script of one account.
  private struct Side {
    let account: String
    let generation: Generation
    let values: [String: String]
  }

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    guard options.words.count == 1, let reference = options.words.first else {
      throw CommandError.usage("one script is needed", command: name)
    }
    let accounts = options.all("--account")
    guard accounts.count > 1, Set(accounts).count == accounts.count else {
      throw CommandError.usage("two accounts are needed, each once", command: name)
    }
    let store = ScriptStore(.containing(reference))
    var context = context
    if ProjectConfig.isThere(in: store.project.folder) { context.scriptProject = store.project }
    let choice = try context.backend(options)
    let config = try context.config()
    let console = context.console
    let lane = Lane(
      backend: try choice.make(),
      .init(rules: EffectRules(overrides: config.effects), log: { console.log($0) }))
    let sides = try accounts.map { account in
      let generation = try store.current(reference, account: account)
      var runOptions = RunOptions(account: account, timeout: .seconds(30), mode: "diff")
      runOptions.permissions = config.permissions.map { [$0] } ?? []
      var values = try lane.describe(generation, runOptions).values
      values["(file)"] = generation.script
      return Side(account: account, generation: generation, values: values)
    }
    try show(sides, reference, options, console)
    return 0
  }

  private static func show(
    _ sides: [Side], _ reference: String, _ options: Options, _ console: Console
  ) throws {
    let names = Set(sides.flatMap(\.values.keys)).sorted()
    let different = names.filter { name in Set(sides.map { $0.values[name] }).count > 1 }
    if options.has("--json") {
      return try console.data(Report.success(json(sides, reference, different)))
    }
    let shown = options.has("--all") ? names : different
    if shown.isEmpty {
      return console.note("'\(reference)' is the same for \(list(sides.map(\.account)))")
    }
    var table = TextTable([""] + sides.map(\.account))
    for name in shown {
      table.add(
        [.init(name, different.contains(name) ? .bold : .faint)]
          + sides.map { .init($0.values[name] ?? "-") })
    }
    try console.line(
      table.lines(console.style, columns: console.columns).joined(separator: "\n"))
    console.note("\(OutcomeReport.counted(different.count, "difference")) in '\(reference)'")
  }

  private static func list(_ accounts: [String]) -> String {
    accounts.dropLast().joined(separator: ", ") + " and \(accounts.last ?? "")"
  }

  // { script, accounts: [{ account, file, base?, values }], different: [path] }
  private static func json(
    _ sides: [Side], _ reference: String, _ different: [String]
  ) -> [UInt8] {
    let accounts = sides.map { side in
      var members: [(name: String, value: String)] = [
        ("account", JSONText.quoted(side.account)),
        ("file", JSONText.quoted(side.generation.script)),
      ]
      if let base = side.generation.basePath { members.append(("base", JSONText.quoted(base))) }
      members.append(("generation", JSONText.quoted(side.generation.hash)))
      let values = side.values.filter { $0.key != "(file)" }.sorted { $0.key < $1.key }
      members.append(
        ("values", JSONText.object(values.map { ($0.key, JSONText.quoted($0.value)) })))
      return JSONText.object(members)
    }
    return Array(
      JSONText.object([
        "script": JSONText.quoted(reference), "accounts": JSONText.array(accounts),
        "different": JSONText.array(different.filter { $0 != "(file)" }.map(JSONText.quoted)),
      ]).utf8)
  }
}
