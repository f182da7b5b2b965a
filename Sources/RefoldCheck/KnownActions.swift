import RefoldActions

/// What a backend offers, as far as a check needs it.
package struct KnownActions: Sendable, Equatable {
  /// An action of an app.
  package struct Action: Sendable, Equatable {
    package var effect: Effect
    /// Its parameters in the backend's order; nil when nobody asked for them.
    package var parameters: [ActionParameter]?

    /// Makes an action.
    package init(effect: Effect, parameters: [ActionParameter]? = nil) {
      self.effect = effect
      self.parameters = parameters
    }
  }

  /// The backend's word for itself, such as `sandbox`.
  package var backend: String
  /// The slugs of the apps; nil when they are not known.
  package var apps: [String]?
  /// The actions by app and id.
  package var actions: [String: [String: Action]] = [:]

  /// Whether the backend has all that there is, so that what it has not is wrong.
  var isComplete: Bool { backend != "sandbox" }

  /// Makes a list.
  package init(
    backend: String, apps: [String]? = nil, actions: [String: [String: Action]] = [:]
  ) {
    self.backend = backend
    self.apps = apps
    self.actions = actions
  }

  /// Reads `{ apps: [slug], actions: { app: { id: { effect, parameters? } } } }`.
  ///
  /// - Throws: `JSONScanError` when it is something else.
  package init(backend: String, json: [UInt8]) throws(JSONScanError) {
    self.init(backend: backend)
    var apps: [String] = []
    var actions: [String: [String: Action]] = [:]
    var scanner = JSONScanner(json)
    try scanner.members { (key, scanner) throws(JSONScanError) in
      switch key {
      case "apps":
        try scanner.elements { (scanner) throws(JSONScanError) in
          if let slug = try scanner.string() { apps.append(slug) }
        }
      case "actions":
        try scanner.members { (app, scanner) throws(JSONScanError) in
          var list: [String: Action] = [:]
          try scanner.members { (id, scanner) throws(JSONScanError) in
            list[id] = try Self.action(&scanner, json)
          }
          actions[app] = list
        }
      default: break
      }
    }
    self.apps = apps
    self.actions = actions
  }

  private static func action(
    _ scanner: inout JSONScanner, _ json: [UInt8]
  ) throws(JSONScanError) -> Action {
    var action = Action(effect: .write)
    try scanner.members { (key, scanner) throws(JSONScanError) in
      switch key {
      case "effect":
        action.effect = try scanner.string().flatMap(Effect.init(rawValue:)) ?? .write
      case "parameters":
        let start = scanner.offset
        try scanner.skipValue()
        action.parameters = try ActionParameter.list(in: Array(json[start..<scanner.offset]))
      default: break
      }
    }
    return action
  }
}
