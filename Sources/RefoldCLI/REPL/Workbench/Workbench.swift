import Lua
import Posix
import RefoldActions
import RefoldRuntime

/// What is behind the prompt: a session for one account, and the commands that belong to it.
///
/// Knows no terminal: takes whole entries and writes what they lead to.
final class Workbench {
  let console: Console
  let backend: any Backend
  let lane: Lane
  let lanes: ReplLanes
  let isJSON: Bool
  /// Asks a question; nil where nobody is there to answer.
  var confirm: ((String) -> Bool)?
  /// The columns of the terminal, asked for each value.
  var columns: () -> Int? = { nil }
  private(set) var session: Session
  var settings = ReplSettings()
  /// Whether actions that write are permitted.
  private(set) var areWritesOn: Bool
  /// The accounts that were worked with.
  private(set) var accounts: [String]
  /// The lines that were entered, whose numbers errors name.
  private(set) var source: [String] = []
  var savedLines: [SavedLine] = []
  /// Where the calls of scripts are recorded; nil when they are not.
  var recordings: String?
  /// The recordings that the session has made, which it may replace.
  var recorded: Set<String> = []
  /// What was typed before, of this session and earlier ones.
  var history: HistoryFile
  /// Whether `:quit` was entered.
  var hasEnded = false
  /// Set by `:clear`, for the loop that owns the screen.
  var clearScreen: () -> Void = {}
  private let memoryBytes: Int
  /// What the project's config permits; nil for everything.
  private let projectPermissions: Permissions?

  init(
    _ lane: Lane, _ lanes: ReplLanes, account: String, console: Console, isJSON: Bool,
    memoryBytes: Int,
    history: HistoryFile, projectPermissions: Permissions? = nil
  ) throws {
    self.projectPermissions = projectPermissions
    (self.lane, self.lanes) = (lane, lanes)
    self.console = console
    self.isJSON = isJSON
    self.memoryBytes = memoryBytes
    self.history = history
    backend = lane.backend
    // A customer's records are safe until somebody asks for more; the sandbox's can be put back.
    areWritesOn = lane.backend.name == "sandbox"
    accounts = [account]
    session = try Session(lane, account: account, memoryBytes: memoryBytes)
    applyPermissions()
  }

  var isRemote: Bool { backend.name != "sandbox" }

  // MARK: - Entries

  /// Whether a text is an entry, or the beginning of one.
  func isComplete(_ text: String) -> Bool {
    if text.allSatisfy(\.isWhitespace) || ReplCommandLine(text) != nil { return true }
    if case .unfinished = session.read(text, at: 1) { return false }
    return true
  }

  /// Takes an entry, writes what it leads to, and returns 0 or the exit code of its failure.
  ///
  /// - Throws: `CommandError` when standard output is gone.
  func enter(_ text: String) throws(CommandError) -> Int32 {
    if text.allSatisfy(\.isWhitespace) { return 0 }
    reloadChanged()
    do {
      if let command = ReplCommandLine(text) { return try perform(command) }
      return try evaluate(text)
    } catch let error as CommandError where error.code == "broken_pipe" {
      throw error
    } catch {
      return try report(error)
    }
  }

  /// Runs a line of Lua and shows its values.
  func evaluate(_ text: String, layout: ValueText.Layout? = nil) throws -> Int32 {
    let number = source.count + 1
    note(source: text)
    switch session.read(text, at: number) {
    case .unfinished(let failure), .wrong(let failure):
      return try report(failure)
    case .ready(let line):
      session.budget.time = settings.timeout
      let outcome = session.run(line)
      let unknown = outcome.statistics.unknownWrites
      switch outcome.result {
      case .failure(let failure):
        let status = try report(failure)
        if unknown.isEmpty { return status }
        console.note(
          "outcome unknown: \(unknown.joined(separator: ", ")); look in the app before sending again"
        )
        return failure.kind == .cancelled ? status : 10
      case .success(let count):
        savedLines.append(SavedLine(text: text, kind: line.kind))
        if !line.closedNames.isEmpty {
          console.note("closed with the line: \(line.closedNames.joined(separator: ", "))")
        }
        if count > 0 { try show(layout) }
        return 0
      }
    }
  }

  /// Counts lines as lines of the session.
  func note(source text: String) {
    source += text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  private func show(_ layout: ValueText.Layout?) throws {
    if isJSON {
      for text in try session.jsonValues() { try console.data(redacted(Report.success(text))) }
      return
    }
    let limits = layout == nil ? ShownLimits() : ShownLimits.all
    for value in session.values(limits) { try show(value, layout) }
  }

  /// Shows a value.
  func show(_ value: ShownValue, _ layout: ValueText.Layout? = nil) throws {
    var shown = layout ?? settings.layout
    shown.columns = max(10, columns() ?? 80)
    let text = ValueText(style: console.style, layout: shown).lines(value)
    try console.line(text.joined(separator: "\n"))
  }

  func redacted(_ bytes: [UInt8]) -> [UInt8] {
    Array(console.redact(String(decoding: bytes, as: UTF8.self)).utf8)
  }

  // MARK: - Failures

  /// Writes a failure, and returns its exit code.
  func report(_ error: any Error) throws(CommandError) -> Int32 {
    var status: Int32 = 1
    var failure: RunFailure
    switch error {
    case let error as RunFailure:
      failure = error
      status = error.kind.exitStatus
    case let error as CommandError:
      failure = error.asFailure
      status = error.exitStatus
    case let error as ActionError:
      failure = RunFailure(error)
      status = failure.kind.exitStatus
    default: failure = RunFailure(.script, code: "failed", message: String(describing: error))
    }
    switch failure.code {
    case "time_limit": failure.hint = "raise the limit with ':set timeout 10m'"
    case "memory_limit": failure.hint = "let go of values, or start with '--memory 1G'"
    default: break
    }
    failure.addHint(session: source)
    if isJSON { try console.data(redacted(Report.failure(failure))) }
    console.failure(failure, showsTraceback: settings.isVerbose) { [source] in
      Self.line($0, of: source)
    }
    return status
  }

  /// The line that a failure is about: of the session, or of a file.
  static func line(_ location: LuaError.Location, of source: [String]) -> String? {
    guard location.source == Session.place else {
      return Console.sourceLine(location.source, location.line)
    }
    guard location.line >= 1, location.line <= source.count else { return nil }
    return String(source[location.line - 1].prefix(120))
  }

  // MARK: - The session

  /// Starts over for an account: no value of one account is ever seen by another.
  func open(account: String) throws {
    session = try Session(lane, account: account, memoryBytes: memoryBytes)
    if !accounts.contains(account) { accounts.append(account) }
    areWritesOn = !isRemote
    savedLines = []
    applyPermissions()
  }

  func setWrites(_ isOn: Bool) {
    areWritesOn = isOn
    applyPermissions()
  }

  private func applyPermissions() {
    session.permissions =
      (areWritesOn ? [] : [Permissions(source: Session.writesOff, writes: [])])
      + (projectPermissions.map { [$0] } ?? [])
  }

  /// Loads again what changed on disk, and says so.
  func reloadChanged() {
    for notice in session.reloadChanged() { console.note(notice.text) }
  }
}
