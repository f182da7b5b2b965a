/// How far the replay of one recording has come.
struct ReplayState: Sendable {
  enum Taken {
    case found(RecordedCall)
    case diverged(Divergence)
  }

  let recording: Recording
  private let redaction: Redaction
  private var isUsed: [Bool]
  /// The indices of the calls that are the same, in their order.
  private var byIdentity: [CallIdentity: [Int]] = [:]
  /// The indices of calls some of whose parameters are hidden, which match whatever is sent there.
  private var hidden: [Int] = []
  private var byTask: [ArraySlice<Int>: [Int]] = [:]
  /// The addresses that stand behind pseudonyms, as far as the script has used them itself.
  private var addresses: [String: String] = [:]
  /// How the replay differed first.
  var divergence: ActionError?

  init(_ recording: Recording) {
    self.recording = recording
    redaction = Redaction(words: recording.header.hidden)
    isUsed = [Bool](repeating: false, count: recording.calls.count)
    // Reversed, so that the next one is the last of its list.
    for (index, call) in recording.calls.enumerated().reversed() {
      byIdentity[call.identity, default: []].append(index)
      byTask[call.task, default: []].append(index)
      if call.identity.params.holdsPlaceholder { hidden.append(index) }
    }
    hidden.reverse()
  }

  /// The calls that were not made.
  var unused: [RecordedCall] {
    recording.calls.indices.filter { !isUsed[$0] }.map { recording.calls[$0] }
  }

  /// Finds the call that was recorded for one that is made, and marks it as used.
  mutating func take(_ call: ActionCall) -> Taken {
    let identity = CallIdentity(call, redaction)
    learnAddresses(from: call)
    let task = call.origin.map { $0.path.dropLast() }
    guard let index = index(of: identity, preferring: task) else {
      return .diverged(missing(identity, task))
    }
    let found = recording.calls[index]
    if let task, found.task == task, let next = next(of: task), next != index,
      recording.calls[next].path != found.path
    {
      return .diverged(
        .reordered(expected: recording.calls[next], actual: identity, recordedAt: found.path))
    }
    isUsed[index] = true
    return .found(found)
  }

  private mutating func index(
    of identity: CallIdentity, preferring task: ArraySlice<Int>?
  ) -> Int? {
    while let last = byIdentity[identity]?.last, isUsed[last] {
      byIdentity[identity]?.removeLast()
    }
    let same = (byIdentity[identity] ?? []).reversed().lazy.filter { [isUsed] in !isUsed[$0] }
    if let task, let index = same.first(where: { recording.calls[$0].task == task }) {
      return index
    }
    if let index = same.first { return index }
    return hidden.first { index in
      !isUsed[index] && recording.calls[index].identity.matches(identity)
    }
  }

  /// The first call of a task that has not been made.
  private mutating func next(of task: ArraySlice<Int>) -> Int? {
    while let last = byTask[task]?.last, isUsed[last] { byTask[task]?.removeLast() }
    return byTask[task]?.last
  }

  private mutating func missing(
    _ identity: CallIdentity, _ task: ArraySlice<Int>?
  ) -> Divergence {
    let made = recording.calls.count { $0.identity.matches(identity) }
    if made > 0 { return .tooOften(identity, recorded: made) }
    let next = task.flatMap { self.next(of: $0) }.map { recording.calls[$0] }
    let isSimilar = { (call: RecordedCall) in
      call.identity.name == identity.name && call.identity.account == identity.account
    }
    if let next, isSimilar(next) { return .otherParameters(expected: next, actual: identity) }
    if let similar = unused.first(where: isSimilar) {
      return .otherParameters(expected: similar, actual: identity)
    }
    return .unknown(actual: identity, expected: next)
  }

  // MARK: - Pseudonyms

  private mutating func learnAddresses(from call: ActionCall) {
    guard redaction.hidesEmail else { return }
    var found: [String] = []
    let note = { (address: String) -> String in
      found.append(address)
      return address
    }
    _ = EmailText.replace(in: call.account, by: note)
    _ = EmailText.replace(in: String(decoding: call.body, as: UTF8.self), by: note)
    for address in found { addresses[EmailText.pseudonym(of: address)] = address }
  }

  /// Returns an answer in which the addresses stand that the script has used itself.
  func restored(_ answer: RecordedCall.Answer) -> RecordedCall.Answer {
    guard !addresses.isEmpty, case .reply(let status, let type, .json(let body)) = answer else {
      return answer
    }
    let addresses = addresses
    return .reply(
      status: status, contentType: type,
      body: .json(
        body.mapStrings { text in
          EmailText.replace(in: text) { addresses[$0] ?? $0 }
        }))
  }
}

extension CallIdentity {
  /// Whether a call is this one, where what is hidden may be anything.
  func matches(_ other: CallIdentity) -> Bool {
    operation == other.operation && account == other.account && app == other.app
      && action == other.action && page == other.page && params.matches(other.params)
  }
}

extension JSONTree {
  /// Whether something in it was hidden.
  var holdsPlaceholder: Bool {
    switch self {
    case .object(let members): members.contains { $0.value.holdsPlaceholder }
    case .array(let elements): elements.contains { $0.holdsPlaceholder }
    case .string(let text): text.contains(SecretString.placeholder)
    case .number, .bool, .null: false
    }
  }

  /// Whether another document is the same, where what is hidden may be anything.
  func matches(_ other: JSONTree) -> Bool {
    switch (self, other) {
    case (.string(let text), _) where text.contains(SecretString.placeholder):
      guard case .string(let otherText) = other else { return text == SecretString.placeholder }
      let parts = text.split(separator: SecretString.placeholder, omittingEmptySubsequences: false)
      guard let first = parts.first, let last = parts.last else { return true }
      return otherText.hasPrefix(first) && otherText.hasSuffix(last)
    case (.object(let members), .object(let others)):
      return members.count == others.count
        && zip(members, others).allSatisfy { $0.name == $1.name && $0.value.matches($1.value) }
    case (.array(let elements), .array(let others)):
      return elements.count == others.count && zip(elements, others).allSatisfy { $0.matches($1) }
    default: return self == other
    }
  }

  /// Returns the document with each text replaced.
  func mapStrings(_ body: (String) -> String) -> JSONTree {
    switch self {
    case .object(let members):
      JSONTree(members: members.map { ($0.name, $0.value.mapStrings(body)) })
    case .array(let elements): .array(elements.map { $0.mapStrings(body) })
    case .string(let text): .string(body(text))
    case .number, .bool, .null: self
    }
  }
}
