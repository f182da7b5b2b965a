import Posix
import RefoldActions
import RefoldRuntime

/// `refold apply`: sends the writes of a plan, if the apps are still as they were when it was made.
enum ApplyCommand: Command {
  static let name = "apply"
  static let summary = "Send the writes of a plan, unless what it rests on has moved"
  static let usage = "apply PLAN [options]"
  static let examples = [
    "refold apply plan.json",
    "refold apply plan.json --yes --json",
    "refold apply plan.json --mark 3=applied",
    "refold apply plan.json --settle 2m",
  ]
  static let options =
    CommandContext.backendOptions.filter { $0.name != "--timeout" } + [
      Options.Declared(
        "--mark", "NUMBER=applied|unsent  say what became of a write whose outcome is unknown"),
      Options.Declared(
        "--no-look-up", "leave a write of unknown outcome unknown, instead of looking it up",
        takesValue: false),
      Options.Declared(
        "--partial", "apply a plan that ends before the script does", takesValue: false),
      SettleOption.declared,
      Options.Declared("--yes", "do not ask", takesValue: false),
    ] + FaultOptions.options

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    guard let path = options.words.first else { throw CommandError.usage("no plan", command: name) }
    guard options.words.count == 1 else {
      throw CommandError.usage("one plan at a time, not '\(options.words[1])' too", command: name)
    }
    let plan = try PlanReading(context: context, options: options).plan(path)
    let choice = try context.backend(options)
    try PlanReading(context: context, options: options).check(plan, path, choice)
    context.console.note(
      "backend: \(choice.name) (\(choice.location)), account: \(plan.account)")
    try context.makeStateFolder()
    let ledger = try AppliedPlans(databasePath: context.plansPath)
    let store = SQLiteStateStore(databasePath: context.statePath)
    defer { store.close() }
    let lane = try lane(options, context, choice)
    let config = try context.config()
    let application = PlanApplication(
      plan, lane: lane, ledger: ledger, state: store,
      permissions: config.permissions.map { [$0] } ?? [])
    let lookUp = try AppliedLookUp(context, options, choice)
    if !options.has("--no-look-up") { application.lookUp = { lookUp.verdict(on: $0) } }
    _ = try ledger.prune(
      olderThan: config.journalRetention ?? Journal.standardRetention, keeping: application.id,
      state: store)
    try mark(application.id, ledger, plan, options)
    defer { FaultOptions.noteMissed(choice.faults, context.console) }
    return try apply(plan, path, application, ledger, options, context)
  }

  private static func apply(
    _ plan: Plan, _ path: String, _ application: PlanApplication, _ ledger: AppliedPlans,
    _ options: Options, _ context: CommandContext
  ) throws -> Int32 {
    let record = try ledger.record(of: application.id)
    let report = ApplyReport(console: context.console, options: options, plan: plan, path: path)
    if let ended = record?.ended { return try report.showApplied(earlier: ended) }
    if record == nil, try ledger.mayBeForgotten(plan) { throw report.forgotten }
    if plan.end != nil, !options.has("--partial") { throw report.partial }
    let applied = record?.writes.values.count { $0.state == .applied } ?? 0
    if record != nil {
      context.console.note(
        "going on with a plan that was begun at \(record?.begun ?? ""): "
          + "\(OutcomeReport.counted(applied, "write")) applied before")
    }
    if let end = try application.settleUnknown() {
      return try report.show(end, application, applied: applied)
    }
    let drift = try application.drift()
    if !drift.isEmpty { return try report.showDrift(drift) }
    try confirm(plan, application, applied, options, context)
    let end = try application.send(onChange: report.progress) { report.progress($0) }
    return try report.show(end, application, applied: applied)
  }

  private static func lane(
    _ options: Options, _ context: CommandContext, _ choice: BackendChoice
  ) throws -> Lane {
    let console = context.console
    let isVerbose = options.has("--verbose")
    return Lane(
      backend: try choice.make(),
      .init(
        rateLimit: try context.rateLimit(options, name, on: choice),
        onRetry: { if isVerbose { console.retry($0) } }))
  }

  /// Notes what a person says about writes whose outcome is unknown.
  private static func mark(
    _ id: String, _ ledger: AppliedPlans, _ plan: Plan, _ options: Options
  ) throws {
    for text in options.all("--mark") {
      let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, let number = Int(parts[0]), ["applied", "unsent"].contains(parts[1])
      else {
        throw CommandError.usage(
          "'--mark' takes NUMBER=applied or NUMBER=unsent, not '\(text)'", command: name)
      }
      guard try ledger.record(of: id)?.writes[number]?.state == .sent else {
        throw CommandError(
          code: "write_not_unknown",
          message: "the outcome of write \(number) is not unknown, so there is nothing to mark",
          hint: "apply the plan without '--mark' to see how it stands")
      }
      try ledger.note(parts[1] == "applied" ? .applied : .refused, number, of: id)
    }
  }

  private static func question(_ plan: Plan, writes: Int) -> String {
    var parts: [String] = []
    if writes > 0 || plan.changes.isEmpty {
      parts.append("Send \(OutcomeReport.counted(writes, "write")) to \(plan.backend)")
    }
    if !plan.changes.isEmpty {
      parts.append(
        (parts.isEmpty ? "Make " : "and make ")
          + "\(OutcomeReport.counted(plan.changes.count, "change")) of the project's state")
    }
    return "\(parts.joined(separator: " ")) for \(plan.account)? [y/N] "
  }

  /// Asks a person, who is shown what would be sent.
  private static func confirm(
    _ plan: Plan, _ application: PlanApplication, _ applied: Int, _ options: Options,
    _ context: CommandContext
  ) throws {
    if options.has("--yes") || plan.isEmpty { return }
    guard Descriptor.standardInput.isTerminal else {
      throw CommandError(
        code: "usage", message: "'apply' asks before it sends, and there is no terminal to ask on",
        hint: "give '--yes' when nobody has to be asked")
    }
    var console = context.console
    console.style = console.noteStyle
    console.note(PlanReport(console: console, options: options).text(of: plan))
    // What was typed or pasted ahead was not meant for this question.
    while Descriptor.standardInput.isReadable(within: .zero) {
      if try Descriptor.standardInput.read(upTo: 4096).isEmpty { break }
    }
    console.fragment(
      question(plan, writes: plan.effective.count - applied - application.adopted))
    let answer = try Descriptor.standardInput.read(upTo: 256)
    let word = String(decoding: answer, as: UTF8.self).lowercased().filter { !$0.isWhitespace }
    guard ["y", "yes"].contains(word) else {
      throw CommandError(code: "declined", message: "nothing was sent", exitStatus: 1)
    }
  }
}

/// Looking up the writes of a plan whose outcome was not noted.
struct AppliedLookUp {
  private let context: CommandContext
  private let options: Options
  private let choice: BackendChoice
  private let settle: Duration
  /// How long the look-ups themselves may take, beside the waiting.
  private static let patience = Duration.seconds(600)

  /// - Throws: `CommandError` for a `--settle` that is no duration.
  init(_ context: CommandContext, _ options: Options, _ choice: BackendChoice) throws {
    self.choice = choice
    self.context = context
    self.options = options
    settle =
      try SettleOption.given(options, command: ApplyCommand.name)
      ?? SettleOption.standard(context)
  }

  /// Looks a write up, and says what it came to.
  func verdict(on sent: SentWrite) -> SentWrite.Verdict {
    let since = sent.givenUp.map { SystemTime.sinceEpoch() - $0 } ?? .zero
    // The clock may have been set back meanwhile.
    let left = min(max(.zero, settle - since), settle)
    let write = sent.write
    let question = LookUpQuestion(
      app: write.app, action: write.action, account: write.account,
      parameters: sent.parameters, began: sent.began, made: sent.made, left: left,
      remaining: left + Self.patience)
    let name = "write \(write.number), \(write.name)"
    let verdict: SentWrite.Verdict
    do {
      verdict = try question.ask(
        on: choice, context, options, command: ApplyCommand.name)
    } catch {
      let reason = (error as? RunFailure)?.message ?? "\(error)"
      return .unknown("the look-up failed: \(reason)")
    }
    switch verdict {
    case .applied(_, let why): context.console.note("\(name): \(why); adopted")
    case .absent(let why): context.console.note("\(name): \(why); it counts as unsent")
    case .unknown: break
    }
    return verdict
  }
}

/// Reading a plan's file, and whether it may be applied here.
struct PlanReading {
  let context: CommandContext
  let options: Options

  func plan(_ path: String) throws(CommandError) -> Plan {
    let text: [UInt8]
    do {
      text =
        path == "-"
        ? try Descriptor.standardInput.readAll(limit: Files.defaultLimit) : try Files.read(path)
    } catch {
      let isMissing = error.code == .notFound
      throw CommandError(
        code: isMissing ? "plan_not_found" : "plan_unreadable",
        message: isMissing ? "no plan '\(path)'" : "can't read the plan '\(path)': \(error.reason)",
        hint: "make one with 'refold plan SCRIPT --out FILE'")
    }
    do {
      return try PlanFile.plan(in: text)
    } catch {
      throw CommandError(
        code: error.code, message: "the plan '\(path)' \(error.message)", hint: error.hint)
    }
  }

  /// Refuses a plan of another project, backend or account, and one of a script that has changed.
  func check(_ plan: Plan, _ path: String, _ choice: BackendChoice) throws(CommandError) {
    let again = "make the plan again with '\(plan.making(path))'"
    let project = Plan.folder(of: .working())
    guard project == plan.project else {
      throw CommandError(
        code: "plan_project",
        message:
          "the plan '\(path)' is for the project '\(plan.project)', and this one is '\(project)'",
        hint: "apply it there, or make a plan here")
    }
    let place = context.place(of: choice)
    guard choice.name == plan.backend, place == plan.location else {
      throw CommandError(
        code: "plan_backend",
        message: "the plan '\(path)' is for the backend \(plan.backend) (\(plan.location)), "
          + "and this is \(choice.name) (\(place))",
        hint: "choose it with '--backend' and the environment, or \(again)")
    }
    if let account = options.value("--account"), account != plan.account {
      throw CommandError(
        code: "plan_account",
        message: "the plan '\(path)' is for the account '\(plan.account)', not '\(account)'",
        hint: "leave '--account' out, or make a plan for '\(account)'")
    }
    if let file = plan.changedFile {
      throw CommandError(
        code: "plan_script",
        message: "'\(file)' has changed since the plan '\(path)' was made", hint: again)
    }
  }
}
