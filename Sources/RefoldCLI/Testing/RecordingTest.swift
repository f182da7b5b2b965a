import Lua
import Posix
import RefoldActions
import RefoldRuntime

/// A recording as a test: its script has to do what it did, and to end as it ended.
struct RecordingTest {
  let path: String
  let context: CommandContext

  private var folder: String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }

  /// Whether a file is a recording, by its first line.
  static func isRecording(_ path: String) -> Bool {
    guard path.hasSuffix(Replay.suffix), let bytes = try? Files.read(path) else { return false }
    let head = bytes.prefix { $0 != UInt8(ascii: "\n") }
    return (try? JSONTree(Array(head)))?["format"]?.string == "refold recording"
  }

  /// Replays the recording, unless the name of the test does not hold a text.
  func run(filter: String?) -> TestResult? {
    let start = LuaState.monotonicNanoseconds
    var result = TestResult(file: path)
    do {
      let recording = try Recording(
        Files.read(path, limit: 2 * Recording.maximumBytes), at: path)
      let name = "replays \(recording.header.script) for \(recording.header.account)"
      if let filter, !"\(path): \(name)".contains(filter) { return nil }
      result.test = TestCase(file: path, name: name, index: 1)
      let outcome = try replay(recording) { result.output.append($0) }
      result.assertions = recording.calls.count
      result.failure = Self.failure(of: outcome, recorded: recording.outcome)
    } catch let error as RecordingError {
      result.failure = CommandError(error).asFailure
    } catch let failure as RunFailure {
      result.failure = failure
    } catch let error as PosixError {
      result.failure = RunFailure(.usage, code: "recording_unreadable", message: error.message)
    } catch {
      result.failure = RunFailure(.script, code: "script_error", message: "\(error)")
    }
    result.duration = .nanoseconds(LuaState.monotonicNanoseconds - start)
    return result
  }

  private func replay(
    _ recording: Recording, log: @escaping (LogLine) -> Void
  ) throws -> RunOutcome {
    let header = recording.header
    let replay = Replay(Recordings([recording], folder: folder))
    let store = ScriptStore()
    let generation = try Self.generation(of: header, in: store)
    let config = try context.config()
    var options = try RunLimits().runOptions(timeout: nil, config: config, input: nil)
    options.account = header.account
    replay.prepare(&options)
    var configuration = Lane.Configuration(
      rules: EffectRules(overrides: config.effects), log: log,
      store: replay.store(of: Script.stateName(of: generation.script)))
    configuration.skipWaits(computingFor: options.budget.time)
    let lane = Lane(backend: ReplayBackend(replay.recordings), configuration)
    return replay.judged(lane.run(generation, options), of: header.account)
  }

  /// The script by its name in the project, or else by its path.
  private static func generation(
    of header: Recording.Header, in store: ScriptStore
  ) throws(RunFailure) -> Generation {
    do throws(RunFailure) {
      return try store.current(header.script, account: header.account)
    } catch {
      let path = "\(header.script).lua"
      guard Script.isFile(path) else { throw error }
      return try store.current(path, account: header.account)
    }
  }

  /// Why the test failed: a run that failed when it was recorded has to fail in the same way.
  private static func failure(of outcome: RunOutcome, recorded: String) -> RunFailure? {
    switch outcome.result {
    case .failure(let failure): return failure.code == recorded ? nil : failure
    case .success where recorded == "ok": return nil
    case .success:
      return RunFailure(
        .action(.diverged), code: "replay_outcome",
        message: "the run ended well, and was recorded with the failure '\(recorded)'",
        hint: "\(Recording.again)")
    }
  }
}
