import RefoldActions
import RefoldRuntime
import RefoldSandbox

/// `refold sandbox ledger`: lists the writes that the sandbox received.
enum SandboxLedgerCommand {
  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    try context.makeStateFolder()
    let entries: [LedgerEntry]
    do {
      entries = try SandboxEngine(databasePath: context.databasePath)
        .ledger(of: options.words.dropFirst().first)
    } catch {
      throw RunFailure(error)
    }
    if options.has("--json") {
      let list = JSONText.array(entries.map { json($0) })
      try context.console.data(Report.success(Array(list.utf8)))
      return 0
    }
    if entries.isEmpty {
      context.console.note("no writes yet")
      return 0
    }
    var table = TextTable([
      "NUMBER", "TIME", "ACCOUNT", "ACTION", "APPLIED", "ANSWER", "FAULT", "PARAMETERS",
    ])
    for entry in entries {
      let texts = [
        String(entry.number), entry.time, entry.account, "\(entry.app).\(entry.action)",
        entry.isApplied ? "yes" : "no", entry.status.map { String($0) } ?? "none",
        entry.fault ?? "-", String(decoding: entry.params, as: UTF8.self),
      ]
      table.add(texts.map { TextTable.Cell($0) })
    }
    let console = context.console
    try console.line(
      table.lines(console.style, columns: console.columns).joined(separator: "\n"))
    return 0
  }

  private static func json(_ entry: LedgerEntry) -> String {
    var members: [(name: String, value: String)] = [
      ("number", String(entry.number)), ("time", JSONText.quoted(entry.time)),
      ("account", JSONText.quoted(entry.account)), ("app", JSONText.quoted(entry.app)),
      ("action", JSONText.quoted(entry.action)),
      ("params", String(decoding: entry.params, as: UTF8.self)),
      ("applied", entry.isApplied ? "true" : "false"),
    ]
    if let status = entry.status { members.append(("status", String(status))) }
    if let fault = entry.fault { members.append(("fault", JSONText.quoted(fault))) }
    return JSONText.object(members)
  }
}
