import LuaSyntax
import Posix
import RefoldActions
import RefoldRuntime

/// `:plan`: what a line or a script would write and change, without any of it.
extension Workbench {
  func plan(_ rest: String) throws -> Int32 {
    guard !rest.isEmpty else { throw usage(.plan, "nothing to plan") }
    var options = RunOptions(account: session.account)
    options.mode = "plan"
    // Nothing is written, so it does not matter whether lines may write; what the project permits does.
    options.permissions = session.permissions.filter { $0.source != Session.writesOff }
    if let timeout = settings.timeout { options.budget.time = timeout }
    if let path = plannedScript(rest) {
      let json = String(rest.dropFirst(path.count).drop { $0.isWhitespace })
      options.input = json.isEmpty ? nil : Array(json.utf8)
      let generation = try ScriptStore(.containing(path)).current(path, account: session.account)
      return try plan(generation, reference: path, options)
    }
    let number = source.count + 1
    note(source: rest)
    let (code, input) = try apart(rest, at: number)
    options.input = input
    let generation = try ScriptStore().inline(code, name: Session.place, account: session.account)
    return try plan(generation, reference: nil, options)
  }

  /// The script that is meant by the first word; nil when all of it is a line of Lua.
  private func plannedScript(_ rest: String) -> String? {
    let word = String(rest.prefix { !$0.isWhitespace })
    if word.hasSuffix(".lua") { return word }
    // `contacts/upsert` is Lua for nobody; a name alone is, so it counts when there is such a script and no such value.
    let isName = word == rest && session.copy(of: word) == nil
    guard word.contains("/") || isName, !word.contains("(") else { return nil }
    let project = Project.containing(word)
    let isThere = (try? Files.status("\(project.scripts)/\(word).lua")) != nil
    return isThere ? word : nil
  }

  /// A line as code that runs apart from the session, and the data of the session that it uses.
  private func apart(
    _ text: String, at number: Int
  ) throws -> (code: String, input: [UInt8]) {
    let compiled: CompiledLine
    switch session.read(text, at: number) {
    case .ready(let line): compiled = line
    case .unfinished(let failure), .wrong(let failure): throw failure
    }
    var (head, data) = ("", [(name: String, value: String)]())
    for name in Self.names(in: text) {
      switch session.copy(of: name) {
      case nil: break
      case .data(let json):
        data.append((name, String(decoding: json, as: UTF8.self)))
        head += "local \(name) = refold.input.\(name) "
      case .module(let module): head += "local \(name) = require(\"\(module)\") "
      case .file(let path): head += SavedScript.require(path) + " "
      case .other(let type):
        throw CommandError(
          code: "not_planned",
          message: "':plan' runs a line apart from the session, and '\(name)' is a \(type) that "
            + "can't be given to it",
          hint: "put it into a file, and use ':load FILE' or ':plan FILE'")
      }
    }
    let isValue = compiled.kind != .statements
    // Errors name the line of the session, so the code begins that far down.
    let above = String(repeating: "\n", count: max(0, number - 1))
    return (
      above + head + (isValue ? "return " : "") + text, Array(JSONText.object(data).utf8)
    )
  }

  /// The names in a line that are not fields of something.
  private static func names(in text: String) -> [String] {
    let source = Array(text.utf8)
    let tokens = LuaToken.list(in: source)
    var names: [String] = []
    for (index, token) in tokens.enumerated() where token.kind == .name {
      let before = index > 0 ? tokens[index - 1].text(in: source) : ""
      let name = token.text(in: source)
      if [".", ":"].contains(before) || names.contains(name) { continue }
      names.append(name)
    }
    return names
  }

  private func plan(
    _ generation: Generation, reference: String?, _ options: RunOptions
  ) throws -> Int32 {
    let planner = Planner()
    let (context, number) = (lanes.context, UInt32.random(in: .min ... .max))
    let store = ScratchStateStore(
      of: context.statePath, at: "\(context.statePath)-plan-\(number)")
    defer { store.close() }
    var configuration = lanes.configuration
    let (console, isVerbose) = (console, settings.isVerbose)
    // What a script says that it has done, it has not.
    configuration.log = { line in
      if isVerbose || ![.debug, .info].contains(line.level) {
        console.log(planner.readable(line))
      }
    }
    (configuration.planner, configuration.store) = (planner, store)
    let outcome = Lane(backend: backend, configuration).run(generation, options)
    session.forgetStop()
    var failure: RunFailure?
    if case .failure(let reason) = outcome.result, !planner.takesAsEnd(reason) { failure = reason }
    let plan = Plan(
      planner, generation, reference: reference, options, project: context.project,
      backend: (lanes.choice.name, context.place(of: lanes.choice)))
    return try show(plan, outcome.statistics, failure)
  }

  private func show(
    _ plan: Plan, _ statistics: RunStatistics, _ failure: RunFailure?
  ) throws -> Int32 {
    let noOptions = try Options([], for: ReplCommand.name, taking: [])
    let report = PlanReport(console: console, options: noOptions)
    if isJSON, failure == nil {
      try console.data(redacted(Report.success(plan.summaryJSON)))
    } else if !isJSON, failure == nil || !plan.writes.isEmpty || !plan.changes.isEmpty {
      try console.line(report.text(of: plan, isWhole: failure == nil))
    }
    for warning in plan.warnings { console.note("warning: \(warning)") }
    var status: Int32 = 0
    if let failure {
      status = try self.report(failure)
    } else if let end = plan.end {
      var ending = PlanReport.failure(end, path: nil)
      ending.hint = "what comes behind it can be planned when it is known"
      console.failure(ending) { [source] in Self.line($0, of: source) }
      status = PlanReport.partial
    }
    console.note(PlanReport.counts(statistics))
    return status
  }
}
