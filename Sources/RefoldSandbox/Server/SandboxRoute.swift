import HTTP

/// A path of the API that the sandbox serves, with its parts.
enum SandboxRoute: Equatable {
  case actions(app: String)
  case action(app: String, action: String)
  case execute(app: String, action: String)
  case applications
  case config(app: String)
  case configs
  case application(app: String)
  case accounts
  case account(id: String)

  /// Finds the route of a path, nil when nothing is served there; one slash at the end does not matter.
  ///
  /// - Parameter path: The path as it was sent; its segments are split first, then decoded.
  init?(path: String) {
    var encoded = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    if encoded.last == "" { encoded = encoded.dropLast() }
    var segments: [String] = []
    for segment in encoded {
      guard let decoded = PercentEncoding.decode(String(segment)), !decoded.isEmpty else {
        return nil
      }
      segments.append(decoded)
    }
    guard segments.count >= 4, segments[0] == "api", segments[1] == "v2" else { return nil }
    switch (segments[2], segments[3], segments.count) {
    case ("public", "application", 4): self = .applications
    case ("public", "application", 5): self = .application(app: segments[4])
    case ("public", "linked-account", 4): self = .accounts
    case ("public", "linked-account", 5): self = .account(id: segments[4])
    case ("public", "config", 4): self = .configs
    case ("public", "slug", 6) where segments[5] == "config": self = .config(app: segments[4])
    case ("integration-schema", let app, 5) where segments[4] == "actions":
      self = .actions(app: app)
    case ("integration-schema", let app, 6) where segments[4] == "actions":
      self = .action(app: app, action: segments[5])
    case ("integration-schema", let app, 7)
    where segments[4] == "actions" && segments[6] == "execute":
      self = .execute(app: app, action: segments[5])
    default: return nil
    }
  }

  /// The methods that the route takes.
  var methods: [String] {
    switch self {
    case .actions, .action, .applications, .application: ["GET", "HEAD"]
    case .config: ["GET", "HEAD", "DELETE"]
    case .configs: ["POST", "PUT"]
    case .execute: ["POST"]
    case .accounts: ["GET", "HEAD", "POST", "PUT"]
    case .account: ["GET", "HEAD", "DELETE"]
    }
  }
}
