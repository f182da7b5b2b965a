import Synchronization

/// Collects the calls of runs, and makes a recording of each run at its end.
///
/// Safe to use from any thread. Holds what it collects in memory, at most ``Recording/maximumBytes`` for all runs together.
package final class Recorder: Sendable {
  /// Names a call that has begun.
  struct Ticket: Sendable, Hashable {
    fileprivate let account: String?
    fileprivate let index: Int
  }

  private struct Taped {
    let call: ActionCall
    var result: Result<Reply, ActionError>?
    var isGivenUp = false
    var answered = 0
  }

  private struct Tape {
    var calls: [Taped] = []
    var answered = 0
    var kept: [Recording.Kept] = []

    mutating func end(_ index: Int, _ result: Result<Reply, ActionError>?, isGivenUp: Bool) {
      calls[index].result = result
      calls[index].isGivenUp = isGivenUp
      guard !isGivenUp else { return }
      answered += 1
      calls[index].answered = answered
    }
  }

  private struct Contents {
    var tapes: [String: Tape] = [:]
    var lookUps: [Taped] = []
    var effects: [String: Recording.DeclaredEffect] = [:]
    var bytes = 0
    var isFull: Bool { bytes > Recording.maximumBytes }
  }

  private let contents = Mutex(Contents())
  private let redaction: Redaction
  private let key: Redactor?

  /// Makes a recorder.
  ///
  /// - Parameters:
  ///   - redaction: What is hidden.
  ///   - key: The API key, which is hidden wherever it stands.
  package init(_ redaction: Redaction, key: SecretString? = nil) {
    self.redaction = redaction
    self.key = key.map { Redactor($0) }
  }

  // MARK: - Collecting

  func begin(_ call: ActionCall) -> Ticket {
    contents.withLock { contents in
      contents.bytes += call.body.count
      guard let account = call.origin?.account ?? call.executingAccount else {
        contents.lookUps.append(Taped(call: call))
        return Ticket(account: nil, index: contents.lookUps.count - 1)
      }
      contents.tapes[account, default: Tape()].calls.append(Taped(call: call))
      return Ticket(account: account, index: (contents.tapes[account]?.calls.count ?? 1) - 1)
    }
  }

  func end(_ ticket: Ticket, _ result: Result<Reply, ActionError>, isGivenUp: Bool) {
    contents.withLock { contents in
      var result: Result<Reply, ActionError>? = result
      if case .success(let reply)? = result { contents.bytes += reply.body.count }
      if contents.isFull { result = nil }
      guard let account = ticket.account else {
        contents.lookUps[ticket.index].result = result
        return
      }
      contents.tapes[account]?.end(ticket.index, result, isGivenUp: isGivenUp)
    }
  }

  func note(_ effect: Effect, app: String, action: String) {
    contents.withLock {
      $0.effects["\(app).\(action)"] = .init(app: app, action: action, effect: effect)
    }
  }

  /// Notes what a run saw of what is kept between runs, once for each key.
  package func note(_ kept: Recording.Kept, of account: String) {
    contents.withLock { contents in
      contents.bytes += kept.key.utf8.count + 64
      contents.tapes[account, default: Tape()].kept.append(kept)
    }
  }

  // MARK: - The recording

  /// Makes the recording of a run that has ended.
  ///
  /// - Throws: ``RecordingError`` when it would be too large, or would hold what looks like a secret.
  package func recording(
    _ header: Recording.Header, readings: [Recording.Reading], outcome: String
  ) throws(RecordingError) -> Recording {
    let (tape, lookUps, effects, isFull) = contents.withLock { contents in
      (
        contents.tapes[header.account] ?? Tape(), contents.lookUps,
        contents.effects.values.sorted { ($0.app, $0.action) < ($1.app, $1.action) },
        contents.isFull
      )
    }
    if isFull {
      throw RecordingError(
        "recording_too_large",
        "nothing is recorded: the calls hold more than \(Recording.maximumBytes >> 20) MiB",
        hint: "record a run that reads less")
    }
    let accounts = Set(tape.calls.map(\.call.account) + [header.account])
    var recording = Recording(header: header)
    recording.header.hidden = redaction.words
    recording.outcome = outcome
    recording.readings = readings
    recording.effects = effects
    recording.kept = tape.kept.sorted {
      ($0.sort.rawValue, $0.key) < ($1.sort.rawValue, $1.key)
    }
    recording.lookUps = lookUps.filter { accounts.contains($0.call.account) }.map { recorded($0) }
    recording.calls = tape.calls.map { recorded($0) }
    sort(&recording)
    return try redacted(recording)
  }

  /// What was called, as it was: what has to be hidden is not known before all has been seen.
  private func recorded(_ taped: Taped) -> RecordedCall {
    let answer: RecordedCall.Answer =
      switch taped.result {
      case .success(let reply):
        .reply(
          status: reply.status, contentType: reply.contentType,
          body: RecordedCall.Body(reply.body))
      case .failure(var error) where !taped.isGivenUp:
        .failure(
          { () -> ActionError in
            error.traceID = nil; return error
          }())
      default: .givenUp
      }
    return RecordedCall(
      identity: CallIdentity(taped.call, Redaction.nothing), effect: taped.call.effect,
      path: taped.call.origin?.path ?? [], answered: taped.answered, answer: answer)
  }

  /// Calls in the order of the run's steps, attempts at the same one in theirs; look-ups by name, equal ones once.
  private func sort(_ recording: inout Recording) {
    recording.calls = recording.calls.enumerated().sorted { first, second in
      first.element.path == second.element.path
        ? first.offset < second.offset
        : first.element.path.lexicographicallyPrecedes(second.element.path)
    }.map(\.element)
    var seen: Set<RecordedCall> = []
    recording.lookUps = recording.lookUps.filter { seen.insert($0).inserted }.enumerated().sorted {
      let (first, second) = ($0.element.identity.sortKey, $1.element.identity.sortKey)
      return first == second ? $0.offset < $1.offset : first < second
    }.map(\.element)
  }

  // MARK: - Secrets

  private func redacted(_ recording: Recording) throws(RecordingError) -> Recording {
    var redaction = redaction
    let lines = recording.lines
    for line in lines { redaction.learn(from: line) }
    let result = recording.redacted {
      redactKey(redaction.redact($0))
    } text: {
      redactKey(.string(redaction.redact($0))).string ?? $0
    }
    for line in result.lines {
      // The text of a line as a whole is searched first: hardly any holds one.
      guard SecretShape.kind(of: Array(line.text.utf8), inWords: true) != nil,
        let found = SecretShape.first(in: line)
      else { continue }
      throw RecordingError(
        "recording_holds_secret",
        "nothing is recorded: \(Self.place(found.path, of: line)) looks like \(found.kind)",
        hint: "hide the field with '--redact NAME', or take the secret out of the app")
    }
    return result
  }

  private func redactKey(_ tree: JSONTree) -> JSONTree {
    guard let key else { return tree }
    let text = tree.text
    let redacted = key.redact(text)
    return redacted == text ? tree : (try? JSONTree(Array(redacted.utf8))) ?? tree
  }

  /// Where in a line something stands, in words of the run: `$.note of the answer to hubspot.get_contact (call 2)`.
  private static func place(_ path: String, of line: JSONTree) -> String {
    let name = line["app"]?.string.map { app in
      app + (line["action"]?.string.map { ".\($0)" } ?? "")
    }
    let at = line["at"]?.string.map { ", step \($0)" } ?? ""
    let parts: [(String, String)] = [
      ("$.answer.body", "in the answer to \(name ?? "a look-up")\(at)"),
      ("$.answer.text", "in the answer to \(name ?? "a look-up")\(at)"),
      ("$.params", "in the parameters of \(name ?? "a call")\(at)"),
      ("$.error", "in the failure of \(name ?? "a look-up")\(at)"),
      ("$.input", "in the script's input"),
      ("$.value", "in what the script keeps under '\(line["key"]?.string ?? "?")'"),
    ]
    for (prefix, words) in parts where path.hasPrefix(prefix) {
      return "$\(path.dropFirst(prefix.count)) \(words)"
    }
    return "\(path) of a line of type '\(line["type"]?.string ?? "?")'"
  }
}

extension Redaction {
  /// Hides nothing.
  static let nothing = Redaction(hidingNothing: ())
}

extension ActionCall {
  /// The account of an execution that no run stands behind.
  fileprivate var executingAccount: String? {
    if case .execute = operation { return account }
    return nil
  }
}

extension CallIdentity {
  fileprivate var sortKey: String {
    "\(account)\u{0}\(operation)\u{0}\(app ?? "")\u{0}\(action ?? "")\u{0}\(page ?? 0)"
  }
}

extension Recording {
  /// The same, with all that stands in it replaced.
  fileprivate func redacted(
    _ tree: (JSONTree) -> JSONTree, text: (String) -> String
  ) -> Recording {
    var result = self
    result.header.account = text(header.account)
    result.header.input = header.input.map(tree)
    result.kept = kept.map { Kept($0.sort, key: text($0.key), value: $0.value.map(tree)) }
    result.lookUps = lookUps.map { $0.redacted(tree, text: text) }
    result.calls = calls.map { $0.redacted(tree, text: text) }
    return result
  }
}

extension RecordedCall {
  fileprivate func redacted(
    _ tree: (JSONTree) -> JSONTree, text: (String) -> String
  ) -> RecordedCall {
    var result = self
    result.identity.account = text(identity.account)
    result.identity.params = tree(identity.params)
    switch answer {
    case .reply(let status, let type, .json(let body)):
      result.answer = .reply(status: status, contentType: type, body: .json(tree(body)))
    case .reply(let status, let type, .text(let body)):
      result.answer = .reply(status: status, contentType: type, body: .text(text(body)))
    case .failure(var error):
      error.message = text(error.message)
      error.hint = error.hint.map(text)
      error.account = error.account.map(text)
      result.answer = .failure(error)
    default: break
    }
    return result
  }
}
