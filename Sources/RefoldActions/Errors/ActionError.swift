/// Why a call failed, and what to do about it.
///
/// `kind` is what to branch on. `code` tells more: in capitals it is the API's own (`RESOURCE_NOT_FOUND`),
/// in small letters it is this program's (`connection_refused`). No field ever holds the API key.
public struct ActionError: Error, Sendable, Hashable {
  /// What sort of failure it is.
  public var kind: Kind
  /// The HTTP status, or the app's status inside a reply; nil when no reply came.
  public var status: Int?
  /// A name for the failure, stable across versions.
  public var code: String
  /// What failed, in lower case and without a full stop.
  public var message: String
  /// How to fix it.
  public var hint: String?
  /// The slug of the app.
  public var app: String?
  /// The id of the action.
  public var action: String?
  /// The linked account id.
  public var account: String?
  /// Whether the same call may be sent again without doing anything twice.
  public var retryable: Bool
  /// How long the service asks to wait before that.
  public var retryAfter: Duration?
  /// The `X-Trace-ID` of the reply, for support.
  public var traceID: String?

  /// Creates an error.
  public init(
    kind: Kind, status: Int? = nil, code: String, message: String, hint: String? = nil,
    app: String? = nil, action: String? = nil, account: String? = nil, retryable: Bool = false,
    retryAfter: Duration? = nil, traceID: String? = nil
  ) {
    self.kind = kind
    self.status = status
    self.code = code
    self.message = message
    self.hint = hint
    self.app = app
    self.action = action
    self.account = account
    self.retryable = retryable
    self.retryAfter = retryAfter
    self.traceID = traceID
  }

  /// Creates an error about a call: app, action and account are taken from it.
  public init(
    _ kind: Kind, code: String, message: String, hint: String? = nil, status: Int? = nil,
    retryable: Bool = false, about call: ActionCall
  ) {
    self.init(
      kind: kind, status: status, code: code, message: message, hint: hint, app: call.app,
      action: call.action, account: call.account, retryable: retryable)
  }
}
