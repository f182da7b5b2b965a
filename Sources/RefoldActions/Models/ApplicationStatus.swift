/// An app and how it stands with one account.
public struct ApplicationStatus: Sendable, Hashable {
  /// Whether calls can be made, and if not, what is missing.
  public enum Connection: String, Sendable, Hashable {
    /// Calls can be made.
    case connected
    /// The customer never connected the app.
    case notConnected = "not_connected"
    /// The connection has expired and the customer has to connect again.
    case reauthRequired = "reauth_required"
  }

  /// The slug by which the app is named in calls.
  public var slug: String
  /// The name for people; the slug when the API gives none.
  public var name: String
  /// Whether the customer has ever connected the app.
  public var connected: Bool
  /// Whether the connection has expired.
  public var reauthRequired: Bool

  /// Creates a status.
  public init(slug: String, name: String, connected: Bool, reauthRequired: Bool) {
    self.slug = slug
    self.name = name
    self.connected = connected
    self.reauthRequired = reauthRequired
  }

  /// The two facts as one; `connected` is looked at first, as the API's documentation asks.
  public var connection: Connection {
    if !connected { return .notConnected }
    return reauthRequired ? .reauthRequired : .connected
  }

  /// Returns the apps in the body of a list reply, in its order.
  ///
  /// Takes a bare array and `{"applications": […]}`. `connected` is missing in the API's replies until an app is
  /// first connected. Unknown keys are ignored; an element without a `slug` is left out.
  ///
  /// - Throws: `JSONScanError` when the body is not JSON or holds no list.
  public static func list(in body: [UInt8]) throws(JSONScanError) -> [ApplicationStatus] {
    var applications: [ApplicationStatus] = []
    try ListBody.read(body, wrappedIn: "applications") { (scanner) throws(JSONScanError) in
      if let application = try read(&scanner) { applications.append(application) }
    }
    return applications
  }

  /// Returns the app in the body of a reply about one app: an object, or an array whose first app counts.
  ///
  /// - Throws: `JSONScanError` when the body is not JSON or describes no app.
  public static func one(in body: [UInt8]) throws(JSONScanError) -> ApplicationStatus {
    var scanner = JSONScanner(body)
    let single = try read(&scanner)
    try scanner.finish()
    if let single { return single }
    if let first = try list(in: body).first { return first }
    throw JSONScanError(message: "expected an app with a 'slug'", offset: 0)
  }

  private static func read(
    _ scanner: inout JSONScanner
  ) throws(JSONScanError) -> ApplicationStatus? {
    var (slug, name): (String?, String?)
    var (connected, reauthRequired) = (false, false)
    try scanner.members { (key, scanner) throws(JSONScanError) in
      switch key {
      case "slug": slug = try scanner.string()
      case "name": name = try scanner.string()
      case "connected": connected = try scanner.bool() ?? false
      case "reauth_required": reauthRequired = try scanner.bool() ?? false
      default: break
      }
    }
    guard let slug else { return nil }
    return ApplicationStatus(
      slug: slug, name: name ?? slug, connected: connected, reauthRequired: reauthRequired)
  }
}
