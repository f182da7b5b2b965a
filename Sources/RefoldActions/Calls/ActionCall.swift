/// One request to a backend: what to do, for whom, and with what.
public struct ActionCall: Sendable, Hashable {
  /// What a backend can be asked to do.
  public enum Operation: Sendable, Hashable {
    /// List one page of the linked accounts, from 1; needs no account.
    case accounts(page: Int)
    /// List the apps and whether the account has connected them.
    case applications
    /// Describe one app and its connection.
    case application(app: String)
    /// Give the platform's config of an app for the account: what the customer chose there.
    case config(app: String)
    /// List the actions of an app.
    case actions(app: String)
    /// List the parameters of an action.
    case schema(app: String, action: String)
    /// Execute an action.
    case execute(app: String, action: String)
  }

  /// What to do.
  public var operation: Operation
  /// The linked account id: the one customer for whom the call is made.
  public var account: String
  /// What the call does to the app, which decides what a failure means; only `execute` may write.
  public var effect: Effect
  /// The parameters as the text of a JSON object; sent by `execute` only.
  public var body: [UInt8]
  /// The time that the call may take as a whole; nil leaves it to the backend.
  public var timeout: Duration?
  /// A key under which the caller promises that repeating the call is harmless.
  public var idempotencyKey: String?
  /// Which run makes the call; nil for look-ups, whose answers several runs share.
  public var origin: CallOrigin?

  /// Creates a call; everything but `execute` needs neither effect nor body.
  public init(
    operation: Operation, account: String, effect: Effect = .read, body: [UInt8] = [],
    timeout: Duration? = nil, idempotencyKey: String? = nil, origin: CallOrigin? = nil
  ) {
    self.operation = operation
    self.account = account
    self.effect = effect
    self.body = body
    self.timeout = timeout
    self.idempotencyKey = idempotencyKey
    self.origin = origin
  }

  /// The slug of the app that the call is about; nil when it is about all of them.
  public var app: String? {
    switch operation {
    case .accounts, .applications: nil
    case .application(let app), .config(let app), .actions(let app): app
    case .schema(let app, _), .execute(let app, _): app
    }
  }

  /// The id of the action that the call is about; nil when it is about no single one.
  public var action: String? {
    switch operation {
    case .accounts, .applications, .application, .config, .actions: nil
    case .schema(_, let action), .execute(_, let action): action
    }
  }
}
