import RefoldActions
import RefoldRuntime

/// `refold dlq`: looks at the records that scripts gave up, and tries them again.
enum DeadLetterCommand: Command {
  static let name = "dlq"
  static let summary = "List, show, retry, drop or export the records that scripts gave up"
  static let usage = "dlq ls|show|retry|drop|export [ID…|last] [options]"
  static let examples = [
    "refold dlq ls --account acme", "refold dlq show last", "refold dlq retry 7wad 9k2f",
    "refold dlq retry --all --script contacts/import", "refold dlq drop 7wad",
    "refold dlq export > letters.jsonl",
  ]
  static let options =
    [
      Options.Declared("--account", "NAME  only the letters of this linked account"),
      Options.Declared(
        "--all", "all letters, or those of '--account' and '--script'", takesValue: false),
      Options.Declared("--script", "NAME  such as contacts/import, or the path of the script"),
      Options.Declared("--memory", "SIZE  such as 64M, the default, or 1G"),
      Options.Declared(
        "--no-journal", "record nothing of the runs, so that they cannot be resumed",
        takesValue: false),
    ] + CommandContext.backendOptions.filter { $0.name != "--account" } + RunLimits.options

  private static let verbs = ["ls", "show", "retry", "drop", "export"]

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    guard let verb = options.words.first else {
      throw CommandError.usage(
        "'ls', 'show', 'retry', 'drop' or 'export' is needed", command: name)
    }
    guard verbs.contains(verb) else {
      let nearest = NearestName.of(verb, in: verbs).map { "did you mean '\($0)'? " }
      throw CommandError(
        code: "usage", message: "unknown dlq command '\(verb)'",
        hint: "\(nearest ?? "")See 'refold help \(name)'")
    }
    let words = Array(options.words.dropFirst())
    try check(verb, words, options)
    let store = SQLiteStateStore(databasePath: context.statePath)
    defer { store.close() }
    let letters = try DeadLetters(store)
    let report = DeadLetterReport(console: context.console, options: options)
    switch verb {
    case "ls": return try report.list(try listed(letters, options))
    case "show":
      guard let letter = try letters.letter(try letters.find(words[0])) else {
        throw missing(words[0])
      }
      return try report.show(letter)
    case "export":
      for id in try ids(words, letters, options) {
        if let letter = try letters.letter(id) { try report.export(letter) }
      }
      return 0
    case "drop":
      let ids = try ids(words, letters, options)
      for id in ids { try letters.drop(id) }
      return try report.dropped(ids)
    default:
      let ids = try ids(words, letters, options)
      let retry = try DeadLetterRetry(context, options, letters, store)
      return try report.retried(try retry.run(ids), of: ids.count)
    }
  }

  /// Whether the words go with the verb.
  private static func check(
    _ verb: String, _ words: [String], _ options: Options
  ) throws(CommandError) {
    let selects = options.has("--all")
    switch verb {
    case "ls" where !words.isEmpty: throw .usage("'dlq ls' takes no id", command: name)
    case "show" where words.count != 1:
      throw .usage("'dlq show' needs one id", command: name)
    case _ where selects && ["ls", "show"].contains(verb):
      throw .usage("'--all' goes with 'retry', 'drop' and 'export'", command: name)
    case "retry", "drop":
      if words.isEmpty, !selects {
        throw .usage("'dlq \(verb)' needs ids, or '--all'", command: name)
      }
    default: break
    }
    let isFiltered =
      selects || options.value("--account") != nil || options.value("--script") != nil
    if !words.isEmpty, isFiltered {
      throw .usage("give ids, or '--all' with '--account' and '--script'", command: name)
    }
  }

  private static func ids(
    _ words: [String], _ letters: DeadLetters, _ options: Options
  ) throws -> [String] {
    if words.isEmpty { return try listed(letters, options).map(\.id) }
    var ids: [String] = []
    for word in words {
      let id = try letters.find(word)
      if !ids.contains(id) { ids.append(id) }
    }
    return ids
  }

  private static func listed(
    _ letters: DeadLetters, _ options: Options
  ) throws -> [DeadLetter] {
    try letters.list(
      account: options.value("--account"), script: options.value("--script").map(Script.stateName))
  }

  private static func missing(_ id: String) -> CommandError {
    CommandError(
      code: "no_such_letter", message: "no dead letter '\(id)'", hint: "see 'refold dlq ls'",
      exitStatus: 1)
  }
}
