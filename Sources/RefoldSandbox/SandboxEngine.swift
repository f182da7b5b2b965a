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
  /// The faults that calls meet.
  var faults: FaultPlan?
  /// Receives each write that was applied, and what the app says about it.
  var onWrite: ((ActionCall, Reply) -> Void)?
  /// The fault of the call that is being carried out.
  var fault: Fault.Kind?
  /// When records were made, on the monotonic clock; kept only where lists and searches may lag.
  var made: [SandboxStore.Shelf: [String: Duration]] = [:]
  /// Whose records the running connector sees.
  var shelf = SandboxStore.Shelf(account: "", app: "", kind: "")
  /// The database's failure during a connector's call, which Lua can only carry as text.
  var storeFailure: SQLiteError?

  /// Opens the sandbox in a database file; a new one is created and seeded.
  ///
  /// - Parameters:
  ///   - isSeeded: Whether a new sandbox gets the accounts of ``seededAccounts``.
  ///   - faults: The faults that calls meet.
  ///   - clock: Gives the time of new records as ISO 8601 text.
  /// - Throws: `ActionError` with the path and what to do.
  public init(
    databasePath: String, isSeeded: Bool = true, faults: FaultPlan? = nil,
    clock: @escaping () -> String = { Timestamp.now() }
  ) throws(ActionError) {
    self.clock = clock
    self.faults = faults
    slugs = Stdlib.connectors.map(\.name)
    do {
      store = try SandboxStore(path: databasePath)
      lua = try LuaState(memoryLimit: 1 << 30)
      openLibraries()
      try store.transaction {
        if isSeeded, try store.isEmpty() { try seedAll() }
      }
    } catch {
      throw .sandbox(error, path: databasePath)
    }
  }

  private func openLibraries() {
    lua.attachment = self
    lua.withStack { stack in
      stack.pushGlobals()
      stack.pushJSONLibrary()
      stack.setField("json", at: -2)
      stack.pushTable(fields: 8)
      lua.add(RecordsLibrary.shared, toTableOn: stack)
      stack.setRegistryField("records")
    }
  }

  /// Pushes what a file of the kit returns; it is run the first time, with a function that gives other files of the kit.
  func pushKitPart(_ name: String, on stack: borrowing LuaStack) throws {
    let field = "kit." + name
    if stack.pushRegistryField(field) != .nil { return }
    stack.pop()
    guard let source = Stdlib.connectorKit(named: name) else {
      throw LuaError("no file 'connectors/kit/\(name).lua'")
    }
    try stack.load(Array(source.text.utf8), name: "=connectors/kit/\(name).lua")
    stack.pushRegistryField("records")
    stack.pushField("part", at: -1)
    stack.remove(at: -2)
    try stack.call(arguments: 1, results: 1)
    stack.pushCopy(of: -1)
    stack.setRegistryField(field)
  }

  /// Pushes a connector; its file is run the first time, with the kit as its argument.
  private func pushConnector(_ slug: String, on stack: borrowing LuaStack) throws {
    let field = "connector." + slug
    if stack.pushRegistryField(field) != .nil { return }
    stack.pop()
    guard let source = Stdlib.connector(named: slug) else {
      throw LuaError("no file 'connectors/\(slug).lua'")
    }
    try stack.load(Array(source.text.utf8), name: "=connectors/\(slug).lua")
    try pushKitPart("kit", on: stack)
    try stack.call(arguments: 1, results: 1)
    stack.pushCopy(of: -1)
    stack.setRegistryField(field)
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
    // One moment for all: accounts are listed by their age, then by name.
    let now = clock()
    for account in Self.seededAccounts { try seed(account, at: now) }
  }

  /// Makes an account with the connectors' seed rows.
  ///
  /// - Parameters:
  ///   - model: Whose rows they are; the account's own when it is nil.
  ///   - moment: When the account was made; now when it is nil.
  func seed(_ account: String, like model: String? = nil, at moment: String? = nil) throws {
    let now = moment ?? clock()
    try store.put(
      LinkedAccount(id: account, name: account, fields: "[]", createdAt: now, updatedAt: now))
    for slug in slugs {
      shelf = .init(account: account, app: slug, kind: "")
      try lua.withStack { stack in
        try pushKit("seed", for: slug, on: stack)
        stack.push(model ?? account)
        stack.pushRegistryField("records")
        try call(arguments: 3, results: 0, on: stack)
      }
    }
  }

  // MARK: - Calling the kit

  /// Pushes a function of the kit and the connector that is its first argument.
  func pushKit(_ function: String, for slug: String, on stack: borrowing LuaStack) throws {
    try pushKitPart("kit", on: stack)
    stack.pushField(function, at: -1)
    stack.remove(at: -2)
    try pushConnector(slug, on: stack)
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
      guard (try? pushKit("effects", for: app, on: stack)) != nil,
        (try? stack.call(arguments: 1, results: 1)) != nil
      else { return }
      stack.forEachEntry(at: -1) { stack in
        guard let name = stack.string(at: -2), let text = stack.string(at: -1) else { return }
        declared[name] = Effect(rawValue: text)
      }
    }
    effects[app] = declared
    return declared[action]
  }
}
