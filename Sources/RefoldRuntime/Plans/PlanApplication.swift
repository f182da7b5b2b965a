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
    /// Nobody knows whether a write was applied; those behind it were not sent.
    case unknown(PlannedWrite, ActionError?)
    /// A write was answered otherwise than the plan takes for granted; those behind it were not sent.
    case surprised(PlannedWrite, String)
    /// A person stopped it between two writes.
    case stopped
  }

  private let plan: Plan
  private let lane: Lane
  private let ledger: AppliedPlans
  private let permissions: [Permissions]
  /// The plan's id, under which its writes are kept.
  public let id: String
  /// What the writes so far have answered, `data` only.
  private var answers: [Int: PlanValue] = [:]
  /// How many writes were sent by this object and applied.
  public private(set) var sent = 0

  /// Makes an application of a plan.
  ///
  /// - Parameter permissions: What the project permits; each of them has to permit a write.
  public init(
    _ plan: Plan, lane: Lane, ledger: AppliedPlans, permissions: [Permissions] = []
  ) {
    self.plan = plan
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
    return drift
  }

  // MARK: - Sending

  /// Sends the writes that were not sent before.
  ///
  /// - Parameter onWrite: Called after each write that was applied now.
  /// - Throws: `ActionError` when the record cannot be kept; nothing is sent without it.
  public func send(_ onWrite: (PlannedWrite) -> Void = { _ in }) throws(ActionError) -> End {
    try ledger.begin(plan, id: id)
    let known = try ledger.record(of: id)?.writes ?? [:]
    let needed = Set(
      plan.writes.flatMap { $0.parameters.unknowns() }.flatMap(\.parts).compactMap(\.write))
    for write in plan.writes {
      switch known[write.number]?.state {
      case .applied:
        if let end = take(known[write.number]?.answer ?? [], of: write) { return end }
        continue
      case .sent:
        guard let answer = try adopted(write) else { return .unknown(write, nil) }
        if let end = take(answer, of: write) { return end }
        continue
      case .refused, nil: break
      }
      // What changes nothing is sent only when a later write needs the answer.
      if write.isUnchanged, !needed.contains(write.number) { continue }
      if StopSignal.hasArrived { return .stopped }
      if let end = try send(write) { return end }
      sent += 1
      onWrite(write)
    }
    try ledger.finish(id: id)
    return .applied
  }

  /// Sends one write; nil when it was applied as the plan takes for granted.
  private func send(_ write: PlannedWrite) throws(ActionError) -> End? {
    let parameters: PlanValue
    do throws(MissingAnswer) {
      parameters = try write.parameters.filled(with: answers)
    } catch {
      return .surprised(write, error.message)
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
      return .unknown(write, error)
    case .failure(let error):
      try ledger.note(.refused, write.number, of: id)
      return .refused(write, error)
    }
  }

  /// Keeps an answer for the writes behind it; returns how it differs from what the plan takes for granted.
  private func take(_ answer: [UInt8], of write: PlannedWrite) -> End? {
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

  // MARK: - Writes whose outcome is not known

  /// Looks whether a write was applied whose outcome was not noted; what it answers then, nil when that cannot be told.
  ///
  /// An update was when the record has what it sets; a delete when the record is gone. A create can only be told by a person.
  private func adopted(_ write: PlannedWrite) throws(ActionError) -> [UInt8]? {
    guard
      let look = plan.reads.last(where: {
        $0.beforeWrite == write.number && $0.place == nil && $0.app == write.app
      })
    else { return nil }
    let adopted: [UInt8]
    switch (lane.answer(to: look.call), write.kind) {
    case (.failure(let error), .delete) where error.status == 404:
      adopted = Array("{\"data\":{}}".utf8)
    case (.success(let reply), .update):
      let whole = (try? PlanValue(json: reply.body)) ?? .null
      let record = whole["data"] ?? whole
      let isThere =
        !write.changes.isEmpty
        && write.changes.allSatisfy { change in
          guard let after = change.after else { return false }
          return Planner.field(change.field, of: record)?.saysSame(as: after) ?? false
        }
      guard isThere else { return nil }
      adopted = reply.body
    default: return nil
    }
    try ledger.note(.applied, write.number, of: id, answer: adopted)
    return adopted
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
    throw MissingAnswer(message: "write \(answer.write) gave no '\(field)', which this write needs")
  }
}
