/// What a failing status means, whoever it came from.
enum FailureReason {
  case redirected, keyRefused, forbidden, accountMissing, accountUnknown, connectionRefused
  case notFound, rejected, tooLarge, tooMany, tooEarly, conflict, unsupported
  case serviceFailed, other

  /// Works out the reason from the status, then the code, then, where nothing else tells, the text.
  init(status: Int, code: String?, said: String?) {
    let said = said?.lowercased() ?? ""
    switch status {
    case 300..<400: self = .redirected
    case 401: self = .keyRefused
    case 403: self = .forbidden
    case 400, 404, 422:
      self = Self.ofMissing(status: status, code: code, said: said)
    case 409: self = .conflict
    case 413: self = .tooLarge
    case 425: self = .tooEarly
    case 429: self = .tooMany
    case 501, 505: self = .unsupported
    // The API answers so when the stored credentials of a connection do not work.
    case 500 where said.contains("failed to verify credentials"): self = .connectionRefused
    case 408, 500...: self = .serviceFailed
    case 400..<500: self = .other
    default: self = .serviceFailed
    }
  }

  /// Works out the reason inside a reply, where the status may be missing: a failure without one is final.
  init(envelopeStatus status: Int?, code: String?, said: String?) {
    if let status {
      self.init(status: status, code: code, said: said)
    } else {
      self = .other
    }
  }

  /// A missing key and a missing account come as 404 `MISSING_REQUIRED_FIELD`, or as text alone.
  private static func ofMissing(status: Int, code: String?, said: String) -> FailureReason {
    if code == "MISSING_LINKED_ACCOUNT_ID" || said.hasPrefix("linked account id is required") {
      return .accountMissing
    }
    if code == "INVALID_LINKED_ACCOUNT_ID" { return .accountUnknown }
    guard status == 404 else { return .rejected }
    if code == "MISSING_REQUIRED_FIELD" || said.hasPrefix("missing api key") { return .keyRefused }
    return .notFound
  }

  func kind(for effect: Effect) -> ActionError.Kind {
    switch self {
    case .keyRefused, .forbidden, .accountMissing, .connectionRefused: .auth
    case .tooMany, .tooEarly: .transient
    case .serviceFailed: effect == .write ? .unknownOutcome : .transient
    case .redirected, .accountUnknown, .notFound, .rejected, .tooLarge, .conflict, .unsupported,
      .other:
      .permanent
    }
  }

  /// Returns what happened, in a few words.
  ///
  /// - Parameter subject: Who answered: `the API`, or an app in quotes.
  func summary(subject: String, status: Int?) -> String {
    switch self {
    case .redirected: "\(subject) redirects elsewhere"
    case .keyRefused: "\(subject) refused the key"
    case .forbidden: "\(subject) does not allow this"
    case .accountMissing: "\(subject) misses the linked account"
    case .accountUnknown: "\(subject) does not know the linked account"
    case .connectionRefused: "\(subject) could not use the stored credentials"
    case .notFound: "\(subject) did not find it"
    case .rejected: "\(subject) rejected the request"
    case .tooLarge: "\(subject) takes no request that large"
    case .tooMany: "\(subject) takes no more requests for now"
    case .tooEarly: "\(subject) is not ready yet"
    case .conflict: "\(subject) reports a conflict"
    case .unsupported: "\(subject) does not support this"
    case .serviceFailed: "\(subject) failed"
    case .other: status.map { "\(subject) answered with status \($0)" } ?? "\(subject) failed"
    }
  }
}
