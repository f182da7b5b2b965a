import Synchronization

/// The recordings that a replay answers from, one for each account, and what has been used of them.
///
/// A call is matched by what it is (operation, app, action, account, parameters) and by the how-manieth of its kind it is,
/// never by its place among all calls. Within one task (the script itself, or one child of `refold.map` or `refold.all`)
/// calls have to come in the recorded order; between tasks there is no order. Look-ups serve any number of times.
///
/// Safe to use from any thread.
package final class Recordings: Sendable {
  /// The folder that they come from, for messages.
  package let folder: String
  /// The accounts, sorted.
  package let accounts: [String]
  private let states: Mutex<[String: ReplayState]>
  private let lookUps: Mutex<LookUps>
  private let effects: [String: Effect]
  private let redaction: Redaction

  /// Prepares recordings, of which each has another account.
  package init(_ recordings: [Recording], folder: String) {
    self.folder = folder
    accounts = recordings.map(\.header.account).sorted()
    let redaction = Redaction(words: recordings.flatMap(\.header.hidden))
    self.redaction = redaction
    states = Mutex(
      Dictionary(
        recordings.map { ($0.header.account, ReplayState($0, redaction)) }, uniquingKeysWith: { $1 }
      ))
    lookUps = Mutex(LookUps(recordings.flatMap(\.lookUps)))
    var effects: [String: Effect] = [:]
    for declared in recordings.flatMap(\.effects) {
      effects["\(declared.app).\(declared.action)"] = declared.effect
    }
    self.effects = effects
  }

  /// Returns the recording of an account, nil when there is none; an address of e-mail may stand in for its pseudonym.
  package func recording(of account: String) -> Recording? {
    states.withLock { $0[redaction.redact(account)]?.recording }
  }

  /// What the recording says about the effect of an action.
  func effect(app: String, action: String) -> Effect? { effects["\(app).\(action)"] }

  /// What a call comes to.
  enum Match: Sendable {
    case answer(RecordedCall.Answer, order: Int, account: String)
    case diverged(ActionError)
  }

  /// Finds what was answered when a call was recorded, and takes it.
  func match(_ call: ActionCall) -> Match {
    let identity = CallIdentity(call, redaction)
    if identity.isLookUp, call.origin == nil {
      if let answer = lookUps.withLock({ $0.next(identity) }) {
        return .answer(answer, order: 0, account: "")
      }
      return .diverged(Divergence.lookUp(identity, call).error(about: call, folder: folder))
    }
    let account = redaction.redact(call.origin?.account ?? call.account)
    return states.withLock { states in
      guard states[account] != nil else {
        return .diverged(Divergence.account(account).error(about: call, folder: folder))
      }
      switch states[account]?.take(identity, call) {
      case .found(let recorded)?:
        let answer = states[account]?.restored(recorded.answer) ?? recorded.answer
        return .answer(answer, order: recorded.answered, account: account)
      case .diverged(let divergence)?:
        return .diverged(divergence.error(about: call, folder: folder))
      case nil: return .diverged(Divergence.account(account).error(about: call, folder: folder))
      }
    }
  }

  /// Returns how the replay of an account has differed; after a run that ended well, calls that it did not make count too.
  package func divergence(of account: String, hasEndedWell: Bool) -> ActionError? {
    let account = redaction.redact(account)
    return states.withLock { states -> ActionError? in
      guard let state = states[account] else { return nil }
      if let error = state.divergence { return error }
      let unused = state.unused
      guard hasEndedWell, !unused.isEmpty else { return nil }
      var error = Divergence.unused(unused).error(
        about: ActionCall(operation: .applications, account: account), folder: folder)
      (error.app, error.action) = (nil, nil)
      return error
    }
  }

  /// Remembers how the replay of an account differed first.
  func note(_ error: ActionError, of call: ActionCall) {
    let account = redaction.redact(call.origin?.account ?? call.account)
    states.withLock { states in
      if states[account]?.divergence == nil { states[account]?.divergence = error }
    }
  }
}

/// The answers to look-ups, of which the last one of each serves for ever.
private struct LookUps {
  private var answers: [CallIdentity: [RecordedCall.Answer]] = [:]

  init(_ calls: [RecordedCall]) {
    for call in calls { answers[call.identity, default: []].append(call.answer) }
  }

  mutating func next(_ identity: CallIdentity) -> RecordedCall.Answer? {
    guard let first = answers[identity]?.first else { return nil }
    if (answers[identity]?.count ?? 0) > 1 { answers[identity]?.removeFirst() }
    return first
  }
}
