import Posix
import RefoldActions

/// A write of a plan that has left, and of which nobody knows what came of it.
public struct SentWrite {
  /// The write as it was planned.
  public var write: PlannedWrite
  /// What was sent, a JSON object.
  public var parameters: [UInt8]
  /// When it was about to leave, since 1970.
  public var began: Duration
  /// The last moment at which it may have left, since 1970; nil when its process died, and nobody knows.
  public var givenUp: Duration?
  /// What the other writes of the plan with its action have answered, each the JSON text of `data`.
  public var made: [String]

  /// What a look-up has come to.
  public enum Verdict: Sendable, Equatable {
    /// It was applied; this is what it would have answered, the JSON text of `data`.
    case applied([UInt8], why: String)
    /// It was certainly not applied, and may be sent.
    case absent(why: String)
    /// Nobody can tell, and why; nil when nothing says how it is looked up.
    case unknown(String?)
  }
}

/// Finding out what became of writes whose outcome was not noted.
extension PlanApplication {
  /// Looks up the writes that have left without a noted outcome, and notes what is found.
  ///
  /// A create is found by its natural key, where one is known; an update was applied when the record has what it sets, a delete
  /// when the record is gone. One that is certainly absent counts as unsent.
  ///
  /// - Returns: That a write stays unknown, or was answered otherwise than the plan takes for granted; nil when all is known.
  public func settleUnknown() throws(ActionError) -> End? {
    let known = try ledger.record(of: id)?.writes ?? [:]
    guard known.values.contains(where: { $0.state == .sent }) else { return nil }
    for write in plan.writes {
      guard let entry = known[write.number] else { continue }
      switch entry.state {
      case .applied: _ = take(entry.answer, of: write)
      case .refused: continue
      case .sent:
        if let end = try settle(write, entry) { return end }
      }
    }
    return nil
  }

  private func settle(
    _ write: PlannedWrite, _ entry: AppliedPlans.Entry
  ) throws(ActionError) -> End? {
    var finding: String?
    if let lookUp, let parameters = try? write.parameters.filled(with: answers) {
      let sent = SentWrite(
        write: write, parameters: Array(parameters.json.utf8), began: entry.moment,
        givenUp: entry.givenUp,
        made: made(beside: write))
      switch lookUp(sent) {
      case .applied(let data, _):
        let body = Array("{\"node_status\":\"Success\",\"data\":".utf8) + data + [UInt8(ascii: "}")]
        return try adopt(body, write)
      case .absent:
        try ledger.note(.refused, write.number, of: id)
        return nil
      case .unknown(let reason): finding = reason
      }
    }
    guard let answer = foundAnswer(to: write) else {
      return .unknown(write, nil, finding: finding)
    }
    return try adopt(answer, write)
  }

  private func adopt(_ answer: [UInt8], _ write: PlannedWrite) throws(ActionError) -> End? {
    try ledger.note(.applied, write.number, of: id, answer: answer)
    adopted += 1
    return take(answer, of: write)
  }

  private func made(beside write: PlannedWrite) -> [String] {
    plan.writes.filter {
      $0.number != write.number && $0.name == write.name && $0.account == write.account
    }.compactMap { answers[$0.number]?.json }
  }

  /// What an update or a delete answers that was applied, as the read tells on which the plan shows what was there; nil when that
  /// cannot be told.
  private func foundAnswer(to write: PlannedWrite) -> [UInt8]? {
    guard
      let look = plan.reads.last(where: {
        $0.beforeWrite == write.number && $0.place == nil && $0.app == write.app
      })
    else { return nil }
    switch (lane.answer(to: look.call), write.kind) {
    case (.failure(let error), .delete) where error.status == 404:
      return Array("{\"data\":{}}".utf8)
    case (.success(let reply), .update):
      let whole = (try? PlanValue(json: reply.body)) ?? .null
      let record = whole["data"] ?? whole
      let isThere =
        !write.changes.isEmpty
        && write.changes.allSatisfy { change in
          guard let after = change.after else { return false }
          return Planner.field(change.field, of: record)?.saysSame(as: after) ?? false
        }
      return isThere ? reply.body : nil
    default: return nil
    }
  }
}
