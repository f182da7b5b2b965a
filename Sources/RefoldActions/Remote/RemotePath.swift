import HTTP

/// The paths of the API's operations.
enum RemotePath {
  /// Returns the path of a call, every part of it percent-encoded.
  ///
  /// - Throws: `ActionError` when a name would not arrive as one part of a path.
  static func path(of call: ActionCall) throws(ActionError) -> String {
    switch call.operation {
    case .accounts(let page):
      return "/api/v2/public/linked-account?page=\(page)&limit=\(AccountPage.limit)"
    case .applications:
      return "/api/v2/public/application"
    case .application(let app):
      return "/api/v2/public/application/\(try part(app, "app", call))"
    case .config(let app):
      return "/api/v2/public/slug/\(try part(app, "app", call))/config"
    case .actions(let app):
      return "/api/v2/integration-schema/\(try part(app, "app", call))/actions"
    case .schema(let app, let action):
      return try path(ofAction: action, app: app, call)
    case .execute(let app, let action):
      return try path(ofAction: action, app: app, call) + "/execute"
    }
  }

  private static func path(
    ofAction action: String, app: String, _ call: ActionCall
  ) throws(ActionError) -> String {
    let app = try part(app, "app", call)
    return "/api/v2/integration-schema/\(app)/actions/\(try part(action, "action", call))"
  }

  /// An empty part and a part of dots change which path is meant, and encoding dots does not help: a server may
  /// decode before it resolves them.
  private static func part(
    _ name: String, _ role: String, _ call: ActionCall
  ) throws(ActionError) -> String {
    if name.isEmpty || name == "." || name == ".." {
      throw ActionError(
        .permanent, code: "invalid_name", message: "'\(name)' is not the name of an \(role)",
        hint: "list the apps with 'refold actions'", about: call)
    }
    return PercentEncoding.encodePathSegment(name)
  }
}
