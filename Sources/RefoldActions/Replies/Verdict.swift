/// What a failed reply amounts to: the sort of failure, the words, and the way out.
///
/// An app's status, passed on inside a reply, is told from the API's own: an app that refuses has to be
/// reconnected, an API that refuses needs another key.
struct Verdict {
  let reason: FailureReason
  let isFromApp: Bool
  let call: ActionCall

  var kind: ActionError.Kind { reason.kind(for: call.effect) }

  var isRetryable: Bool { kind == .transient }

  private var app: String { call.app ?? "the app" }

  /// Returns the message: what happened, then what the reply says, or else a remark about it.
  func message(status: Int?, said: String?, remark: String?) -> String {
    let subject = isFromApp ? "'\(app)'" : "the API"
    var message = reason.summary(subject: subject, status: status)
    if let said { message += ": \(said)" } else if let remark { message += " \(remark)" }
    if kind == .unknownOutcome { message += ", so the write may have been applied" }
    return message
  }

  /// Returns the way out; nil when only the reply's own words can tell it.
  func hint(retryAfter: Duration?) -> String? {
    switch reason {
    case .keyRefused: isFromApp ? Hint.reconnect(app, call) : Hint.key
    case .forbidden: isFromApp ? Hint.reconnect(app, call) : Hint.allowed(call)
    case .connectionRefused: Hint.reconnect(app, call)
    case .accountMissing, .accountUnknown: Hint.account(call)
    case .notFound: isFromApp ? nil : Hint.list(call)
    case .rejected: Hint.parameters(call)
    case .tooLarge: "send less at once"
    case .tooMany, .tooEarly: Hint.wait(retryAfter)
    case .redirected: Hint.baseURL
    case .serviceFailed:
      call.effect == .write ? Hint.lookBeforeResending(call) : Hint.tryAgain
    case .conflict, .unsupported, .other: nil
    }
  }
}
