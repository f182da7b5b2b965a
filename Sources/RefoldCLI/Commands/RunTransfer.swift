import Posix
import RefoldActions
import RefoldRuntime

/// `refold runs export` and `import`: a run as a file that others can look at.
struct RunTransfer {
  let context: CommandContext
  let options: Options
  let journal: Journal

  func export(_ id: String) throws -> Int32 {
    let exported = try journal.export(id)
    let key = try context.projectEnvironment()["REFOLD_API_KEY"].flatMap {
      $0.isEmpty ? nil : SecretString($0)
    }
    let bytes = try exported.bytes(hiding: options.list("--redact") ?? [], key: key)
    guard let path = options.value("--out") else {
      try context.console.data(bytes)
      return 0
    }
    do {
      try Files.write(bytes, to: path, mode: 0o600)
    } catch {
      throw CommandError(
        code: "export_failed", message: "can't write '\(path)': \(error.reason)",
        hint: "name a file that you may write", exitStatus: 1)
    }
    try report(exported.run.id, exported.steps.count, "exported to '\(path)'")
    return 0
  }

  /// Reads an export; before the journal is opened, so that a bad one makes no file.
  static func read(_ path: String) throws -> ExportedRun {
    let bytes: [UInt8]
    do throws(PosixError) {
      bytes =
        path == "-"
        ? try Descriptor.standardInput.readAll(limit: Files.defaultLimit) : try Files.read(path)
    } catch {
      throw CommandError(
        code: "unreadable_input", message: "can't read '\(path)': \(error.reason)",
        hint: "give the file that 'refold runs export' has written, or '-' for standard input")
    }
    return try ExportedRun(bytes, at: path)
  }

  func add(_ exported: ExportedRun) throws -> Int32 {
    try journal.add(exported)
    try report(exported.run.id, exported.steps.count, "imported")
    return 0
  }

  private func report(_ id: String, _ steps: Int, _ what: String) throws {
    if options.has("--json") {
      let data = "{\"run_id\":\(JSONText.quoted(id)),\"steps\":\(steps)}"
      return try context.console.data(Report.success(Array(data.utf8)))
    }
    try context.console.line("\(id) \(what), \(OutcomeReport.counted(steps, "step"))")
  }
}
