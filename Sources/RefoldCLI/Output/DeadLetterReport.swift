import Posix
import RefoldActions
import RefoldRuntime

/// How dead letters are shown.
struct DeadLetterReport {
  let console: Console
  let options: Options

  // MARK: - Letters

  func list(_ letters: [DeadLetter]) throws -> Int32 {
    if options.has("--json") {
      let list = JSONText.array(letters.map { JSONText.object(Self.members(of: $0)) })
      try console.data(Report.success(Array(list.utf8)))
      return 0
    }
    if letters.isEmpty {
      console.note("no dead letters")
      return 0
    }
    var table = TextTable(["ID", "SCRIPT", "ACCOUNT", "TRIES", "LAST TRIED", "ERROR"])
    for letter in letters {
      let message = Self.message(of: letter).split(separator: "\n").first.map(String.init) ?? ""
      table.add([
        .init(letter.id), .init(letter.script), .init(letter.account),
        .init(String(letter.attempts)), .init(Self.time(letter.tried)), .init(message, .failure),
      ])
    }
    try console.line(
      table.lines(console.style, columns: console.columns).joined(separator: "\n"))
    return 0
  }

  func show(_ letter: DeadLetter) throws -> Int32 {
    if options.has("--json") {
      try console.data(Report.success(Array(Self.document(letter).utf8)))
      return 0
    }
    var lines = ["\(letter.id)  \(letter.script)"]
    lines.append("  account  \(letter.account), \(letter.backend)")
    lines.append("  run      \(letter.run)" + (letter.place.map { ", given up at \($0)" } ?? ""))
    let since = letter.attempts > 1 ? ", first at \(Self.time(letter.created))" : ""
    lines.append(
      "  tried    \(OutcomeReport.counted(letter.attempts, "time")), "
        + "last at \(Self.time(letter.tried))\(since)")
    lines += ["", "error:", "  \(Self.text(letter.failure))"]
    lines += ["", "record (\(OutcomeReport.counted(letter.recordBytes, "byte"))):"]
    lines += ["  \(Self.text(letter.record))", ""]
    lines.append("to try it again: refold dlq retry \(letter.id)")
    try console.line(lines.joined(separator: "\n"))
    return 0
  }

  /// Prints a letter as a line of JSON.
  func export(_ letter: DeadLetter) throws {
    try console.data(Array("\(Self.document(letter))\n".utf8))
  }

  func dropped(_ ids: [String]) throws -> Int32 {
    if options.has("--json") {
      let list = JSONText.array(ids.map { JSONText.quoted($0) })
      try console.data(Report.success(Array("{\"dropped\":\(list)}".utf8)))
    } else {
      try console.line("\(OutcomeReport.counted(ids.count, "letter")) dropped")
    }
    return 0
  }

  // MARK: - Retries

  /// Prints what became of a letter, as soon as that is known.
  func show(_ retried: DeadLetterRetry.Retried) throws {
    let id = retried.letter.id
    if case .failure(let failure) = retried.outcome.result {
      if !options.has("--json") {
        try console.line("\(id)  kept, tried \(counted(retried.attempts ?? 0))")
      }
      console.failure(failure, showsTraceback: options.has("--verbose"))
    } else if !options.has("--json") {
      try console.line("\(id)  done, removed")
    }
  }

  /// Sums up what became of letters, and returns the exit code.
  ///
  /// - Parameter count: How many were to be tried.
  func retried(_ all: [DeadLetterRetry.Retried], of count: Int) throws -> Int32 {
    let status = FanOutReport.exitStatus(all.map(\.outcome))
    if options.has("--json") {
      let lines = all.map { retried in
        "{\"id\":\(JSONText.quoted(retried.letter.id)),"
          + "\"attempts\":\(retried.attempts ?? retried.letter.attempts + 1),"
          + "\"removed\":\(retried.attempts == nil),"
          + Self.text(FanOutReport.line(retried.letter.account, retried.outcome)).dropFirst()
      }
      let list = JSONText.array(lines)
      try console.data(
        Array(
          "{\"format_version\":1,\"ok\":\(status == 0),\"data\":\(list),\"warnings\":[]}\n".utf8))
    }
    let done = all.filter { $0.attempts == nil }.count
    console.note(
      count == 0 ? "no dead letters" : "\(done) of \(OutcomeReport.counted(count, "letter")) done")
    return status
  }

  private func counted(_ attempts: Int) -> String { OutcomeReport.counted(attempts, "time") }

  // MARK: - Text

  /// The message of a letter's error.
  static func message(of letter: DeadLetter) -> String {
    var found = ""
    var scanner = JSONScanner(letter.failure)
    _ = try? scanner.members { (name, scanner) throws(JSONScanError) in
      if name == "message", case .string(let text) = try scanner.next() { found = text }
    }
    return found.isEmpty ? text(letter.failure) : found
  }

  /// A letter as `{ id, script, path, account, backend, run_id, place?, attempts, first_tried, last_tried, bytes, error,
  /// record }`.
  private static func document(_ letter: DeadLetter) -> String {
    JSONText.object(members(of: letter) + [("record", text(letter.record))])
  }

  private static func members(of letter: DeadLetter) -> [(name: String, value: String)] {
    var members: [(name: String, value: String)] = [
      ("id", JSONText.quoted(letter.id)), ("script", JSONText.quoted(letter.script)),
      ("path", JSONText.quoted(letter.path)), ("account", JSONText.quoted(letter.account)),
      ("backend", JSONText.quoted(letter.backend)), ("run_id", JSONText.quoted(letter.run)),
    ]
    if let place = letter.place { members.append(("place", JSONText.quoted(place))) }
    return members + [
      ("attempts", String(letter.attempts)),
      ("first_tried", JSONText.quoted(time(letter.created))),
      ("last_tried", JSONText.quoted(time(letter.tried))), ("bytes", String(letter.recordBytes)),
      ("error", text(letter.failure)),
    ]
  }

  private static func text(_ json: [UInt8]) -> String { String(decoding: json, as: UTF8.self) }

  private static func time(_ milliseconds: Int64) -> String {
    UTCTime(.milliseconds(milliseconds)).description
  }
}
