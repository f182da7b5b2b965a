import RefoldActions

/// Which apps and actions a run may read and write, as one source has it.
///
/// ```swift
/// Permissions(source: "--read-only", reads: nil, writes: []).refusal(of: "hubspot", "create_contact", .write)
/// // "hubspot.create_contact writes, and '--read-only' permits no write"
/// ```
public struct Permissions: Sendable, Equatable {
  /// An app, or one action of it.
  public struct Rule: Sendable, Hashable, CustomStringConvertible {
    /// The slug of the app.
    public var app: String
    /// The id of the action; nil for all actions of the app.
    public var action: String?

    /// Reads `app`, `app.action` or `app:action`; nil when a part is empty.
    public init?(_ text: String) {
      let separator = text.firstIndex { $0 == "." || $0 == ":" }
      app = String(text[..<(separator ?? text.endIndex)])
      action = separator.map { String(text[text.index(after: $0)...]) }
      if app.isEmpty || action == "" { return nil }
    }

    /// `app` or `app.action`.
    public var description: String { action.map { "\(app).\($0)" } ?? app }

    func covers(_ app: String, _ action: String) -> Bool {
      self.app == app && (self.action ?? action) == action
    }
  }

  /// Who says so, for messages: an option of a command, or the script.
  public var source: String
  /// What may be read; nil for everything.
  public var reads: [Rule]?
  /// What may be written; nil for everything.
  public var writes: [Rule]?

  /// Creates permissions.
  public init(source: String, reads: [Rule]? = nil, writes: [Rule]? = nil) {
    self.source = source
    self.reads = reads
    self.writes = writes
  }

  /// Returns why a call is refused; nil when it is permitted.
  func refusal(of app: String, _ action: String, _ effect: Effect) -> String? {
    guard let rules = effect == .write ? writes : reads,
      !rules.contains(where: { $0.covers(app, action) })
    else { return nil }
    let verb = effect == .write ? "writes" : "reads"
    let noun = effect == .write ? "write" : "read"
    guard !rules.isEmpty else {
      return "\(app).\(action) \(verb), and \(source) permits no \(noun)"
    }
    let list = rules.map(\.description).joined(separator: ", ")
    return "\(app).\(action) \(verb), and \(source) permits only \(list)"
  }
}

/// Whether a call was permitted, for whoever keeps a record of it.
public struct PermissionDecision: Sendable, Equatable {
  /// The id of the run.
  public var runID: String
  /// The linked account.
  public var account: String
  /// The slug of the app.
  public var app: String
  /// The id of the action.
  public var action: String
  /// What the action does to the app.
  public var effect: Effect
  /// Why it was refused; nil when it was permitted.
  public var refusal: String?

  /// Creates a decision.
  public init(
    runID: String, account: String, app: String, action: String, effect: Effect, refusal: String?
  ) {
    self.runID = runID
    self.account = account
    self.app = app
    self.action = action
    self.effect = effect
    self.refusal = refusal
  }
}
