/// Tells whether a reply is a failure, what sort, and what to do about it.
///
/// The status decides first, the code second; the text decides only where the API says the same thing in
/// no other way. A failed write is `unknown_outcome` unless it was certainly not applied.
public enum ReplyClassifier {
  /// Returns why a reply is a failure, judged by its status and the look of its body.
  ///
  /// A body that looks like JSON is not read when the status is 2xx: its envelope and its syntax are for whoever
  /// decodes it, with `failure(ofEnvelope:reply:call:)` and `unusable(_:to:because:)`.
  ///
  /// - Returns: The failure; nil for a 2xx reply with a body that may be JSON.
  public static func failure(of reply: Reply, to call: ActionCall) -> ActionError? {
    let look = BodyLook(of: reply)
    guard (200..<300).contains(reply.status) else {
      return failure(ofStatus: reply, look: look, call: call)
    }
    switch look {
    case .json: return nil
    case .empty:
      return unusable(
        reply, to: call, code: "empty_answer", "the answer is empty", isRetryable: true)
    case .html(let title):
      let titled = title.map { " titled '\($0)'" } ?? ""
      return unusable(
        reply, to: call, code: "html_answer", "the answer is an HTML page\(titled), not JSON",
        hint: Hint.baseURL)
    case .text:
      return unusable(
        reply, to: call, code: "malformed_answer", "the answer is not JSON", hint: Hint.baseURL)
    }
  }

  /// Returns why the envelope of a 2xx reply to `execute` is a failure; nil when it is none.
  public static func failure(
    ofEnvelope envelope: Envelope, reply: Reply, call: ActionCall
  ) -> ActionError? {
    guard envelope.isFailure else { return nil }
    let status = envelope.httpStatus.flatMap { $0 >= 400 ? $0 : nil }
    var said = envelope.message.map { OneLine.of($0) }
    if said == nil, status == nil, let nodeStatus = envelope.nodeStatus {
      said = "node_status is '\(OneLine.of(nodeStatus, limit: 40))'"
    }
    return error(
      Verdict(
        reason: FailureReason(envelopeStatus: status, code: envelope.code, said: said),
        isFromApp: true, call: call),
      code: envelope.code ?? status.map { "http_\($0)" } ?? "call_failed",
      status: status, said: said, remark: nil, reply: reply)
  }

  /// Returns what a reply holds, or throws why it holds nothing usable.
  ///
  /// ```swift
  /// let actions = try ReplyClassifier.decoded(reply, to: call, by: ActionSummary.list(in:))
  /// ```
  ///
  /// - Parameter decode: Reads the body of a 2xx reply.
  /// - Throws: `ActionError` for a failed reply and for a body that `decode` cannot read.
  public static func decoded<Value>(
    _ reply: Reply, to call: ActionCall, by decode: ([UInt8]) throws(JSONScanError) -> Value
  ) throws(ActionError) -> Value {
    if let failure = failure(of: reply, to: call) { throw failure }
    do throws(JSONScanError) {
      return try decode(reply.body)
    } catch {
      throw unusable(reply, to: call, because: error.description)
    }
  }

  /// Returns the failure that a 2xx reply is when its body cannot be decoded or has the wrong shape.
  ///
  /// - Parameter reason: What the decoder says: `expected ',' or ']', found the end at byte 18`.
  public static func unusable(
    _ reply: Reply, to call: ActionCall, because reason: String
  ) -> ActionError {
    unusable(
      reply, to: call, code: "malformed_answer",
      "the answer is not usable JSON: \(OneLine.of(reason))", isRetryable: true)
  }

  /// A read may be repeated when that may help; a write that got a 2xx was very likely applied.
  private static func unusable(
    _ reply: Reply, to call: ActionCall, code: String, _ message: String,
    hint: String = Hint.tryAgain, isRetryable: Bool = false
  ) -> ActionError {
    var error: ActionError
    if call.effect == .write {
      error = ActionError(
        .unknownOutcome, code: code, message: "\(message), so the write may have been applied",
        hint: Hint.lookBeforeResending(call), status: reply.status, about: call)
    } else {
      error = ActionError(
        isRetryable ? .transient : .permanent, code: code, message: message, hint: hint,
        status: reply.status, retryable: isRetryable, about: call)
    }
    error.traceID = reply.traceID
    return error
  }

  private static func failure(
    ofStatus reply: Reply, look: BodyLook, call: ActionCall
  ) -> ActionError {
    let body = look == .json ? ErrorBody(reading: reply.body) : ErrorBody()
    let said =
      look == .text ? OneLine.of(String(decoding: reply.body, as: UTF8.self)) : body.message
    var error = error(
      Verdict(
        reason: FailureReason(status: reply.status, code: body.code, said: said),
        isFromApp: false, call: call),
      code: body.code ?? "http_\(reply.status)", status: reply.status, said: said,
      remark: look.remark, reply: reply)
    if case .html = look, error.kind == .permanent { error.hint = Hint.baseURL }
    return error
  }

  private static func error(
    _ verdict: Verdict, code: String, status: Int?, said: String?, remark: String?, reply: Reply
  ) -> ActionError {
    var error = ActionError(
      verdict.kind, code: code,
      message: verdict.message(status: status, said: said, remark: remark),
      hint: verdict.hint(retryAfter: reply.retryAfter), status: status ?? reply.status,
      retryable: verdict.isRetryable, about: verdict.call)
    error.retryAfter = reply.retryAfter
    error.traceID = reply.traceID
    return error
  }
}
