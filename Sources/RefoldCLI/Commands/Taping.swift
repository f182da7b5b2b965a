import HTTP
import Posix
import RefoldActions
import RefoldRuntime
import Synchronization

/// What `--record` and a replay add to a run: nothing when neither is asked for.
final class Taping: Sendable {
  static let options = [
    Options.Declared(
      "--record", "FOLDER  save the calls of the run, for '--backend replay:FOLDER'"),
    Options.Declared(
      "--overwrite", "replace a recording that exists", takesValue: false),
    Options.Declared(
      "--redact", "email,NAME,…  what recordings hide too, beside keys, tokens and passwords"),
  ]

  private let console: Console
  private let folder: String?
  private let backendName: String
  private let script: String
  private let accounts: [String]
  private let redaction: Redaction
  private let recorder: Recorder
  private let replay: Replay?
  private let facts = Mutex<[String: (facts: RunFacts, input: [UInt8]?)]>([:])

  /// - Parameter script: The script's name in its project; nil when it cannot be run at all.
  /// - Throws: ``CommandError`` when the recordings cannot be written, exist already, or are not there.
  init(
    _ context: CommandContext, _ options: Options, script: String?, _ choice: BackendChoice,
    accounts: [String]
  ) throws(CommandError) {
    console = context.console
    self.script = script ?? ""
    self.accounts = accounts
    replay = choice.replay
    backendName = choice.name
    folder = options.value("--record")
    redaction = Redaction(words: options.list("--redact") ?? [])
    let key = context.environment["REFOLD_API_KEY"].flatMap { $0.isEmpty ? nil : SecretString($0) }
    recorder = Recorder(redaction, key: key)
    if let script { try replay?.check(script) }
    for account in accounts { _ = try replay?.recording(of: account) }
    guard let folder else {
      for option in ["--overwrite", "--redact"] where options.has(option) {
        throw .usage("'\(option)' goes with '--record'", command: RunCommand.name)
      }
      return
    }
    if replay != nil {
      throw .usage("a replay can't be recorded: give '--record' or a replay", command: "run")
    }
    try check(folder, isOverwriting: options.has("--overwrite"))
  }

  /// Whether nothing is called for real; then there is nothing that a journal would have to keep.
  var isReplay: Bool { replay != nil }

  // MARK: - Before the run

  /// Makes sure, before anything is called, that the recordings can be written.
  private func check(_ folder: String, isOverwriting: Bool) throws(CommandError) {
    do {
      if folder.isEmpty { throw CommandError.usage("'--record' needs a folder", command: "run") }
      try Folders.create(folder)
      let draft = "\(folder)/.recording.draft"
      try Files.append([], to: draft, mode: 0o600)
      try Files.remove(draft)
      let names = try Folders.list(folder).filter { $0.hasSuffix(Replay.suffix) }
      for name in names {
        let (path, bytes) = ("\(folder)/\(name)", try Files.read("\(folder)/\(name)"))
        let isOurs = accounts.contains { self.path(of: $0) == path }
        if isOurs, !isOverwriting {
          throw CommandError(
            code: "recording_exists", message: "there is a recording already: '\(path)'",
            hint: "replace it with '--overwrite', or name another folder")
        }
        guard !isOurs, let other = try? Recording(bytes, at: path), other.header.script != script
        else { continue }
        throw CommandError(
          code: "recording_of_another_script",
          message: "'\(folder)' holds recordings of the script '\(other.header.script)'",
          hint: "name a folder for each script")
      }
    } catch let error as CommandError {
      throw error
    } catch let error as PosixError {
      throw CommandError(
        code: "recording_failed",
        message: "can't record into '\(folder)': \(error.reason)",
        hint: "name a folder that you may write")
    } catch {
      throw CommandError(code: "recording_failed", message: String(describing: error))
    }
  }

  private func path(of account: String) -> String {
    "\(folder ?? ".")/\(PercentEncoding.encodePathSegment(redaction.redact(account)))\(Replay.suffix)"
  }

  /// Gives a run what it is to see of chance and time.
  func prepare(_ options: inout RunOptions) {
    if let replay {
      replay.prepare(&options)
    } else if folder != nil {
      let made = RunFacts()
      options.facts = made
      facts.withLock { $0[options.account] = (made, options.input) }
    }
  }

  /// The backend of a lane, with what notes its calls before it.
  func backend(_ backend: any Backend) -> any Backend {
    folder == nil ? backend : RecordingBackend(backend, recorder)
  }

  /// The store of the runs: for a replay one that holds what the recorded run saw, and lasts as long as the replay.
  func store(_ store: any StateStore) -> any StateStore {
    if let replay { return replay.store(of: script) }
    if folder == nil { return store }
    let recorder = recorder
    return NotingStateStore(store) { account, key, sight in
      let tree = { (json: [UInt8]?) in json.flatMap { try? JSONTree($0) } }
      switch sight {
      case .value(let json):
        recorder.note(.init(.store, key: key, value: tree(json)), of: account)
      case .done(let json):
        recorder.note(.init(.once, key: key, value: tree(json)), of: account)
      }
    }
  }

  // MARK: - After the run

  /// How a run has ended: a replay that differs from its recording has failed.
  func judged(_ outcome: RunOutcome, of account: String) -> RunOutcome {
    replay?.judged(outcome, of: account) ?? outcome
  }

  /// Writes the recordings, and returns the exit code: the run's own, or 1 when they could not be written.
  func save(_ outcomes: [RunOutcome], _ status: Int32) -> Int32 {
    guard folder != nil else { return status }
    var isComplete = true
    for (account, outcome) in zip(accounts, outcomes) where !outcome.runID.isEmpty {
      do throws(CommandError) {
        let count = try save(outcome, of: account)
        let calls = OutcomeReport.counted(count, "call")
        console.note("recorded: \(path(of: account)) (\(calls))")
      } catch {
        isComplete = false
        console.failure(error.asFailure)
      }
    }
    return status == 0 && !isComplete ? 1 : status
  }

  private func save(_ outcome: RunOutcome, of account: String) throws(CommandError) -> Int {
    guard let (facts, input) = facts.withLock({ $0[account] }) else { return 0 }
    let now = SystemTime.sinceEpoch() - outcome.statistics.duration
    let header = Recording.Header(
      script: script, account: account, backend: backendName, version: Version.number,
      runID: outcome.runID, seed: facts.seed, started: now.components.seconds,
      input: input.flatMap { try? JSONTree($0) })
    var ending = "ok"
    if case .failure(let failure) = outcome.result { ending = failure.code }
    do {
      let recording = try recorder.recording(
        header,
        readings: facts.clock.changes.map { .init(number: $0.reading, seconds: $0.seconds) },
        outcome: ending)
      try Files.write(recording.bytes, to: path(of: account), mode: 0o600)
      return recording.calls.count
    } catch let error as RecordingError {
      throw CommandError(error, exitStatus: 1)
    } catch let error as PosixError {
      throw CommandError(
        code: "recording_failed",
        message: "can't write the recording '\(path(of: account))': \(error.reason)",
        hint: error.code == .diskFull ? "free some space, then record again" : nil, exitStatus: 1)
    } catch {
      throw CommandError(
        code: "recording_failed", message: String(describing: error), exitStatus: 1)
    }
  }
}
