/// What to do about a failure, in the words that all failures share.
enum Hint {
  static let key = "check REFOLD_API_KEY: keys begin with 'pk' (production) or 'tk' (test)"
  static let baseURL =
    "check REFOLD_BASE_URL: a login page or a proxy may answer there instead of the API"
  static let tryAgain = "try again; if it stays, ask support and name the trace id"

  static func account(_ call: ActionCall) -> String {
    call.account.isEmpty
      ? "name the linked account with '--account ID'"
      : "check the linked account id '\(call.account)' and that it is in the key's environment"
  }

  static func allowed(_ call: ActionCall) -> String {
    "check that the key may do this, and that account '\(call.account)' is in its environment"
  }

  static func reconnect(_ app: String, _ call: ActionCall) -> String {
    "reconnect '\(app)' for account '\(call.account)', then run again"
  }

  static func lookBeforeResending(_ call: ActionCall) -> String {
    let app = call.app.map { "'\($0)'" } ?? "the app"
    return "look in \(app) whether it was applied before sending it again"
  }

  static func list(_ call: ActionCall) -> String {
    switch call.operation {
    case .accounts: baseURL
    case .applications, .application, .config, .actions: "list the apps with 'refold actions'"
    case .schema(let app, _), .execute(let app, _): "list the actions with 'refold actions \(app)'"
    }
  }

  static func parameters(_ call: ActionCall) -> String? {
    guard case .execute(let app, let action) = call.operation else { return nil }
    return "see the parameters with 'refold actions \(app) \(action)'"
  }

  static func wait(_ retryAfter: Duration?) -> String {
    guard let retryAfter else { return "wait, and send fewer calls at once" }
    let (seconds, attoseconds) = retryAfter.components
    return "wait \(attoseconds > 0 ? seconds + 1 : seconds) s, and send fewer calls at once"
  }
}
