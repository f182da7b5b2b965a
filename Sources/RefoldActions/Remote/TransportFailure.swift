import HTTP

extension ActionError {
  /// The failure of a call that left, and that nothing answered in time.
  package static func unanswered(_ call: ActionCall, within time: Duration) -> ActionError {
    let tenths =
      time.components.seconds * 10 + time.components.attoseconds / 100_000_000_000_000_000
    let seconds = tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    return afterLeaving(
      call, code: "timeout", "no answer within \(seconds) s", .transient,
      hint: "try again, or allow the call more time")
  }

  /// The failure of a call that left, and was given up.
  package static func cancelled(_ call: ActionCall) -> ActionError {
    afterLeaving(call, code: "cancelled", "the call was cancelled", .cancelled, hint: nil)
  }

  private static func afterLeaving(
    _ call: ActionCall, code: String, _ message: String, _ kind: Kind, hint: String?
  ) -> ActionError {
    guard call.effect == .write else {
      return ActionError(
        kind, code: code, message: message, hint: hint, retryable: kind == .transient, about: call)
    }
    return ActionError(
      .unknownOutcome, code: code, message: "\(message), so the write may have been applied",
      hint: Hint.lookBeforeResending(call), about: call)
  }
}

/// Turns a transfer that got no reply into an error about its call.
enum TransportFailure {
  /// Returns the error for a failed transfer.
  ///
  /// A read may always be sent again. A write may when nothing of it left; once it has left, no news is not
  /// good news, and its outcome is unknown.
  static func error(_ failure: HTTPError, about call: ActionCall, baseURL: BaseURL) -> ActionError {
    let code = name(of: failure.code)
    let message = failure.code == .cancelled ? "the call was cancelled" : failure.message
    if call.effect == .write && failure.wasSent {
      return ActionError(
        .unknownOutcome, code: code,
        message: "\(message), so the write may have been applied",
        hint: Hint.lookBeforeResending(call), about: call)
    }
    switch failure.code {
    case .cancelled:
      return ActionError(.cancelled, code: code, message: message, about: call)
    case .invalidRequest:
      return ActionError(.permanent, code: code, message: message, about: call)
    case .libraryMissing:
      return ActionError(.permanent, code: code, message: message, about: call)
    case .responseTooLarge:
      return ActionError(
        .permanent, code: code, message: message, hint: "ask for fewer records at once",
        about: call)
    // Certificates do not get valid by trying again, yet nothing is wrong with the call.
    case .tls:
      return ActionError(
        .transient, code: code, message: message,
        hint: message.contains("wrong version number")
          ? "check REFOLD_BASE_URL ('\(baseURL)'): what answers there does not speak TLS"
          : "name the certificates to trust in SSL_CERT_FILE; verification is never switched off",
        about: call)
    default:
      return ActionError(
        .transient, code: code, message: message, hint: hint(failure.code, baseURL),
        retryable: true, about: call)
    }
  }

  private static func hint(_ code: HTTPError.Code, _ baseURL: BaseURL) -> String {
    switch code {
    case .nameResolution: "check the network, and the host in REFOLD_BASE_URL ('\(baseURL)')"
    case .connectionFailed: "check the network, and that the API is reached at '\(baseURL)'"
    case .timeout: "try again, or allow the call more time"
    case .invalidResponse: "check REFOLD_BASE_URL ('\(baseURL)'): is it the API that answers there?"
    default: "try again"
    }
  }

  private static func name(of code: HTTPError.Code) -> String {
    switch code {
    case .invalidRequest: "invalid_request"
    case .nameResolution: "name_resolution"
    case .connectionFailed: "connection_failed"
    case .tls: "tls"
    case .timeout: "timeout"
    case .connectionClosed: "connection_closed"
    case .responseTooLarge: "response_too_large"
    case .invalidResponse: "invalid_response"
    case .cancelled: "cancelled"
    case .libraryMissing: "library_missing"
    default: "connection_error"
    }
  }
}
