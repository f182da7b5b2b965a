import Lua
import Posix
import RefoldActions

/// What a project's `refold.lua` says about all its runs.
///
/// The file is Lua that returns a table, run in a sandbox without `require` and without any call to an app:
///
/// ```lua
/// return {
///   accounts = { "acme", "globex" },
///   budget = { time = 60, writes = 200 },
///   permissions = { read = { "hubspot", "salesforce" }, write = { "hubspot" } },
///   backend = "sandbox",
///   env = { api_key = "ACME_REFOLD_KEY" },
///   effects = { ["hubspot.merge_contacts"] = "write" },
/// }
/// ```
public struct ProjectConfig: Sendable {
  /// The accounts that `--all-accounts` means; nil for all that the backend lists.
  public private(set) var accounts: [String]?
  /// The limits of every run.
  public private(set) var budget = StatedBudget()
  /// What every run may read and write; nil for everything.
  public private(set) var permissions: Permissions?
  /// Effects of actions whose id says something else, by `app.action`.
  public private(set) var effects: [String: Effect] = [:]

  /// The backend when the command line says none; nil to let the key decide.
  public private(set) var backend: String?
  /// The variables that are read in place of refold's own, by what they hold: `api_key`, `base_url`, `credentials`, `account`.
  public private(set) var environmentNames: [String: String] = [:]

  /// The config of a folder that is no project.
  public init() {}

  /// How long the journal keeps runs after their end; nil when the config does not say.
  public private(set) var journalRetention: Duration?
  /// How long a write takes to show in the look-ups of an app; nil when the config does not say.
  public private(set) var journalSettle: Duration?
  /// Whether runs are recorded in the journal.
  public private(set) var isJournaled = true

  /// The fields that a config may have.
  package static let fields = [
    "accounts", "backend", "budget", "effects", "env", "journal", "permissions",
  ]
  /// What `env` may name, with refold's own variable for it.
  private static let variables = [
    "account": "REFOLD_ACCOUNT", "api_key": "REFOLD_API_KEY", "base_url": "REFOLD_BASE_URL",
    "credentials": "REFOLD_CREDENTIALS",
  ]

  /// The fields of `env`.
  package static var environmentFields: [String] { variables.keys.sorted() }

  /// Whether a folder holds a project's config.
  public static func isThere(in folder: String) -> Bool {
    Script.isFile(folder == "/" ? "/refold.lua" : "\(folder)/refold.lua")
  }

  /// Returns the variables of a process with those that the config names in the place of refold's own.
  ///
  /// A variable that is named but not set leaves refold's own unset too, so that a project never takes another's key.
  public func environment(from process: [String: String]) -> [String: String] {
    var environment = process
    for (setting, name) in environmentNames {
      if let variable = Self.variables[setting] { environment[variable] = process[name] }
    }
    return environment
  }

  /// Returns the folder of the project that a folder belongs to: the nearest one above it, or itself, that holds `refold.lua`.
  ///
  /// - Returns: A relative path such as `.` or `../..`; nil when there is none.
  public static func projectFolder() -> String? {
    var folder = "."
    for _ in 0..<32 {
      if Script.isFile("\(folder)/refold.lua") { return folder }
      folder = folder == "." ? ".." : "../\(folder)"
      if (try? Files.status(folder)) == nil { return nil }
    }
    return nil
  }

  /// Reads the config of a project.
  ///
  /// - Throws: ``RunFailure`` of kind `usage` that says what is wrong and in which line.
  public init(folder: String) throws(RunFailure) {
    let path = folder == "." ? "refold.lua" : "\(folder)/refold.lua"
    let source: [UInt8]
    do throws(PosixError) {
      source = try Files.read(path, limit: Script.maximumBytes)
    } catch {
      throw Self.invalid(path, "can't be read: \(error.reason)", "make it a file that you may read")
    }
    do {
      try SandboxedTable.read(source, path: path) { stack in
        if stack.type(at: -1) != .nil { try readFields(of: stack, path) }
      }
    } catch let failure as RunFailure {
      throw failure
    } catch let error as LuaError {
      var failure = Self.invalid(
        path, error.message, SandboxedTable.hint(for: error, absent: "nothing of 'refold' is"))
      failure.location = error.location
      throw failure
    } catch {
      throw Self.invalid(path, String(describing: error), "see 'refold help projects'")
    }
  }

  private mutating func readFields(of stack: borrowing LuaStack, _ path: String) throws {
    let reader = DeclarationReader(source: "'\(path)'") { problem, hint in
      Self.invalid(path, problem, hint)
    }
    try reader.checkKeys(stack, nil, known: Self.fields)
    permissions = try reader.permissions(of: stack, accountsField: nil).0
    budget = try reader.budget(of: stack)
    try readJournal(of: stack, reader)
    if stack.pushField("accounts", at: -1) != .nil {
      stack.pop()
      accounts = try reader.texts(nil, "accounts", stack)
    } else {
      stack.pop()
    }
    try readBackend(of: stack, reader)
    try readEnvironment(of: stack, reader)
    defer { stack.pop() }
    guard stack.pushField("effects", at: -1) != .nil else { return }
    try readEffects(of: stack, reader)
  }

  /// Reads `journal`: false, or `{ keep_days = 30, settle_seconds = 30 }`.
  private mutating func readJournal(
    of stack: borrowing LuaStack, _ reader: DeclarationReader
  ) throws {
    defer { stack.pop() }
    if stack.pushField("journal", at: -1) == .nil { return }
    if stack.type(at: -1) == .boolean {
      isJournaled = stack.boolean(at: -1) == true
      return
    }
    try reader.checkKeys(stack, "journal", known: ["keep_days", "settle_seconds"])
    if stack.pushField("keep_days", at: -1) != .nil {
      guard let days = stack.number(at: -1), days > 0, days <= 36_500 else {
        throw reader.invalid("journal.keep_days is no number of days", "use more than 0, as in 30")
      }
      journalRetention = .nanoseconds(Int64(days * 86_400 * 1000) * 1_000_000)
    }
    stack.pop()
    defer { stack.pop() }
    if stack.pushField("settle_seconds", at: -1) == .nil { return }
    guard let seconds = stack.number(at: -1), seconds >= 0, seconds <= 86_400 else {
      throw reader.invalid(
        "journal.settle_seconds is no number of seconds", "use 0 to 86400, as in 30")
    }
    journalSettle = .nanoseconds(Int64(seconds * 1e9))
  }

  private mutating func readBackend(
    of stack: borrowing LuaStack, _ reader: DeclarationReader
  ) throws {
    defer { stack.pop() }
    if stack.pushField("backend", at: -1) == .nil { return }
    guard let name = stack.string(at: -1), ["sandbox", "remote"].contains(name) else {
      throw reader.invalid(
        "backend is '\(stack.displayText(at: -1))'", "use \"sandbox\" or \"remote\"")
    }
    backend = name
  }

  private mutating func readEnvironment(
    of stack: borrowing LuaStack, _ reader: DeclarationReader
  ) throws {
    defer { stack.pop() }
    if stack.pushField("env", at: -1) == .nil { return }
    try reader.checkKeys(stack, "env", known: Self.variables.keys.sorted())
    for setting in Self.variables.keys.sorted() {
      defer { stack.pop() }
      if stack.pushField(setting, at: -1) == .nil { continue }
      // The value is not shown: somebody may have put the key itself there.
      guard let name = stack.string(at: -1), Self.isVariable(name) else {
        throw reader.invalid(
          "env.\(setting) is no name of an environment variable",
          "use a name such as \"ACME_API_KEY\"; the value itself stays in the environment")
      }
      environmentNames[setting] = name
    }
  }

  private static func isVariable(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy {
      (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
    }
  }

  private mutating func readEffects(
    of stack: borrowing LuaStack, _ reader: DeclarationReader
  ) throws {
    guard stack.type(at: -1) == .table else {
      throw reader.invalid("effects is a \(stack.type(at: -1).name)", "use a table")
    }
    var effects: [String: Effect] = [:]
    try stack.forEachEntry(at: -1) { stack in
      let action = stack.displayText(at: -2)
      guard let effect = stack.string(at: -1).flatMap(Effect.init(rawValue:)) else {
        throw reader.invalid("effects['\(action)'] is no effect", "use \"read\" or \"write\"")
      }
      effects[action] = effect
    }
    self.effects = effects
  }

  private static func invalid(_ path: String, _ problem: String, _ hint: String) -> RunFailure {
    RunFailure(
      .usage, code: "config_invalid", message: "the config '\(path)' is wrong: \(problem)",
      hint: hint)
  }
}
