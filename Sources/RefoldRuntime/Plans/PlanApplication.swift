import Lua
import RefoldActions

/// Sends the writes of a plan, exactly and in order, and keeps a record of each before and after it leaves.
///
/// Confined to the thread of its lane, which it blocks.
public final class PlanApplication {
  /// How it ended.
  public enum End: Sendable, Equatable {
    /// All writes are applied.
    case applied
    /// A write was refused; those behind it were not sent.
    case refused(PlannedWrite, ActionError)
    /// Nobody knows whether a write was applied, with why its call failed now, or what a look-up found out; those behind it were
    /// not sent.
    case unknown(PlannedWrite, ActionError?, finding: String? = nil)
    /// A write was answered otherwise than the plan takes for granted; those behind it were not sent.
    case surprised(PlannedWrite, String)
    /// The state is not as the plan saw it, or took for granted; the change was not made, nor what is behind it.
    case moved(PlannedChange, String)
    /// A person stopped it between two writes.
    case stopped
  }

  let plan: Plan
  let lane: Lane
  let state: SQLiteStateStore
  let ledger: AppliedPlans
  private let permissions: [Permissions]
  /// The plan's id, under which its writes are kept.
  public let id: String
  /// What the writes so far have answered, `data` only.
  private(set) var answers: [Int: PlanValue] = [:]
  /// How many writes were sent by this object and applied.
  public private(set) var sent = 0
  /// How many changes of the state were made by this object.
  public internal(set) var changed = 0
  /// The changes of the state that were made before.
  var made: Set<Int> = []
  /// The index of the first change that was not looked at.
  var nextChange = 0
  /// The claims whose functions are under way, by the numbers of the changes that made them.
  var claims: [Int: StateClaim] = [:]
  /// The claims that an earlier application made, and did not come to the end of.
  var openClaims: Set<Int> = []
  var onChange: (PlannedChange) -> Void = { _ in }
  /// Finds out what became of a write by what is known about its app; nil when it shall not be looked up.
  public var lookUp: ((SentWrite) -> SentWrite.Verdict)?
  /// How many writes of unknown outcome this object has found applied.
  public internal(set) var adopted = 0

  /// Makes an application of a plan.
  ///
  /// - Parameters:
  ///   - state: Where the project keeps its state; not opened unless the plan has to do with it.
  ///   - permissions: What the project permits; each of them has to permit a write.
  public init(
    _ plan: Plan, lane: Lane, ledger: AppliedPlans, state: SQLiteStateStore,
    permissions: [Permissions] = []
  ) {
    self.plan = plan
    self.state = state
    self.lane = lane
    self.ledger = ledger
    self.permissions = permissions
    id = PlanFile.id(of: plan)
  }

  // MARK: - What the plan rests on

  /// Reads again what the writes that are left rest on, and returns what is answered differently.
  ///
  /// After a part of the plan was applied, the reads before the last write that was sent are passed over: its own writes have
  /// changed what they answer.
  ///
  /// - Throws: `ActionError` when a read fails that may work later.
  public func drift() throws(ActionError) -> [PlanDrift] {
    let last = try ledger.record(of: id)?.writes.keys.max() ?? 0
    var drift: [PlanDrift] = []
    var asked: [ActionCall: Result<Reply, ActionError>] = [:]
    var shown: Set<ActionCall> = []
    for read in plan.foundations where read.beforeWrite > last && !shown.contains(read.call) {
      let result = asked[read.call] ?? lane.answer(to: read.call)
      asked[read.call] = result
      if case .failure(let error) = result, error.kind != .permanent { throw error }
      if let moved = PlanDrift(read, now: PlannedRead.answer(result)) {
        drift.append(moved)
        shown.insert(read.call)
      }
    }
    return drift + (try stateDrift(after: last))
  }

  // MARK: - Sending

  /// Sends the writes that were not sent before.
  ///
  /// - Parameters:
  ///   - onChange: Called after each change of the state that was made now.
  ///   - onWrite: Called after each write that was applied now.
  /// - Throws: `ActionError` when the record cannot be kept; nothing is sent without it.
  public func send(
    onChange: @escaping (PlannedChange) -> Void = { _ in },
    onWrite: (PlannedWrite) -> Void = { _ in }
  ) throws(ActionError) -> End {
    self.onChange = onChange
    try ledger.begin(plan, id: id)
    if let end = try settleUnknown() { return end }
    try resumeChanges()
    let known = try ledger.record(of: id)?.writes ?? [:]
    let needed = Set(
      plan.writes.flatMap { $0.parameters.unknowns() }.flatMap(\.parts).compactMap(\.write))
    for write in plan.writes {
      if let end = try makeChanges(before: write.number) { return end }
      switch known[write.number]?.state {
      case .applied:
        if let end = take(known[write.number]?.answer ?? [], of: write) { return end }
        continue
      case .sent: return .unknown(write, nil)
      case .refused, nil: break
      }
      // What changes nothing is sent only when a later write needs the answer.
      if write.isUnchanged, !needed.contains(write.number) { continue }
      if StopSignal.hasArrived { return .stopped }
      if let end = try send(write) { return end }
      sent += 1
      onWrite(write)
    }
    if let end = try makeChanges(before: nil) { return end }
    try ledger.finish(id: id)
    return .applied
  }

  /// Sends one write; nil when it was applied as the plan takes for granted.
  private func send(_ write: PlannedWrite) throws(ActionError) -> End? {
    let parameters: PlanValue
    do throws(MissingAnswer) {
      parameters = try write.parameters.filled(with: answers)
    } catch {
      return .surprised(write, "\(error.message), which this write needs")
    }
    var call = ActionCall(
      operation: .execute(app: write.app, action: write.action), account: write.account,
      effect: .write, body: Array(parameters.json.utf8))
    call.idempotencyKey = write.key
    for source in permissions {
      guard let reason = source.refusal(of: write.app, write.action, .write) else { continue }
      let hint = "add '\(write.name)' to permissions.write in \(source.source)"
      return .refused(
        write,
        ActionError(.permission, code: "not_permitted", message: reason, hint: hint, about: call))
    }
    try ledger.note(.sent, write.number, of: id)
    switch lane.answer(to: call) {
    case .success(let reply):
      try ledger.note(.applied, write.number, of: id, answer: reply.body)
      return take(reply.body, of: write)
    case .failure(let error) where error.kind == .unknownOutcome || error.kind == .cancelled:
      try ledger.noteGivenUp(write.number, of: id)
      return .unknown(write, error)
    case .failure(let error):
      try ledger.note(.refused, write.number, of: id)
      return .refused(write, error)
    }
  }

  /// Keeps an answer for the writes behind it; returns how it differs from what the plan takes for granted.
  func take(_ answer: [UInt8], of write: PlannedWrite) -> End? {
    let whole = (try? PlanValue(json: answer)) ?? .null
    let data = whole["data"] ?? whole
    answers[write.number] = data
    guard write.number < plan.writes.count else { return nil }
    for assumption in write.assumptions {
      guard let actual = data.value(at: assumption.path), !actual.saysSame(as: assumption.value)
      else { continue }
      let field = (["data"] + assumption.path).joined(separator: ".")
      return .surprised(
        write,
        "\(write.name) answered '\(field)' with \(actual.json), and the script was shown "
          + assumption.value.json)
    }
    return nil
  }
}

/// A value that a write needs and an earlier one did not answer.
struct MissingAnswer: Error {
  var message: String
}

extension PlanValue.Part {
  /// The number of the write whose answer it is from; nil for text.
  var write: Int? {
    switch self {
    case .text: nil
    case .answer(let answer), .json(let answer): answer.write
    }
  }
}

extension PlanValue {
  /// Returns the value with what earlier writes have answered in place of what was not known.
  func filled(with answers: [Int: PlanValue]) throws(MissingAnswer) -> PlanValue {
    switch self {
    case .unknown(let parts):
      if parts.count == 1, case .answer(let answer) = parts[0] {
        return try Self.value(of: answer, in: answers)
      }
      var text = ""
      for part in parts {
        switch part {
        case .text(let piece): text += piece
        case .json(let answer): text += try Self.value(of: answer, in: answers).json
        case .answer(let answer):
          let value = try Self.value(of: answer, in: answers)
          text += value.string ?? value.json
        }
      }
      return .text(text)
    case .array(let elements):
      var filled: [PlanValue] = []
      for element in elements { filled.append(try element.filled(with: answers)) }
      return .array(filled)
    case .object(let members):
      var filled: [Member] = []
      for member in members {
        filled.append(Member(name: member.name, value: try member.value.filled(with: answers)))
      }
      return .object(filled)
    default: return self
    }
  }

  private static func value(
    of answer: Answer, in answers: [Int: PlanValue]
  ) throws(MissingAnswer) -> PlanValue {
    if let value = answers[answer.write]?.value(at: answer.path), value != .null { return value }
    let field = (["data"] + answer.path).joined(separator: ".")
    throw MissingAnswer(message: "write \(answer.write) gave no '\(field)'")
  }
}
