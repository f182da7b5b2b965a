import LuaSyntax
import Posix
import RefoldActions
import RefoldCheck
import RefoldRuntime

/// `refold check`: finds mistakes in Lua files without running them.
enum CheckCommand: Command {
  static let name = "check"
  static let summary = "Find mistakes in the scripts of a project without running them"
  static let usage = "check [PATH…] [options]"
  static let examples = [
    "refold check", "refold check scripts/contacts/import.lua",
    "refold check --format github", "refold check --backend remote --account acme",
  ]
  static let options = [
    Options.Declared("--account", "NAME  whose actions are asked for on the remote backend"),
    Options.Declared("--backend", "sandbox|remote  whose actions count; sandbox is the default"),
    Options.Declared("--format", "pretty|json|github  how findings are written"),
    Options.Declared("--json", "the same as '--format json'", takesValue: false),
    Options.Declared("--rate", "NUMBER|off  calls a second on the remote backend"),
    Options.Declared(
      "--refresh", "ask the remote backend again, though its answers of the last hour are kept",
      takesValue: false),
    Options.Declared("--strict", "count warnings as errors", takesValue: false),
    Options.Declared("--timeout", "TIME  that asking the backend may take; 60s is the default"),
  ]

  /// The exit code when something was found.
  private static let failed: Int32 = 3

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    let report = CheckReport(format: try format(options), style: context.console.style)
    let paths = try LuaPaths.find(options.words)
    var files: [CheckReport.File] = []
    var checked: [(index: Int, file: CheckedFile)] = []
    let modules = ProjectModules()
    for path in paths {
      if let failure = LuaPaths.leadsOut(path) {
        let finding = Finding.ofFile(Rules.outsideCode, failure.message, hint: failure.hint)
        files.append(.init(path: path, source: LuaSource([]), findings: [finding]))
        continue
      }
      let source: [UInt8]
      do throws(CommandError) {
        source = try read(path)
      } catch {
        let finding = Finding.ofFile(Rules.unreadableCode, error.message, hint: error.hint)
        files.append(.init(path: path, source: LuaSource([]), findings: [finding]))
        continue
      }
      var file = CheckReport.File(path: path, source: LuaSource(source), findings: [])
      do throws(LuaSyntaxError) {
        if let zero = source.firstIndex(of: 0) {
          throw LuaSyntaxError(
            message: "byte \(zero) is NUL: a script is text",
            line: file.source.line(of: zero), offset: zero)
        }
        let parsed = try CheckedFile(path: path, source: source)
        modules.add(parsed)
        checked.append((files.count, parsed))
      } catch {
        file.findings = [error.finding(in: source)]
      }
      files.append(file)
    }
    let effects = statedEffects()
    let known = try actions(for: checked.map(\.file), effects, options, context)
    let project = CheckedProject(
      actions: known,
      declarations: .init(
        config: DeclarationNames.config, budget: DeclarationNames.budget,
        environment: DeclarationNames.environment, inputTypes: DeclarationNames.inputTypes,
        accountFolder: { AccountFolder.name(of: $0) }),
      effects: EffectRules(overrides: effects),
      module: { modules.module($0, from: $1) }, moduleNames: { modules.names(from: $0) })
    for (index, file) in checked { files[index].findings = project.findings(in: file) }
    return try finish(files, report, options, context.console)
  }

  private static func format(_ options: Options) throws(CommandError) -> CheckReport.Format {
    if options.has("--json") { return .json }
    guard let text = options.value("--format") else { return .pretty }
    guard let format = CheckReport.Format(rawValue: text) else {
      throw .usage("'--format' is 'pretty', 'json' or 'github', not '\(text)'", command: name)
    }
    return format
  }

  private static func read(_ path: String) throws(CommandError) -> [UInt8] {
    do {
      return try Files.read(path, limit: Script.maximumBytes)
    } catch {
      throw CommandError(
        code: "unreadable_file", message: "can't read '\(path)': \(error.reason)",
        hint: "check that it is a Lua file that you may read, of at most 1 MiB")
    }
  }

  /// What the backend offers; nothing is asked for when no file names an app.
  private static func actions(
    for files: [CheckedFile], _ effects: [String: Effect], _ options: Options,
    _ context: CommandContext
  ) throws -> KnownActions {
    var wanted: [String: Set<String>] = [:]
    for file in files {
      for app in file.appNames { wanted[app, default: []] = wanted[app] ?? [] }
      for (app, action) in file.actionNames { wanted[app, default: []].insert(action) }
    }
    let lookUp = SchemaLookUp(context: context, options: options, command: name)
    let choice = try lookUp.choice()
    guard !wanted.isEmpty else { return KnownActions(backend: choice.name) }
    guard choice.name != "sandbox" else {
      return try parsed(lookUp.json(wanted: wanted, effects: effects))
    }
    let cache = SchemaCache(
      folder: context.stateFolder, backend: choice,
      account: try context.account(options, on: choice), wanted: wanted, effects: effects)
    if !options.has("--refresh"), let body = cache.read(now: SystemTime.sinceEpoch()) {
      return try parsed((choice.name, body))
    }
    let answer = try lookUp.json(wanted: wanted, effects: effects)
    cache.write(answer.body, now: SystemTime.sinceEpoch())
    return try parsed(answer)
  }

  /// The effects that the project's config states, read off its file: a check runs nothing.
  private static func statedEffects() -> [String: Effect] {
    guard let folder = ProjectConfig.projectFolder(),
      let source = try? Files.read("\(folder)/refold.lua", limit: Script.maximumBytes),
      let config = try? CheckedFile(path: "refold.lua", source: source)
    else { return [:] }
    return config.statedEffects
  }

  private static func parsed(_ answer: (backend: String, body: [UInt8])) throws -> KnownActions {
    try KnownActions(backend: answer.backend, json: answer.body)
  }

  private static func finish(
    _ files: [CheckReport.File], _ report: CheckReport, _ options: Options, _ console: Console
  ) throws -> Int32 {
    let all = files.flatMap(\.findings)
    let errors = all.count { $0.severity == .error }
    let warnings = all.count - errors
    let isFailed = errors > 0 || (options.has("--strict") && warnings > 0)
    let lines = files.flatMap(report.lines)
    if report.format == .json {
      let data = JSONText.object([
        "files": String(files.count), "errors": String(errors), "warnings": String(warnings),
        "findings": JSONText.array(lines),
      ])
      let document = JSONText.object([
        "format_version": "1", "ok": String(!isFailed), "data": data, "warnings": "[]",
      ])
      try console.data(Array((document + "\n").utf8))
    } else if !lines.isEmpty {
      try console.line(lines.joined(separator: "\n"))
    }
    console.note(
      "\(counted(files.count, "file")): \(counted(errors, "error")), \(counted(warnings, "warning"))"
    )
    return isFailed ? failed : 0
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
