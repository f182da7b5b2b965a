import Lua
import Posix
import RefoldActions
import RefoldRuntime

/// `refold state`: shows and changes what scripts keep with `refold.store` and `refold.once`.
enum StateCommand: Command {
  static let name = "state"
  static let summary = "List, show, set or delete what scripts keep between their runs"
  static let usage = "state ls|get|set|delete [KEY] [JSON|@file|-] [options]"
  static let examples = [
    "refold state ls --account acme",
    "refold state get cursor --script contacts/import",
    "refold state set cursor '\"2026-01-31\"' --script contacts/import",
    "refold state delete --once welcome:ada@example.com",
  ]
  static let options = [
    Options.Declared(
      "--account", "NAME  the linked account; REFOLD_ACCOUNT is the default, and all for 'ls'"),
    Options.Declared("--json", "print one JSON document, also for failures", takesValue: false),
    Options.Declared("--once", "the keys of refold.once, instead of values", takesValue: false),
    Options.Declared("--script", "NAME  such as contacts/import, or the path of the script"),
  ]

  private static let verbs = ["ls": 0...0, "get": 1...1, "set": 2...2, "delete": 1...1]

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    guard let verb = options.words.first else {
      throw CommandError.usage("'ls', 'get', 'set' or 'delete' is needed", command: name)
    }
    guard let counts = verbs[verb] else {
      let nearest = NearestName.of(verb, in: verbs.keys.sorted()).map { "did you mean '\($0)'? S" }
      throw CommandError(
        code: "usage", message: "unknown state command '\(verb)'",
        hint: "\(nearest ?? "s")ee 'refold help \(name)'")
    }
    let words = Array(options.words.dropFirst())
    guard counts.contains(words.count) else {
      let needed =
        ["ls": "takes no key", "set": "needs a key and a value"][verb] ?? "needs one key"
      throw CommandError.usage("'state \(verb)' \(needed)", command: name)
    }
    let state = ProjectState(databasePath: context.statePath)
    defer { state.close() }
    if verb == "ls" { return try list(state, options, context) }
    let account = try account(options, context)
    if options.has("--once") {
      guard verb == "delete" else {
        throw CommandError.usage("'--once' goes with 'ls' and 'delete'", command: name)
      }
      return try report(state.allowAgain(words[0], account: account), words[0], options, context)
    }
    guard let script = options.value("--script") else {
      throw CommandError.usage(
        "'--script' is needed: the same key is another one for another script", command: name)
    }
    let shelf = StateShelf(account: account, script: Script.stateName(of: script))
    switch verb {
    case "get": return try show(state.value(of: words[0], on: shelf), words[0], options, context)
    case "set":
      try state.set(try value(words[1], context), at: words[0], on: shelf)
      if options.has("--json") { try context.console.data(Report.success(Array("true".utf8))) }
      return 0
    default: return try report(state.delete(words[0], on: shelf), words[0], options, context)
    }
  }

  private static func account(
    _ options: Options, _ context: CommandContext
  ) throws -> String {
    let environment = try context.projectEnvironment()
    let given = options.value("--account") ?? environment["REFOLD_ACCOUNT"] ?? ""
    if !given.isEmpty { return given }
    guard (environment["REFOLD_API_KEY"] ?? "").isEmpty else {
      throw CommandError(
        code: "missing_account", message: "no linked account",
        hint: "give '--account NAME', or set REFOLD_ACCOUNT")
    }
    return "demo-user-1"
  }

  private static func value(
    _ text: String, _ context: CommandContext
  ) throws(CommandError) -> [UInt8] {
    let json = try context.document(text)
    do throws(JSONScanError) {
      var scanner = JSONScanner(json, maximumDepth: 1000)
      _ = try scanner.members { (_, _) in }
      try scanner.finish()
    } catch {
      throw CommandError(
        code: "value_not_json", message: "the value can't be used: \(error.description)",
        hint: "write JSON: a text is '\"…\"' with its quotes inside those of the shell")
    }
    return json
  }

  // MARK: - Output

  private static func show(
    _ value: [UInt8]?, _ key: String, _ options: Options, _ context: CommandContext
  ) throws -> Int32 {
    guard let value else { throw missing(key, options) }
    try context.console.data(
      options.has("--json") ? Report.success(value) : value + [UInt8(ascii: "\n")])
    return 0
  }

  private static func report(
    _ isDone: Bool, _ key: String, _ options: Options, _ context: CommandContext
  ) throws -> Int32 {
    guard isDone else { throw missing(key, options) }
    if options.has("--json") { try context.console.data(Report.success(Array("true".utf8))) }
    return 0
  }

  private static func missing(_ key: String, _ options: Options) -> CommandError {
    CommandError(
      code: "no_such_key", message: "no key '\(key)' there",
      hint: options.has("--once")
        ? "see 'refold state ls --once', and its accounts"
        : "see 'refold state ls', and its accounts and scripts", exitStatus: 1)
  }

  private static func list(
    _ state: ProjectState, _ options: Options, _ context: CommandContext
  ) throws -> Int32 {
    let script = options.value("--script").map(Script.stateName)
    let account = options.value("--account")
    let isOnce = options.has("--once")
    let rows =
      isOnce
      ? try state.claims(account: account).map {
        [
          ("account", $0.account), ("key", $0.key), ("state", $0.state), ("since", $0.since),
          ("until", $0.until ?? ""),
        ]
      }
      : try state.listing(account: account, script: script).map {
        [
          ("account", $0.account), ("script", $0.script), ("key", $0.key),
          ("bytes", String($0.bytes)), ("changed", $0.changed),
        ]
      }
    if options.has("--json") {
      let objects = rows.map { row in
        JSONText.object(
          row.filter { !$0.1.isEmpty }.map { (name, text) in
            (name: name, value: name == "bytes" ? text : JSONText.quoted(text))
          })
      }
      try context.console.data(Report.success(Array("[\(objects.joined(separator: ","))]".utf8)))
      return 0
    }
    guard let first = rows.first else {
      context.console.note(isOnce ? "no keys of refold.once" : "no values")
      return 0
    }
    var table = TextTable(first.map { $0.0.uppercased() })
    for row in rows { table.add(row.map { TextTable.Cell($0.1) }) }
    let lines = table.lines(context.console.style, columns: context.console.columns)
    try context.console.line(lines.joined(separator: "\n"))
    return 0
  }
}
