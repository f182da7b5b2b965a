import Lua
import Posix
import RefoldRuntime

/// Where a command writes: data on standard output, everything else on standard error.
struct Console {
  /// The exit code of a command whose reader has gone away: 128 + SIGPIPE.
  static let brokenPipe: Int32 = 141

  /// The look of standard output.
  var style = TextStyle()
  /// The look of standard error.
  var noteStyle = TextStyle()

  /// Takes out of lines and notes what nobody may see.
  var redact: @Sendable (String) -> String = { $0 }

  /// The width of the terminal behind standard output, nil when there is none.
  var columns: Int? { Descriptor.standardOutput.terminalColumns }

  /// Writes data; a full disk is an error, a closed pipe ends the program quietly.
  func data(_ bytes: [UInt8]) throws(CommandError) {
    do {
      try Descriptor.standardOutput.writeAll(bytes, name: "standard output")
    } catch {
      let isPipe = error.code == .brokenPipe
      throw CommandError(
        code: isPipe ? "broken_pipe" : "output_failed",
        message: "can't write to standard output: \(error.reason)",
        hint: error.code == .diskFull ? "free some space, or write somewhere else" : nil,
        exitStatus: isPipe ? Self.brokenPipe : 1)
    }
  }

  /// Writes data and a line break.
  func line(_ text: String) throws(CommandError) {
    try data(Array((PlainText.safe(redact(text)) + "\n").utf8))
  }

  /// Writes a note.
  ///
  /// When standard error is gone there is nobody to tell.
  func note(_ text: String) {
    try? Descriptor.standardError.writeAll(
      Array((PlainText.safe(redact(text)) + "\n").utf8))
  }

  /// Writes text without ending the line, for a line of progress.
  func fragment(_ text: String) {
    try? Descriptor.standardError.writeAll(Array(text.utf8))
  }

  /// Writes what a script logged.
  ///
  /// - Parameter account: Whose run it was, when there are several.
  func log(_ line: LogLine, of account: String? = nil) {
    let message = PlainText.safe(line.message)
    var text = line.level == .plain ? message : "\(line.level.rawValue): \(message)"
    if let fields = line.fields { text += " " + String(decoding: fields, as: UTF8.self) }
    note(Self.prefix(account) + text)
  }

  private static func prefix(_ account: String?) -> String { account.map { "\($0): " } ?? "" }

  /// Writes that an attempt failed and is made again.
  func retry(_ notice: RetryNotice, of account: String? = nil) {
    note(Self.prefix(account) + notice.text)
  }

  /// Writes that the end waits for writes that have left.
  func waiting(for writes: [String], of account: String? = nil) {
    note(
      Self.prefix(account) + "stopping, once \(writes.joined(separator: ", ")) has come back; "
        + "Ctrl-C again stops at once, with an unknown outcome")
  }

  /// Writes a failure as a block: what, where with the line of the source, how to fix it.
  ///
  /// - Parameter source: Knows the lines of a source that is no file.
  func failure(
    _ failure: RunFailure, showsTraceback: Bool = false,
    source: (LuaError.Location) -> String? = { sourceLine($0.source, $0.line) }
  ) {
    var lines = [noteStyle(.failure, PlainText.safe(failure.message))]
    if let location = failure.location {
      lines.append("  at \(location)")
      if let source = source(location) {
        lines.append("    \(location.line) | \(source)")
      }
    }
    if let hint = failure.hint { lines.append("  \(noteStyle(.bold, "fix:")) \(hint)") }
    var facts: [String] = []
    if let status = failure.status { facts.append("status \(status)") }
    if failure.status != nil { facts.append("code \(failure.code)") }
    if let trace = failure.traceID { facts.append("trace id \(trace)") }
    if !facts.isEmpty { lines.append("  " + facts.joined(separator: ", ")) }
    if showsTraceback, let traceback = failure.traceback { lines.append(traceback) }
    note(lines.joined(separator: "\n"))
  }

  static func sourceLine(_ path: String, _ number: Int) -> String? {
    guard let bytes = try? Files.read(path, limit: Script.maximumBytes) else { return nil }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard number >= 1, number <= lines.count else { return nil }
    return String(String(decoding: lines[number - 1], as: UTF8.self).prefix(120))
  }
}
