import Posix
import RefoldActions
import RefoldRuntime

/// `refold runs resume`: starts a run's script again from the top, with what the journal knows.
struct RunResumption {
  private let context: CommandContext
  private let options: Options
  private let id: String
  private let command = RunsCommand.name

  init(_ context: CommandContext, _ options: Options, _ id: String) {
    self.context = context
    self.options = options
    self.id = id
  }

  func run() throws -> Int32 {
    let limits = try RunLimits(options, command: command)
    let decisions = try decisions()
    let run = try record()
    let choice = try context.backend(options)
    let backend = "\(choice.name) \(choice.location)"
    guard backend == run.backend || options.has("--backend") else {
      throw CommandError(
        code: "other_backend",
        message: "run '\(run.id)' was made on \(run.backend), and this is \(backend)",
        hint: "go to where it was started, or choose with '--backend'")
    }
    let code = code(of: run)
    var context = context
    context.scriptProject = RunCommand.project(of: code)
    return try context.perform(
      code, options, command: command, input: run.input, limits: limits, account: run.account,
      resuming: { journal in try journal.resumption(of: run.id, decisions: decisions) })
  }

  private func record() throws -> RunRecord {
    guard (try? Files.status(context.statePath)) != nil else { throw RunsCommand.missing(id) }
    let store = SQLiteStateStore(databasePath: context.statePath)
    defer { store.close() }
    try store.openAndWait()
    return try Journal(store).run(id)
  }

  private func code(of run: RunRecord) -> CommandCode {
    if let source = run.source {
      return .inline(String(decoding: source, as: UTF8.self), ScriptStore())
    }
    let path = Self.shortest(run.path)
    return .script(path, ScriptStore(.containing(path)))
  }

  /// The path from the working directory, so that messages name the file as people do.
  static func shortest(_ path: String) -> String {
    guard let here = try? Folders.working(), path.hasPrefix(here + "/") else { return path }
    return String(path.dropFirst(here.count + 1))
  }

  private func decisions() throws -> [Int: Resumption.Decision] {
    var decisions: [Int: Resumption.Decision] = [:]
    for text in options.list("--absent") ?? [] {
      decisions[try step(text, "--absent")] = .absent
    }
    for text in options.all("--applied") {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let number = try step(String(parts[0]), "--applied")
      if decisions[number] != nil {
        throw CommandError.usage("step \(number) is either applied or absent", command: command)
      }
      let data = parts.count == 2 ? try context.document(String(parts[1])) : Array("{}".utf8)
      try check(data)
      decisions[number] = .applied(
        Array("{\"node_status\":\"Success\",\"data\":".utf8) + data + [UInt8(ascii: "}")])
    }
    return decisions
  }

  private func step(_ text: String, _ option: String) throws(CommandError) -> Int {
    guard let number = Int(text), number > 0 else {
      throw .usage("'\(option)' takes the number of a step, not '\(text)'", command: command)
    }
    return number
  }

  private func check(_ json: [UInt8]) throws(CommandError) {
    do throws(JSONScanError) {
      var scanner = JSONScanner(json, maximumDepth: 1000)
      _ = try scanner.members { (_, _) in }
      try scanner.finish()
    } catch {
      throw CommandError(
        code: "value_not_json",
        message: "the answer of '--applied' can't be used: \(error.description)",
        hint: "write JSON, as in --applied '3={\"id\":\"1001\"}'")
    }
  }
}
