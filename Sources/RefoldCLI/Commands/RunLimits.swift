import RefoldActions
import RefoldRuntime

/// What a command line says about the limits and permissions of a run.
struct RunLimits {
  var budget = StatedBudget()
  var permissions: [Permissions] = []
  var audit: AuditLog?

  static let options = [
    Options.Declared("--read-only", "permit no write", takesValue: false),
    Options.Declared("--allow-read", "APP[:ACTION],…  permit no other read"),
    Options.Declared("--allow-write", "APP[:ACTION],…  permit no other write"),
    Options.Declared("--max-calls", "NUMBER  of actions; 10000 is the default"),
    Options.Declared(
      "--max-instructions", "NUMBER  of Lua's; no limit by default, since counting costs time"),
    Options.Declared("--max-writes", "NUMBER  of actions that write; 1000 is the default"),
    Options.Declared(
      "--max-output", "SIZE  of what is logged, printed and returned; 16M is the default"),
    Options.Declared("--audit", "FILE  append each decision on a call as a line of JSON"),
  ]

  init() {}

  init(_ options: Options, command: String) throws(CommandError) {
    budget.calls = try Self.count("--max-calls", options, command)
    budget.instructions = try Self.count("--max-instructions", options, command)
    budget.writes = try Self.count("--max-writes", options, command)
    budget.outputBytes = try Self.bytes("--max-output", options, command)
    budget.memoryBytes = try Self.bytes("--memory", options, command)
    if options.has("--read-only") {
      permissions.append(Permissions(source: "'--read-only'", writes: []))
    }
    if let rules = try Self.rules("--allow-read", options, command) {
      permissions.append(Permissions(source: "'--allow-read'", reads: rules))
    }
    if let rules = try Self.rules("--allow-write", options, command) {
      permissions.append(Permissions(source: "'--allow-write'", writes: rules))
    }
    audit = options.value("--audit").map(AuditLog.init)
  }

  /// What a run is started with, for an account to be filled in.
  func runOptions(
    timeout: Duration?, config: ProjectConfig, input: [UInt8]?
  ) throws -> RunOptions {
    var stated = budget
    stated.time = timeout
    var options = RunOptions(account: "", input: input)
    options.budget = stated.strictest(config.budget).budget
    options.permissions = permissions + (config.permissions.map { [$0] } ?? [])
    return options
  }

  private static func count(
    _ name: String, _ options: Options, _ command: String
  ) throws(CommandError) -> Int? {
    guard let text = options.value(name) else { return nil }
    guard let number = Int(text), number >= 0 else {
      throw .usage("'\(name)' takes a whole number, not '\(text)'", command: command)
    }
    return number
  }

  private static func bytes(
    _ name: String, _ options: Options, _ command: String
  ) throws(CommandError) -> Int? {
    guard let text = options.value(name) else { return nil }
    guard let bytes = Quantities.bytes(text) else {
      throw .usage("'\(text)' is no size: use 64M, 1G or bytes", command: command)
    }
    return bytes
  }

  private static func rules(
    _ name: String, _ options: Options, _ command: String
  ) throws(CommandError) -> [Permissions.Rule]? {
    guard let texts = options.list(name) else { return nil }
    var rules: [Permissions.Rule] = []
    for text in texts {
      guard let rule = Permissions.Rule(text) else {
        throw .usage("'\(name)' takes 'app' or 'app:action', not '\(text)'", command: command)
      }
      rules.append(rule)
    }
    return rules
  }
}
