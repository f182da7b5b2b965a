import RefoldActions
import RefoldRuntime

extension Replay {
  /// Gives a run what the recorded one saw of chance, of time and as its input.
  func prepare(_ options: inout RunOptions) {
    guard let recording = recordings.recording(of: options.account) else { return }
    let header = recording.header
    options.facts = RunFacts(
      runID: header.runID, seed: header.seed,
      clock: ScriptClock(
        showing: recording.readings.map { .init(reading: $0.number, seconds: $0.seconds) },
        start: header.started))
    if options.input == nil { options.input = header.input.map { Array($0.text.utf8) } }
  }

  /// A store that holds what the recorded runs saw of theirs, and lasts as long as the replay.
  func store(of script: String) -> any StateStore {
    let store = MemoryStateStore()
    for account in accounts {
      guard let recording = recordings.recording(of: account) else { continue }
      for kept in recording.kept {
        let json = kept.value.map { Array($0.text.utf8) }
        if kept.sort == .once {
          let claim = StateClaim(account: account, key: kept.key)
          store.claim(claim, window: nil) { _ in }
          store.settle(claim, .done(json)) { _ in }
        } else if let json {
          let shelf = StateShelf(account: account, script: script)
          store.put(json, at: kept.key, on: shelf, ifVersion: nil) { _ in }
        }
      }
    }
    return store
  }

  /// How a run has ended: a replay that differs from its recording has failed.
  func judged(_ outcome: RunOutcome, of account: String) -> RunOutcome {
    let isSuccess = if case .success = outcome.result { true } else { false }
    guard let error = recordings.divergence(of: account, hasEndedWell: isSuccess) else {
      return outcome
    }
    if case .failure(let failure) = outcome.result, failure.code == error.code { return outcome }
    var outcome = outcome
    outcome.result = .failure(RunFailure(error))
    return outcome
  }
}
