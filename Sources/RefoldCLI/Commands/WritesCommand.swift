import Posix
import RefoldActions
import RefoldRuntime

/// `refold writes`: the writes of the journal, and what became of those whose outcome nobody knows.
enum WritesCommand: Command {
  static let name = "writes"
  static let summary = "List the writes of the journal, show one, or say what became of one"
  static let usage = "writes ls|show|reconcile [RUN STEP] [options]"
  static let examples = [
    "refold writes ls --unknown", "refold writes show last 3",
    "refold writes reconcile last 3 --look-up", "refold writes reconcile last 3 --absent",
    "refold writes reconcile last 3 --applied='{\"id\":\"1001\"}'",
  ]
  static let options =
    [
      Options.Declared("--absent", "it was certainly not applied", takesValue: false),
      Options.Declared("--account", "NAME  only writes for this account"),
      Options.Declared(
        "--applied", "[=JSON]  it was found applied; JSON is its answer's data",
        isValueOptional: true),
      Options.Declared("--json", "print one JSON document, also for failures", takesValue: false),
      Options.Declared("--limit", "NUMBER  of writes to list; 20 is the default"),
      Options.Declared(
        "--look-up", "find out whether it was applied, by what is known about the app",
        takesValue: false),
      Options.Declared("--run", "RUN  only writes of this run"),
      SettleOption.declared,
      Options.Declared("--unknown", "only writes of unknown outcome", takesValue: false),
    ]
    + CommandContext.backendOptions.filter {
      ["--backend", "--rate", "--timeout"].contains($0.name)
    }

  /// The exit code while a write of unknown outcome is among what was asked for.
  private static let unknownStatus = RunFailure.Kind.action(.unknownOutcome).exitStatus

  private static let verbs = ["ls": 0, "show": 2, "reconcile": 2]
  private static let particular = [
    "--absent": "reconcile", "--applied": "reconcile", "--look-up": "reconcile",
    "--settle": "reconcile", "--backend": "reconcile", "--rate": "reconcile",
    "--timeout": "reconcile", "--account": "ls", "--limit": "ls", "--run": "ls", "--unknown": "ls",
  ]

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    let (verb, words) = try arguments(options)
    let step = words.count == 2 ? try number(words[1]) : 0
    let decision = verb == "reconcile" ? try decision(options, context) : nil
    let limit = try RunsCommand.limit(options, command: name)
    let store = SQLiteStateStore(databasePath: context.statePath)
    defer { store.close() }
    // Looking makes no file.
    let isThere = (try? Files.status(context.statePath)) != nil
    if isThere { try store.openAndWait() }
    let journal = Journal(store)
    let report = WritesReport(console: context.console, options: options)
    if verb == "ls" {
      if !isThere, let run = options.value("--run") { throw RunsCommand.missing(run) }
      let (listed, unknown) =
        isThere
        ? try journal.writes(
          account: options.value("--account"), run: options.value("--run"),
          onlyUnknown: options.has("--unknown"), limit: limit)
        : ([], 0)
      try report.list(listed, unknown: unknown)
      return unknown > 0 ? unknownStatus : 0
    }
    guard isThere else { throw RunsCommand.missing(words[0]) }
    guard verb == "reconcile" else {
      let write = try journal.write(step, of: words[0])
      try report.show(write)
      return write.isUnknown ? unknownStatus : 0
    }
    let found =
      try decision
      ?? WriteLookUp(context: context, options: options, journal: journal)
      .decision(step, of: words[0])
    let (run, open) = try journal.reconcile(
      step, of: words[0], found, by: decision == nil ? .lookUp : .person)
    try report.reconciled(try journal.write(step, of: run), open: open)
    return open.isEmpty ? 0 : unknownStatus
  }

  private static func arguments(
    _ options: Options
  ) throws(CommandError) -> (verb: String, words: [String]) {
    guard let verb = options.words.first else {
      throw .usage("'ls', 'show' or 'reconcile' is needed", command: name)
    }
    guard let count = verbs[verb] else {
      let nearest = NearestName.of(verb, in: verbs.keys.sorted()).map { "did you mean '\($0)'? " }
      throw CommandError(
        code: "usage", message: "unknown writes command '\(verb)'",
        hint: "\(nearest ?? "")See 'refold help \(name)'")
    }
    let words = Array(options.words.dropFirst())
    guard words.count == count else {
      if words.count == 3, options.has("--applied") {
        throw .usage("the answer goes behind '=', as in --applied='\(words[2])'", command: name)
      }
      throw .usage(
        "'writes \(verb)' "
          + (count == 0 ? "takes no run; '--run' does" : "needs a run and the number of a step"),
        command: name)
    }
    for (option, home) in particular.sorted(by: { $0.key < $1.key })
    where home != verb && options.has(option) {
      throw .usage("'\(option)' goes with '\(home)'", command: name)
    }
    return (verb, words)
  }

  private static func number(_ text: String) throws(CommandError) -> Int {
    guard let number = Int(text), number > 0 else {
      throw .usage("a step is a number from 1, not '\(text)'", command: name)
    }
    return number
  }

  /// What the command line says; nil when the write is to be looked up.
  private static func decision(
    _ options: Options, _ context: CommandContext
  ) throws(CommandError) -> Resumption.Decision? {
    let isLookedUp = options.has("--look-up")
    if options.has("--settle"), !isLookedUp {
      throw .usage("'--settle' goes with '--look-up'", command: name)
    }
    switch (options.all("--applied").count, options.has("--absent"), isLookedUp) {
    case (1, false, false):
      return try AppliedAnswer.decision(
        options.value("--applied") ?? "", context, example: "--applied='{\"id\":\"1001\"}'")
    case (0, true, false): return .absent
    case (0, false, true): return nil
    default:
      throw .usage(
        "one of '--look-up', '--applied[=JSON]' and '--absent' is needed, once", command: name)
    }
  }
}
