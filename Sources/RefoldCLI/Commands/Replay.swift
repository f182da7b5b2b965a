import Posix
import RefoldActions
import RefoldRuntime

/// The recordings of one script in a folder, which a run is answered from.
struct Replay: Sendable {
  static let suffix = ".jsonl"
  private static let prefix = "replay:"

  let recordings: Recordings
  private let paths: [(path: String, script: String)]

  /// The folder that a value of `--backend` names, nil when it names another backend.
  static func folder(in name: String) -> String? {
    name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
  }

  /// Takes recordings that were read.
  init(_ recordings: Recordings) {
    self.recordings = recordings
    paths = []
  }

  /// Reads the recordings of a folder.
  ///
  /// - Throws: ``CommandError`` when there are none, or one cannot be used.
  init(_ folder: String, isForScript: Bool) throws(CommandError) {
    guard isForScript else {
      throw CommandError(
        code: "replay_needs_script", message: "a recording is replayed by 'refold run' alone",
        hint: "refold run SCRIPT --backend \(Self.prefix)\(folder.isEmpty ? "FOLDER" : folder)")
    }
    let found = try Self.read(folder)
    var paths: [String: String] = [:]
    for (path, recording) in found {
      if let other = paths.updateValue(path, forKey: recording.header.account) {
        throw CommandError(
          code: "recording_twice",
          message: "'\(other)' and '\(path)' are recordings of the same account, "
            + "'\(recording.header.account)'", hint: "remove one of them")
      }
    }
    recordings = Recordings(found.map(\.recording), folder: folder)
    self.paths = found.map { ($0.path, $0.recording.header.script) }
  }

  /// Refuses recordings of another script.
  func check(_ script: String) throws(CommandError) {
    for (path, recorded) in paths where recorded != script {
      throw CommandError(
        code: "recording_of_another_script",
        message: "'\(path)' is a recording of the script '\(recorded)', not of '\(script)'",
        hint: "name the folder of that script's recordings, or record one with '--record FOLDER'")
    }
  }

  var choice: BackendChoice {
    let recordings = recordings
    return BackendChoice(name: "replay", location: recordings.folder, replay: self) {
      ReplayBackend(recordings)
    }
  }

  var accounts: [String] { recordings.accounts }

  /// The account when there is only one.
  func onlyAccount() throws(CommandError) -> String {
    if let account = accounts.first, accounts.count == 1 { return account }
    throw CommandError(
      code: "missing_account", message: "'\(recordings.folder)' holds several accounts",
      hint: "give '--all-accounts', or '--account' with one of \(accounts.joined(separator: ", "))")
  }

  func recording(of account: String) throws(CommandError) -> Recording {
    if let recording = recordings.recording(of: account) { return recording }
    let nearest = NearestName.of(account, in: accounts).map { "did you mean '\($0)'? " } ?? ""
    throw CommandError(
      code: "account_not_recorded",
      message: "'\(recordings.folder)' holds no recording of account '\(account)'",
      hint: "\(nearest)There are \(accounts.joined(separator: ", "))")
  }

  // MARK: - Reading

  /// The recordings of a folder, by path.
  private static func read(
    _ folder: String
  ) throws(CommandError) -> [(path: String, recording: Recording)] {
    do {
      let names = try Folders.list(folder.isEmpty ? "." : folder).filter { $0.hasSuffix(suffix) }
      if folder.isEmpty || names.isEmpty {
        throw CommandError(
          code: "no_recording", message: "no recording in '\(folder)'",
          hint: "record a run with 'refold run SCRIPT --record FOLDER'")
      }
      return try names.map { name in
        let path = "\(folder)/\(name)"
        return (path, try Recording(Files.read(path, limit: 2 * Recording.maximumBytes), at: path))
      }
    } catch let error as CommandError {
      throw error
    } catch let error as RecordingError {
      throw CommandError(error)
    } catch let error as PosixError {
      throw CommandError(
        code: error.code == .notFound ? "no_recording" : "recording_unreadable",
        message: error.code == .notFound
          ? "no folder '\(folder)' with a recording"
          : "can't read the recording '\(error.path ?? folder)': \(error.reason)",
        hint: "record a run with 'refold run SCRIPT --record FOLDER'")
    } catch {
      throw CommandError(code: "recording_unreadable", message: String(describing: error))
    }
  }
}

extension CommandError {
  /// The failure of a recording that cannot be used; exit code 2, or 1 for one that could not be made.
  init(_ error: RecordingError, exitStatus: Int32 = 2) {
    self.init(
      code: error.code, message: error.message, hint: error.hint, exitStatus: exitStatus)
  }
}
