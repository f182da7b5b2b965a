import Lua
import RefoldActions
import SQLite

/// The records of an app as a test sees them: tables to read and to replace.
extension SandboxEngine {
  /// Removes all accounts with all that they hold.
  ///
  /// - Throws: `ActionError` when the database fails.
  public func clear() throws(ActionError) {
    do {
      try store.transaction { try store.clear(nil) }
    } catch {
      throw .sandbox(error, path: path)
    }
  }

  /// Makes an account when there is none of that name, with the connectors' seed rows of `demo-user-1`.
  ///
  /// - Throws: `ActionError` when the database fails.
  public func ensureAccount(_ account: String) throws(ActionError) {
    do {
      if try store.hasAccount(account) { return }
      let isSeeded = Self.seededAccounts.contains(account)
      try store.transaction {
        try seed(account, like: isSeeded ? account : Self.seededAccounts.first)
      }
    } catch {
      throw .sandbox(error, path: path)
    }
  }

  /// Returns all records of a table, oldest first, as a JSON array.
  ///
  /// - Throws: `ActionError` for an unknown app or table, with the nearest name; when the database fails.
  public func records(
    of account: String, app: String, table: String
  ) throws(ActionError) -> [UInt8] {
    try checkTable(app, table)
    shelf = .init(account: account, app: app, kind: "")
    do {
      return try lua.withStack { stack in
        try pushKit("rows", for: app, on: stack)
        stack.push(table)
        stack.pushRegistryField("records")
        try call(arguments: 3, results: 1, on: stack)
        var options = JSONEncodingOptions()
        options.sortsKeys = true
        return try stack.encodeJSON(at: -1, options: options)
      }
    } catch {
      throw .sandbox(error, path: path)
    }
  }

  /// Replaces all records of a table; those without an id get one.
  ///
  /// - Parameter rows: A JSON array of objects, in the app's native shape; HubSpot's may be its properties alone.
  /// - Throws: `ActionError` for an unknown app or table, with the nearest name; when the database fails.
  public func replace(
    with rows: [UInt8], of account: String, app: String, table: String
  ) throws(ActionError) {
    try checkTable(app, table)
    shelf = .init(account: account, app: app, kind: "")
    do {
      try store.transaction {
        try lua.withStack { stack in
          try pushKit("replace", for: app, on: stack)
          stack.push(table)
          try stack.pushJSON(rows)
          stack.pushRegistryField("records")
          try call(arguments: 4, results: 0, on: stack)
        }
      }
    } catch {
      throw .sandbox(error, path: path)
    }
  }

  private func checkTable(_ app: String, _ table: String) throws(ActionError) {
    guard hasApp(app) else { throw .unknown("app", app, of: nil, known: apps) }
    let kinds: [String]
    do {
      kinds = try lua.withStack { stack in
        try pushKit("kinds", for: app, on: stack)
        try call(arguments: 1, results: 1, on: stack)
        return (0..<stack.rawLength(at: -1)).map { index in
          stack.pushElement(index + 1, at: -1)
          defer { stack.pop() }
          return stack.string(at: -1) ?? ""
        }
      }
    } catch {
      throw .sandbox(error, path: path)
    }
    guard kinds.contains(table) else { throw .unknown("table", table, of: app, known: kinds) }
  }
}

extension ActionError {
  fileprivate static func unknown(
    _ noun: String, _ name: String, of app: String?, known: [String]
  ) -> ActionError {
    let nearest = NearestName.of(name, in: known).map { "did you mean '\($0)'? " } ?? ""
    return ActionError(
      kind: .permanent, code: "unknown_\(noun)",
      message: "the sandbox has no \(noun) '\(app.map { "\($0)." } ?? "")\(name)'",
      hint: "\(nearest)There are \(known.joined(separator: ", "))", app: app)
  }
}
