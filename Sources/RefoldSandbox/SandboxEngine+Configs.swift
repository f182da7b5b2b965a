import RefoldActions
import SQLite

/// The configs that customers make on the platform: one for an app and an account, named by the account's id.
extension SandboxEngine {
  /// Answers with the config of an app, as the API does.
  func config(_ app: String, _ account: String) throws -> Reply {
    guard hasApp(app) else { return .unknownConfigApp(app) }
    guard let body = try store.record(account, on: Self.shelf(account, app)) else {
      return .error(
        404, type: "NOT_FOUND", code: "RESOURCE_NOT_FOUND",
        message: "Config with config id \(account) not found")
    }
    return Reply(status: 200, body: body, contentType: "application/json")
  }

  /// Sets the config of an app for an account, as the API would answer it.
  ///
  /// - Parameter json: The text of an object `{ slug, config_id, fields, workflows }`; it is not looked into.
  /// - Throws: `ActionError` when the database fails.
  public func setConfig(_ json: [UInt8], app: String, account: String) throws(ActionError) {
    do {
      try store.put(account, json, keys: [], on: Self.shelf(account, app))
    } catch {
      throw .sandbox(error, path: path)
    }
  }

  /// The configs lie beside the app's records, under a kind that no connector can name.
  private static func shelf(_ account: String, _ app: String) -> SandboxStore.Shelf {
    SandboxStore.Shelf(account: account, app: app, kind: "#config")
  }
}

extension Reply {
  fileprivate static func unknownConfigApp(_ app: String) -> Reply {
    .error(
      404, type: "NOT_FOUND", code: "INVALID_APP_ID", message: "Application \(app) not found")
  }
}
