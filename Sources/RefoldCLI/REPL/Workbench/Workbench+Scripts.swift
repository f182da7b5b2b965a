import Posix
import RefoldActions
import RefoldRuntime

/// The commands that deal with files.
extension Workbench {
  func load(_ path: String) throws -> Int32 {
    guard !path.isEmpty else { throw usage(.load, "no file") }
    let script = try Script.file(path)
    session.budget.time = settings.timeout
    let loaded = session.load(script)
    switch loaded.outcome.result {
    case .failure(let failure): return try report(failure)
    case .success:
      savedLines.append(SavedLine(text: ":load \(path)", kind: .statements))
      console.note(loaded.name.map { "loaded \(path) as \($0)" } ?? "loaded \(path)")
      return 0
    }
  }

  func reload() {
    let notices = session.reloadChanged()
    for notice in notices { console.note(notice.text) }
    if notices.isEmpty { console.note("nothing has changed") }
  }

  func runScript(_ command: ReplCommandLine) throws -> Int32 {
    guard let path = command.words.first else { throw usage(.run, "no script") }
    let json = String(command.rest.dropFirst(path.count).drop { $0.isWhitespace })
    let generation = try ScriptStore(.containing(path)).current(path, account: session.account)
    var options = RunOptions(
      account: session.account, input: json.isEmpty ? nil : Array(json.utf8),
      isResultPretty: !isJSON)
    options.permissions = session.permissions
    if let timeout = settings.timeout { options.budget.time = timeout }
    let taping = try taping(of: generation)
    taping?.prepare(&options)
    let outcome = self.lane(for: taping).run(generation, options)
    session.forgetStop()
    let statistics = outcome.statistics
    var status: Int32 = 0
    switch outcome.result {
    case .success(let data):
      let text = String(decoding: data, as: UTF8.self)
      if isJSON {
        try console.data(
          Array(console.redact(String(decoding: Report.success(data), as: UTF8.self)).utf8))
      } else {
        try console.line(text.hasSuffix("\n") ? String(text.dropLast()) : text)
      }
      session.keep(json: data)
    case .failure(let failure):
      status = try report(failure)
    }
    console.note(OutcomeReport.counts(statistics))
    if let taping { status = taping.save([outcome], status) }
    guard !statistics.unknownWrites.isEmpty else { return status }
    let unknown = statistics.unknownWrites.joined(separator: ", ")
    console.note("outcome unknown: \(unknown); look in the app before sending again")
    return 10
  }

  // MARK: - Recording

  /// `:record`: says where the scripts that are run are recorded, or changes that.
  func record(_ folder: String) throws {
    switch folder {
    case "": try console.line(recordings ?? "off")
    case "off":
      recordings = nil
      console.note("nothing is recorded")
    default:
      recordings = folder.hasSuffix("/") && folder != "/" ? String(folder.dropLast()) : folder
      console.note("each ':run' is recorded in '\(folder)', in a folder for each script")
    }
  }

  /// What records the calls of a script; nil when nothing is recorded.
  private func taping(of generation: Generation) throws -> Taping? {
    guard let recordings else { return nil }
    let script = Script.stateName(of: generation.script)
    let folder = "\(recordings)/\(script)"
    let name = "\(folder) \(session.account)"
    // A run that is repeated replaces what this session has recorded, and nothing else.
    let words = ["--record", folder] + (recorded.contains(name) ? ["--overwrite"] : [])
    do throws(CommandError) {
      let options = try Options(words, for: ReplCommand.name, taking: Taping.options)
      let taping = try Taping(
        lanes.context, options, script: script, lanes.choice, accounts: [session.account])
      recorded.insert(name)
      return taping
    } catch {
      guard error.code == "recording_exists" else { throw error }
      throw CommandError(
        code: error.code, message: error.message,
        hint: "name another folder with ':record FOLDER', or remove it", exitStatus: 1)
    }
  }

  private func lane(for taping: Taping?) -> Lane {
    guard let taping else { return lane }
    var configuration = lanes.configuration
    configuration.store = taping.store(configuration.store)
    return Lane(backend: taping.backend(backend), configuration)
  }

  func save(to path: String) throws {
    guard !path.isEmpty else { throw usage(.save, "no file") }
    let lines = savedLines.filter { console.redact($0.text) == $0.text }
    guard !lines.isEmpty else {
      throw CommandError(
        code: "nothing_to_save", message: "no line has worked yet",
        hint: "run some, then ':save \(path)'", exitStatus: 1)
    }
    if try Files.status(path) != nil {
      guard let confirm, confirm("replace '\(path)'? [y/N] ") else {
        throw CommandError(
          code: "file_exists", message: "'\(path)' exists already", hint: "choose another name",
          exitStatus: 1)
      }
    }
    let script = SavedScript(lines, account: session.account, backend: backend.name)
    try session.check(script.text, name: path)
    try Files.write(Array(script.text.utf8), to: path)
    let count = lines.count
    console.note(
      "saved \(count) line\(count == 1 ? "" : "s"); run it with "
        + "'refold run \(path) --account \(session.account)'")
  }
}
