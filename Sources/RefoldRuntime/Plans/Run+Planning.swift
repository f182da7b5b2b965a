import Lua
import RefoldActions

/// The run of a plan: where calls are captured instead of sent.
extension Run {
  typealias Completion = (Result<Reply, ActionError>) -> Void

  /// Decides what a call does in a plan, after its parameters have been checked.
  ///
  /// - Returns: What takes the answer of a call that is to be sent; nil when the call was captured, or the plan ends here.
  func planned(
    _ request: ExecRequest, _ pending: PendingCall, _ completion: @escaping Completion
  ) -> Completion? {
    guard let planner = lane.planner else { return completion }
    guard let parameters = planner.parameters(of: request.call) else {
      endPlan(
        "the text of a value that is known after apply was changed before it was sent: use '..'",
        at: request.place)
      return nil
    }
    if request.call.effect == .write {
      planner.capture(request, parameters, of: self, pending, completion)
      return nil
    }
    guard parameters.isKnown else {
      let name = "\(request.app).\(request.action)"
      endPlan("\(name) reads by a value that is known after apply", at: request.place)
      return nil
    }
    let beforeWrite = planner.writes.count + 1
    planner.warnIfStale(request, parameters)
    return { [weak planner] result in
      planner?.note(
        PlannedRead(
          request.call, parameters: parameters, result: result.judged(request.call),
          beforeWrite: beforeWrite,
          place: request.place?.description))
      completion(result)
    }
  }

  /// Ends the run because what comes next depends on what is not known yet; nothing in the script can catch that.
  func endPlan(_ reason: String, at location: LuaError.Location?) {
    guard let planner = lane.planner else { return }
    if planner.end == nil {
      planner.end = Plan.End(place: location?.description, reason: reason)
    }
    end(
      RunFailure(.script, code: Planner.endCode, message: "the plan ends here: \(reason)"),
      at: location)
  }
}

extension Planner {
  /// How much of all answers is kept, in bytes of JSON; of the rest only hashes are.
  private static let mostAnswerBytes = 64 << 20

  /// The code of the failure with which a run ends whose plan does.
  public static let endCode = "plan_ends"

  /// Keeps a read; the same answer to the same question once between two writes.
  func note(_ read: PlannedRead) {
    var look = read
    (look.place, look.answer) = (nil, nil)
    guard known.insert(look).inserted else { return }
    var read = read
    answerBytes += read.answer?.json.utf8.count ?? 0
    if answerBytes > Self.mostAnswerBytes { read.answer = nil }
    reads.append(read)
  }

  /// Warns of a read that looks for what an earlier write of the plan sends: the app does not know of it yet.
  func warnIfStale(_ request: ExecRequest, _ parameters: PlanValue) {
    let texts = (parameters.members ?? []).compactMap(\.value.string)
    let number = texts.compactMap { sent["\(request.app)\n\($0)"] }.min()
    let write = number.map { writes[$0 - 1] }
    guard let write else { return }
    let place = request.place.map { " at \($0)" } ?? ""
    warnings.append(
      "\(write.app).\(request.action)\(place) looks for what write \(write.number) sends; "
        + "it saw the app as it is before the plan")
  }

  /// Captures a write, and answers with placeholders.
  func capture(
    _ request: ExecRequest, _ parameters: PlanValue, of run: Run, _ pending: PendingCall,
    _ completion: @escaping Run.Completion
  ) {
    let call = request.call
    let kind = WriteKind(action: request.action, method: parameters["method"]?.string)
    var write = PlannedWrite(
      number: writes.count + 1, kind: kind, call: call, parameters: parameters)
    write.place = request.place?.description
    writes.append(write)
    let number = write.number
    for case .text(let text) in (parameters.members ?? []).map(\.value) where text.count > 2 {
      let key = "\(write.app)\n\(text)"
      sent[key] = sent[key] ?? number
    }
    let answer = PlanValue.Answer(write: number, path: [])
    let index = self.number(of: Placeholder(parts: [.answer(answer)]))
    let body = "{\"node_status\":\"Success\",\"data\":{\(JSONText.quoted(mark.key)):\(index)}}"
    let finish = { completion(.success(Reply(status: 200, body: Array(body.utf8)))) }
    // The schema is known by now: the parameters were checked with it.
    run.lane.catalog.parameters(
      app: write.app, action: write.action, account: call.account
    ) { [self] result in
      let order = (try? result.get())?.parameters.map(\.name) ?? []
      guard kind == .update || kind == .delete else {
        describe(number, order: order, record: nil)
        return finish()
      }
      lookUpRecord(number, of: run, pending) { [self] record in
        describe(number, order: order, record: record)
        finish()
      }
    }
  }
}
