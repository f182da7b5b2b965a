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

  /// Prepares recordings, of which each has another account.
  package init(_ recordings: [Recording], folder: String) {
    self.folder = folder
    accounts = recordings.map(\.header.account).sorted()
    states = Mutex(
      Dictionary(
        recordings.map { ($0.header.account, ReplayState($0)) }, uniquingKeysWith: { $1 }))
    lookUps = Mutex(LookUps(recordings.flatMap(\.lookUps)))
    var effects: [String: Effect] = [:]
    for declared in recordings.flatMap(\.effects) {
      effects["\(declared.app).\(declared.action)"] = declared.effect
    }
    self.effects = effects
  }

  /// Returns the recording of an account, nil when there is none; an address of e-mail may stand in for its pseudonym.
  package func recording(of account: String) -> Recording? {
    let name = name(of: account)
    return states.withLock { $0[name]?.recording }
  }

  /// The account as its recording names it.
  private func name(of account: String) -> String {
    accounts.contains(account)
      ? account : EmailText.replace(in: account) { EmailText.pseudonym(of: $0) }
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
    if case .execute = call.operation {} else { return lookUp(call) }
    let account = name(of: call.origin?.account ?? call.account)
    return states.withLock { states in
      switch states[account]?.take(call) {
      case .found(let recorded)?:
        let answer = states[account]?.restored(recorded.answer) ?? recorded.answer
        return .answer(answer, order: recorded.answered, account: account)
      case .diverged(let divergence)?:
        return .diverged(divergence.error(about: call, folder: folder))
      case nil: return .diverged(Divergence.account(account).error(about: call, folder: folder))
      }
    }
  }

  private func lookUp(_ call: ActionCall) -> Match {
    var identity = CallIdentity(call, .nothing)
    let plain = identity
    // Accounts that are addresses may have been recorded under their pseudonyms.
    identity.account = name(of: call.account)
    let answer = lookUps.withLock { [identity] in $0.next(plain) ?? $0.next(identity) }
    if let answer { return .answer(answer, order: 0, account: "") }
    return .diverged(Divergence.lookUp(plain, call).error(about: call, folder: folder))
  }

  /// Returns how the replay of an account has differed; after a run that ended well, calls that it did not make count too.
  package func divergence(of account: String, hasEndedWell: Bool) -> ActionError? {
    let account = name(of: account)
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
    let account = name(of: call.origin?.account ?? call.account)
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
