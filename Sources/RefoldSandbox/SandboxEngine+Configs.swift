import RefoldActions
import SQLite

/// The configs that customers make on the platform: one for each app of an account, named by the account's id.
extension SandboxEngine {
  /// What can be done with configs, beside reading one.
  enum ConfigOperation: Equatable {
    /// Makes the config of an app when there is none, and sets the fields that the body holds.
    case set([UInt8])
    case delete(app: String)
  }

  /// Answers an operation on configs as the API does.
  ///
  /// - Throws: `ActionError` when the database fails.
  func reply(to operation: ConfigOperation, account: String) throws(ActionError) -> Reply {
    do {
      if !(try store.hasAccount(account)) { return .unknownAccount(account) }
      return switch operation {
      case .set(let body): try store.transaction { try setConfig(body, account) }
      case .delete(let app): try store.transaction { try deleteConfig(app, account) }
      }
    } catch {
      throw .sandbox(error, path: path)
    }
  }

  /// Answers with the config of an app.
  func config(_ app: String, _ account: String) throws -> Reply {
    guard hasApp(app) else { return .unknownConfigApp(app) }
    guard let fields = try configFields(app, account) else { return .unknownConfig(account) }
    let shown = fields.map { field in
      JSONText.object([
        "id": JSONText.quoted(field.id), "name": JSONText.quoted(field.id),
        "field_type": JSONText.quoted("text"), "required": "false", "value": field.value,
      ])
    }
    return .json(
      JSONText.object([
        "slug": JSONText.quoted(app), "config_id": JSONText.quoted(account),
        "fields": JSONText.array(shown), "workflows": "[]", "field_errors": "[]",
      ]))
  }

  private func setConfig(_ body: [UInt8], _ account: String) throws -> Reply {
    var app: String?
    var given: [ConfigField] = []
    do throws(JSONScanError) {
      var scanner = JSONScanner(body)
      try scanner.members { (key, scanner) throws(JSONScanError) in
        switch key {
        case "slug": app = try scanner.string()
        case "fields": given = try ConfigField.list(&scanner, in: body)
        default: try scanner.skipValue()
        }
      }
      try scanner.finish()
    } catch {
      return .badRequest("the body is not a JSON object: \(error.message)")
    }
    guard let app, !app.isEmpty else { return .badRequest("slug is required") }
    guard hasApp(app) else { return .unknownConfigApp(app) }
    var fields = try configFields(app, account) ?? []
    for field in given {
      fields.removeAll { $0.id == field.id }
      fields.append(field)
    }
    let members = fields.map { (name: $0.id, value: $0.value) }
    try store.put(
      account, Array(JSONText.object(members).utf8), keys: [], on: Self.shelf(account, app))
    return try config(app, account)
  }

  private func deleteConfig(_ app: String, _ account: String) throws -> Reply {
    guard hasApp(app) else { return .unknownConfigApp(app) }
    guard try store.delete(account, on: Self.shelf(account, app)) else {
      return .unknownConfig(account)
    }
    return .json(JSONText.object(["message": JSONText.quoted("Installation Deleted Success")]))
  }

  private func configFields(_ app: String, _ account: String) throws -> [ConfigField]? {
    guard let body = try store.record(account, on: Self.shelf(account, app)) else { return nil }
    var scanner = JSONScanner(body)
    return try ConfigField.list(&scanner, in: body)
  }

  /// The configs lie beside the app's records, under a kind that no connector can name.
  private static func shelf(_ account: String, _ app: String) -> SandboxStore.Shelf {
    SandboxStore.Shelf(account: account, app: app, kind: "#config")
  }
}

/// A field of a config, with its value as JSON text.
private struct ConfigField {
  var id: String
  var value: String

  /// Reads an object of values by the ids of their fields.
  static func list(
    _ scanner: inout JSONScanner, in body: [UInt8]
  ) throws(JSONScanError) -> [ConfigField] {
    var fields: [ConfigField] = []
    try scanner.members { (id, scanner) throws(JSONScanError) in
      let start = scanner.offset
      try scanner.skipValue()
      let value = String(decoding: body[start..<scanner.offset], as: UTF8.self)
      fields.append(ConfigField(id: id, value: value))
    }
    return fields
  }
}

extension Reply {
  fileprivate static func unknownConfigApp(_ app: String) -> Reply {
    .error(
      404, type: "NOT_FOUND", code: "INVALID_APP_ID", message: "Application \(app) not found")
  }

  fileprivate static func unknownConfig(_ id: String) -> Reply {
    .error(
      404, type: "NOT_FOUND", code: "RESOURCE_NOT_FOUND",
      message: "Config with config id \(id) not found")
  }
}
