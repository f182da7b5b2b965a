import Lua
import RefoldActions

/// `refold.dead_letter`: keeps a record that the script could not deal with.
enum DeadLetterLibrary {
  /// `refold.dead_letter(record, err?)`: the id of the letter, when it is durable.
  static func bury(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    guard !stack.isAbsent(1) else {
      throw stack.argumentError(1, "record", expected: "value")
    }
    try RefoldLibrary.requireSuspendable(stack)
    stack.setCount(2)
    let run = try RefoldLibrary.run(of: stack)
    let place = stack.location()
    let record: [UInt8]
    do throws(JSONError) {
      record = try StoreLibrary.json(at: 1, of: stack)
    } catch {
      throw stack.argumentError(1, "record", problem: error.message)
    }
    let failure = Redaction.redact(error: failure(at: 2, of: stack))
    guard run.countOutput(record.count + failure.count, at: place) else { return .results(0) }
    let pending = PendingCall()
    try run.bury(record, failure, from: place) { result in
      pending.complete { stack in
        stack.push(try result.get())
        return 1
      }
    }
    return try run.settle(pending, on: stack)
  }

  /// An error as a JSON object with a `message`: the fields of a table, the text of anything else.
  private static func failure(at position: Int, of stack: borrowing LuaStack) -> [UInt8] {
    let message = "\"message\":\(JSONText.quoted(stack.displayText(at: position)))"
    guard stack.type(at: position) == .table else { return Array("{\(message)}".utf8) }
    stack.pushField("message", at: position)
    let hasMessage = stack.type(at: -1) == .string
    stack.pop()
    var members: [String] = hasMessage ? [] : [message]
    stack.forEachEntry(at: position) { stack in
      // A key that is no text is written as Lua shows it, a value that has no form in JSON likewise.
      let name = JSONText.quoted(stack.displayText(at: -2))
      let value =
        (try? StoreLibrary.json(at: -1, of: stack)).map { String(decoding: $0, as: UTF8.self) }
        ?? JSONText.quoted(stack.displayText(at: -1))
      members.append("\(name):\(value)")
    }
    return Array("{\(members.sorted().joined(separator: ","))}".utf8)
  }
}

extension Run {
  /// Keeps a record among the dead letters, unless an earlier attempt of the run did.
  ///
  /// In a retry, the same record is one more attempt at the letter that is tried.
  ///
  /// - Parameter completion: Receives the id when the letter is durable.
  func bury(
    _ record: [UInt8], _ failure: [UInt8], from place: LuaError.Location?,
    _ completion: @escaping (Result<String, ActionError>) -> Void
  ) throws {
    try refuseInLookUp("refold.dead_letter")
    let now = RunJournal.now() / 1000
    let source = generation.map { lane.place(of: $0) } ?? (Session.place, Session.place)
    var code = options.source
    if code == nil, case .source(let bytes)? = generation?.entry { code = bytes }
    var letter = DeadLetter(
      id: DeadLetter.makeID(), run: id, script: source.0, path: source.1,
      source: source.1.hasPrefix("(") ? code : nil, account: options.account,
      backend: "\(lane.backend.name) \(lane.backend.location)", record: record,
      recordBytes: record.count, failure: failure, place: place?.description, created: now,
      tried: now)
    if let tried = options.letter, tried.record == record {
      (letter.id, letter.created, letter.attempts) = (tried.id, tried.created, tried.attempts + 1)
    }
    if let planner = lane.planner, !planner.keep(letter, at: place) {
      return planner.endAtChangedText(self, at: place)
    }
    let store = lane.configuration.store
    // What is expected has to come, so it is expected only where it is asked for.
    func buried() -> @Sendable (Result<Void, ActionError>) -> Void {
      lane.answers.expect { [letter] in completion($0.map { letter.id }) }
    }
    guard let journal else { return store.bury(letter, buried()) }
    // The error may differ in a trace id or a time, and the record is the same.
    let step = journal.step(
      .set, "dead_letter", account: options.account, parameters: failure, hashing: record,
      place: place?.description)
    if case .done(_, let reply, _) = try journal.verdict(on: step) {
      return completion(.success(String(decoding: reply, as: UTF8.self)))
    }
    guard let shared = store as? SQLiteStateStore, shared === journal.journal.store else {
      return store.bury(letter, buried())
    }
    journal.journal.bury(letter, as: step, of: journal.entry, buried())
    lane.noteGathering()
  }
}
