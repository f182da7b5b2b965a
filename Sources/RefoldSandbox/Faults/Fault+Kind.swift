extension Fault {
  /// What can go wrong.
  ///
  /// An enum although it is public: each case needs an answer, so every switch has to know it.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// 429, which says nothing about how long to wait.
    case rateLimit = "rate-limit"
    /// 429 with `Retry-After: 1`.
    case rateLimitAfter = "rate-limit-after"
    /// 500.
    case serverError = "server-error"
    /// 503.
    case unavailable
    /// No answer, and the call was not carried out.
    case timeoutBefore = "timeout-before"
    /// No answer, and the call was carried out.
    case timeoutAfter = "timeout-after"
    /// An answer that comes after ``Fault/slowness``.
    case slow
    /// The first half of the answer.
    case truncated
    /// The answer before this one again, with its cursor; at calls that follow another of the same action.
    case repeatedCursor = "repeated-cursor"
    /// The first record of a list twice.
    case duplicate
    /// 401 for this call alone.
    case unauthorized
    /// 401, and the app has to be connected again from now on.
    case expiredConnection = "expired-connection"
    /// 200 with `node_status` `Failed` and nothing else.
    case nodeFailed = "node-failed"
    /// 200 with `node_status` `Failed` and the app's status 502 as `http_status`.
    case appFailed = "app-failed"
    /// 200 with `success` false.
    case successFalse = "success-false"
    /// 400 with the code as `error_code`.
    case errorCode = "error-code"
    /// 409 with the code as `error`.
    case errorWord = "error-word"
    /// 400 with the code as `error_type`, and a `request_id`.
    case errorType = "error-type"
    /// 500 with `message` and a text as `error`.
    case errorText = "error-text"
    /// 502 with an HTML page.
    case html
    /// 200 with nothing in it, though the call was carried out.
    case empty
    /// Lists and searches do not show yet what was made less than ``Fault/indexLag`` ago; at calls that read.
    case indexLag = "index-lag"

    /// Those that a test can meet at any call.
    public static let ofCalls = allCases.filter { $0 != .indexLag }

    /// Whether the call is carried out before its answer is spoilt.
    public var isApplied: Bool {
      switch self {
      case .timeoutAfter, .slow, .truncated, .repeatedCursor, .duplicate, .empty, .indexLag: true
      default: false
      }
    }

    /// What it is, in a line.
    public var summary: String {
      switch self {
      case .rateLimit: "429, without a word on how long to wait"
      case .rateLimitAfter: "429 with 'Retry-After: 1'"
      case .serverError: "500"
      case .unavailable: "503"
      case .timeoutBefore: "no answer, and nothing was done"
      case .timeoutAfter: "no answer, though it was done"
      case .slow: "an answer after two seconds"
      case .truncated: "the first half of the answer, though it was done"
      case .repeatedCursor: "the page before once more, with its cursor"
      case .duplicate: "the first record of a list twice"
      case .unauthorized: "401, once"
      case .expiredConnection: "401, and the app has to be connected again"
      case .nodeFailed: "200 with node_status 'Failed'"
      case .appFailed: "200 with node_status 'Failed' and http_status 502"
      case .successFalse: "200 with success false"
      case .errorCode: "400 with 'error_code'"
      case .errorWord: "409 with the code as 'error'"
      case .errorType: "400 with 'error_type' and 'request_id'"
      case .errorText: "500 with a text as 'error'"
      case .html: "502 with an HTML page"
      case .empty: "200 with nothing in it, though it was done"
      case .indexLag: "a list or a search without what was made in the last two seconds"
      }
    }
  }

  /// How much later an answer comes that is slow.
  public static let slowness = Duration.seconds(2)
  /// How much later than it was made a record shows in a list or a search that lags.
  public static let indexLag = Duration.seconds(2)
}
