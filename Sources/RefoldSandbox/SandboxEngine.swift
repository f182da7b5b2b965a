import Lua
import RefoldActions
import RefoldStdlib
import SQLite

/// The emulated apps: connector files in Lua on records in SQLite.
///
/// Answers calls as the API would, with status and body. Confined to one thread; several engines may use one file.
public final class SandboxEngine {
  /// The accounts that a new sandbox has.
  public static let seededAccounts = ["demo-user-1", "demo-user-2", "acme", "globex"]

  /// The database file.
  public var path: String { store.path }

  let store: SandboxStore
  let lua: LuaState
  let clock: () -> String
  private let slugs: [String]
  private var effects: [String: [String: Effect]] = [:]
  /// Whose records the running connector sees.
  var shelf = SandboxStore.Shelf(account: "", app: "", kind: "")
  /// The database's failure during a connector's call, which Lua can only carry as text.
  var storeFailure: SQLiteError?

  /// Opens the sandbox in a database file; a new one is created and seeded.
  ///
  /// - Parameter clock: Gives the time of new records as ISO 8601 text.
  /// - Throws: `ActionError` with the path and what to do.
  public init(
    databasePath: String, clock: @escaping () -> String = { Timestamp.now() }
  ) throws(ActionError) {
    self.clock = clock
    slugs = Stdlib.connectors.map(\.name).filter { $0 != "kit" }
    do {
      store = try SandboxStore(path: databasePath)
      lua = try LuaState(memoryLimit: 1 << 30)
      try openConnectors()
      try store.transaction {
        if try store.isEmpty() { try seedAll() }
      }
    } catch {
      throw .sandbox(error, path: databasePath)
    }
  }

  private func openConnectors() throws {
    lua.attachment = self
    try lua.withStack { stack in
      stack.pushGlobals()
      stack.pushJSONLibrary()
      stack.setField("json", at: -2)
      stack.pushTable(fields: 8)
      lua.add(RecordsLibrary.shared, toTableOn: stack)
      stack.setRegistryField("records")
      try load("kit", on: stack)
      stack.setRegistryField("kit")
      for slug in slugs {
        try load(slug, on: stack)
        stack.setRegistryField("connector." + slug)
      }
    }
  }

  /// Runs a connector file, with the kit as its argument, and leaves what it returns.
  private func load(_ name: String, on stack: borrowing LuaStack) throws {
    guard let source = Stdlib.connector(named: name) else { return }
    try stack.load(Array(source.text.utf8), name: "=connectors/\(name).lua")
    stack.pushRegistryField("kit")
    try stack.call(arguments: 1, results: 1)
  }

  // MARK: - Seeding

  /// Empties the sandbox and seeds it anew.
  public func reset() throws(ActionError) {
    do {
      try store.transaction {
        try store.clear(nil)
        try seedAll()
      }
    } catch {
      throw .sandbox(error, path: path)
    }
  }

  /// Puts an account's seed rows back, all accounts' when it is nil; other records of it are removed.
  public func seed(account: String?) throws(ActionError) {
    guard let account else { return try reset() }
    do {
      try store.transaction {
        try store.clear(account)
        try seed(account)
      }
    } catch {
      throw .sandbox(error, path: path)
    }
  }

  private func seedAll() throws {
    for account in Self.seededAccounts { try seed(account) }
  }

  private func seed(_ account: String) throws {
    let now = clock()
    try store.put(
      LinkedAccount(id: account, name: account, fields: "[]", createdAt: now, updatedAt: now))
    for slug in slugs {
      shelf = .init(account: account, app: slug, kind: "")
      try lua.withStack { stack in
        pushKit("seed", for: slug, on: stack)
        stack.push(account)
        stack.pushRegistryField("records")
        try call(arguments: 3, results: 0, on: stack)
      }
    }
  }

  // MARK: - Calling the kit

  func pushKit(_ function: String, for slug: String, on stack: borrowing LuaStack) {
    stack.pushRegistryField("kit")
    stack.pushField(function, at: -1)
    stack.remove(at: -2)
    stack.pushRegistryField("connector." + slug)
  }

  /// Calls what was pushed; a failure of the database comes out as itself.
  func call(arguments: Int, results: Int, on stack: borrowing LuaStack) throws {
    storeFailure = nil
    do {
      try stack.call(arguments: arguments, results: results)
    } catch {
      throw storeFailure ?? error
    }
  }

  func hasApp(_ slug: String) -> Bool { slugs.contains(slug) }

  var apps: [String] { slugs }

  /// The effect that a connector declares for an action, nil when its verb tells.
  public func declaredEffect(app: String, action: String) -> Effect? {
    if let known = effects[app] { return known[action] }
    guard hasApp(app) else { return nil }
    var declared: [String: Effect] = [:]
    lua.withStack { stack in
      pushKit("effects", for: app, on: stack)
      guard (try? stack.call(arguments: 1, results: 1)) != nil else { return }
      stack.forEachEntry(at: -1) { stack in
        guard let name = stack.string(at: -2), let text = stack.string(at: -1) else { return }
        declared[name] = Effect(rawValue: text)
      }
    }
    effects[app] = declared
    return declared[action]
  }
}
