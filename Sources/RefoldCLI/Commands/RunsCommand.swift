import Posix
import RefoldActions
import RefoldRuntime

/// `refold runs`: looks into the journal, and takes up runs that did not return.
enum RunsCommand: Command {
  static let name = "runs"
  static let summary =
    "List the runs of the journal, show their steps, resume, cancel or export one, or remove old ones"
  static let usage = "runs ls|show|resume|fork|cancel|prune|export|import [RUN|FILE] [options]"
  static let examples = [
    "refold runs ls --account acme", "refold runs show last",
    "refold runs resume run_7wad5wgf4g3snx4h5rpw",
    "refold runs resume 7wad --absent 3",
    "refold runs fork last --from 4 --with scripts/fixed.lua",
    "refold runs cancel last",
    "refold runs export last --out run.jsonl", "refold runs import run.jsonl",
    "refold runs prune --older-than 168h",
  ]
  static let options =
    CommandContext.backendOptions + [
      Options.Declared("--absent", "STEP  of unknown outcome: it was not applied, send it"),
      Options.Declared(
        "--applied", "STEP[=JSON]  of unknown outcome: it was applied; JSON is its answer's data"),
      Options.Declared("--from", "STEP  the first step that a fork does not take over"),
      Options.Declared("--limit", "NUMBER  of runs to list; 20 is the default"),
      Options.Declared(
        "--no-look-up", "end at a write of unknown outcome, instead of looking it up",
        takesValue: false),
      Options.Declared("--memory", "SIZE  such as 64M, the default, or 1G"),
      Options.Declared("--older-than", "TIME  since the end of the runs that are removed"),
      Options.Declared("--out", "FILE  where a run is exported to; standard output is the default"),
      Options.Declared(
        "--redact", "email,NAME,…  what an export hides too, beside keys, tokens and passwords"),
      SettleOption.declared,
      Options.Declared("--script", "NAME  such as contacts/import, or the path of the script"),
      Options.Declared("--with", "SCRIPT  that a fork runs"),
      Options.Declared(
        "--yes", "fork even from before writes, which may be sent again", takesValue: false),
    ] + RunLimits.options

  private static let verbs = [
    "ls": 0, "show": 1, "resume": 1, "fork": 1, "cancel": 1, "prune": 0, "export": 1, "import": 1,
  ]

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    guard let verb = options.words.first else {
      throw CommandError.usage(
        "'ls', 'show', 'resume', 'fork', 'cancel', 'prune', 'export' or 'import' is needed",
        command: name)
    }
    guard let count = verbs[verb] else {
      let nearest = NearestName.of(verb, in: verbs.keys.sorted()).map { "did you mean '\($0)'? " }
      throw CommandError(
        code: "usage", message: "unknown runs command '\(verb)'",
        hint: "\(nearest ?? "")See 'refold help \(name)'")
    }
    let words = Array(options.words.dropFirst())
    guard words.count == count else {
      throw CommandError.usage(
        "'runs \(verb)' "
          + (count == 0
            ? "takes no run" : verb == "import" ? "needs one file" : "needs the id of one run"),
        command: name)
    }
    if verb == "resume" { return try RunResumption(context, options, words[0]).run() }
    if verb == "fork" { return try RunFork(context: context, options: options, id: words[0]).run() }
    let imported = verb == "import" ? try RunTransfer.read(words[0]) : nil
    let store = SQLiteStateStore(databasePath: context.statePath)
    defer { store.close() }
    // Looking makes no file.
    let isThere = (try? Files.status(context.statePath)) != nil
    if isThere || imported != nil { try store.openAndWait() }
    let journal = Journal(store)
    let transfer = RunTransfer(context: context, options: options, journal: journal)
    if let imported { return try transfer.add(imported) }
    let report = RunsReport(console: context.console, options: options)
    switch verb {
    case "ls":
      let limit = try limit(options, command: name)
      return try report.list(isThere ? try runs(journal, options, limit) : [])
    case "show":
      guard isThere else { throw missing(words[0]) }
      let run = try journal.run(words[0])
      return try report.show(
        run, try journal.steps(of: run.id, withReplies: options.has("--verbose")),
        try journal.logs(of: run.id))
    case "export":
      guard isThere else { throw missing(words[0]) }
      return try transfer.export(words[0])
    case "cancel":
      guard isThere else { throw missing(words[0]) }
      return try report.cancelled(try journal.cancel(words[0]))
    default:
      let age = try age(options, try context.config())
      let removed = isThere ? try journal.prune(olderThan: age) : 0
      if options.has("--json") {
        try context.console.data(Report.success(Array("{\"removed\":\(removed)}".utf8)))
      } else {
        try context.console.line("\(OutcomeReport.counted(removed, "run")) removed")
      }
      return 0
    }
  }

  static func missing(_ id: String) -> ActionError {
    ActionError(
      kind: .permanent, code: "no_such_run", message: "no run '\(id)' in the journal",
      hint: "see 'refold runs ls'")
  }

  static func limit(_ options: Options, command: String) throws(CommandError) -> Int {
    let text = options.value("--limit") ?? "20"
    guard let limit = Int(text), (1...100_000).contains(limit) else {
      throw .usage(
        "'--limit' takes a number from 1 to 100000, not '\(text)'", command: command)
    }
    return limit
  }

  private static func runs(
    _ journal: Journal, _ options: Options, _ limit: Int
  ) throws -> [RunRecord] {
    try journal.runs(
      account: options.value("--account"), script: options.value("--script").map(Script.stateName),
      limit: limit)
  }

  private static func age(_ options: Options, _ config: ProjectConfig) throws -> Duration {
    guard let text = options.value("--older-than") else {
      return config.journalRetention ?? Journal.standardRetention
    }
    guard let age = Quantities.duration(text) else {
      throw CommandError.usage(
        "'\(text)' is no duration: use 500ms, 30s, 10m, 2h or seconds", command: name)
    }
    return age
  }
}
