import Lua
import RefoldActions

/// Names a record by the action that reads it, and the parameters by which it does.
struct RecordKey: Hashable {
  var account: String
  var reader: String
  var parameters: PlanValue
}

/// An action that reads the record of another action, by parameters that both have.
struct RecordReader {
  var action: String
  /// The parameters that name the record.
  var identity: [String]
}

/// What a look-up of a record gave.
enum FoundRecord {
  /// The record as it is before the write, with the earlier writes of the plan applied.
  case known(PlanValue)
  /// It is not known, and why.
  case unknown(String?)
}

/// Looking up what is there before a write.
extension Planner {
  /// Reads the record of an update or delete through the action that gets one, if there is one.
  func lookUpRecord(
    _ number: Int, of run: Run, _ pending: PendingCall, _ then: @escaping (FoundRecord) -> Void
  ) {
    let write = writes[number - 1]
    findReader(of: write, run) { [self] reader in
      guard let reader else { return then(.unknown(nil)) }
      writes[number - 1].identity = reader.identity
      let members = (write.parameters.members ?? []).filter { reader.identity.contains($0.name) }
      let parameters = PlanValue.object(members)
      guard parameters.isKnown else {
        return then(.unknown("the record is one that the plan creates"))
      }
      let key = RecordKey(account: write.account, reader: reader.action, parameters: parameters)
      if let known = records[key] {
        return then(known.map { .known($0) } ?? .unknown("an earlier write of the plan deletes it"))
      }
      read(key, write, of: run, pending, then)
    }
  }

  private func read(
    _ key: RecordKey, _ write: PlannedWrite, of run: Run, _ pending: PendingCall,
    _ then: @escaping (FoundRecord) -> Void
  ) {
    let isRefused = run.permissions.contains {
      $0.refusal(of: write.app, key.reader, .read) != nil
    }
    if isRefused { return then(.unknown("reading it with \(key.reader) is not permitted")) }
    let call = ActionCall(
      operation: .execute(app: write.app, action: key.reader), account: write.account,
      effect: .read, body: Array(key.parameters.json.utf8))
    run.statistics.reads += 1
    var limits = Caller.Limits()
    limits.deadline = run.deadline
    limits.isWanted = { !pending.isGivenUp }
    let handle = run.lane.caller.begin(call, limits) { [self] result in
      let judged = result.judged(call)
      note(
        PlannedRead(
          call, parameters: key.parameters, result: judged, beforeWrite: write.number, place: nil))
      switch judged {
      case .success(let reply):
        let whole = (try? PlanValue(json: reply.body)) ?? .null
        // Another task may have looked the record up meanwhile, and planned to change it.
        if let known = records[key] {
          return then(
            known.map { .known($0) } ?? .unknown("an earlier write of the plan deletes it"))
        }
        let record = whole["data"] ?? whole
        records[key] = record
        then(.known(record))
      case .failure(let error) where error.status == 404:
        then(.unknown("there is no such record: the \(write.kind.rawValue) will fail"))
      case .failure(let error): then(.unknown("it could not be read: \(error.message)"))
      }
    }
    pending.abandon = { handle.cancel() }
  }

  /// Finds the action that gets one record by parameters which the write has too.
  private func findReader(
    of write: PlannedWrite, _ run: Run, _ then: @escaping (RecordReader?) -> Void
  ) {
    if let known = readers[write.name] { return then(known) }
    let wanted = WriteKind.readers(of: write.action)
    run.lane.catalog.look(.actions(app: write.app), account: write.account) { [self] result in
      let list = (try? result.get()).flatMap { try? ActionSummary.list(in: $0.body) } ?? []
      var ids: [String: String] = [:]
      for action in list { ids[WriteKind.normal(action.actionID)] = action.actionID }
      tryReaders(wanted.compactMap { ids[$0] }[...], of: write, run) { [self] reader in
        readers[write.name] = .some(reader)
        then(reader)
      }
    }
  }

  private func tryReaders(
    _ candidates: ArraySlice<String>, of write: PlannedWrite, _ run: Run,
    _ then: @escaping (RecordReader?) -> Void
  ) {
    guard let candidate = candidates.first else { return then(nil) }
    run.lane.catalog.parameters(
      app: write.app, action: candidate, account: write.account
    ) { [self] result in
      let needed = (try? result.get())?.required ?? []
      let given = Set((write.parameters.members ?? []).map(\.name))
      // An action without required parameters lists many records instead of getting one.
      let isReader =
        !needed.isEmpty && needed.allSatisfy { given.contains($0) }
        && run.lane.effect(app: write.app, action: candidate) == .read
      if isReader { return then(RecordReader(action: candidate, identity: needed)) }
      tryReaders(candidates.dropFirst(), of: write, run, then)
    }
  }
}

extension Result<Reply, ActionError> {
  /// The same, where a reply whose envelope says that the call failed is a failure.
  func judged(_ call: ActionCall) -> Result<Reply, ActionError> {
    flatMap { reply in
      do throws(JSONScanError) {
        let envelope = try Envelope.read(from: reply.body)
        let failure = ReplyClassifier.failure(ofEnvelope: envelope, reply: reply, call: call)
        return failure.map { .failure($0) } ?? .success(reply)
      } catch {
        return .failure(ReplyClassifier.unusable(reply, to: call, because: error.message))
      }
    }
  }
}
