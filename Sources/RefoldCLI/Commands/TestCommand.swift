import Lua
import Posix
import RefoldActions
import RefoldRuntime
import RefoldSandbox

extension SandboxBackend: TestBackend {
  public func ensureAccount(_ account: String) throws(ActionError) {
    try opened().ensureAccount(account)
  }

  public func records(
    of account: String, app: String, table: String
  ) throws(ActionError) -> [UInt8] {
    try opened().records(of: account, app: app, table: table)
  }

  public func replace(
    with rows: [UInt8], of account: String, app: String, table: String
  ) throws(ActionError) {
    try opened().replace(with: rows, of: account, app: app, table: table)
  }
}

/// `refold test`: runs test files.
enum TestCommand: Command {
  static let name = "test"
  static let summary = "Run the tests of a project: files named '*_test.lua'"
  static let usage = "test [PATH…] [options]"
  static let examples = [
    "refold test", "refold test scripts/contacts", "refold test --filter upsert",
  ]
  static let options = [
    Options.Declared("--filter", "TEXT  run only tests whose name or file holds the text"),
    Options.Declared("--memory", "SIZE  of a test's values; 64M is the default"),
    Options.Declared("--seed", "NUMBER  for random numbers; 0 is the default"),
    Options.Declared("--timeout", "TIME  that a test may take; 10s is the default"),
  ]

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    let paths = try TestPaths.find(options.words)
    let worker = TestWorker(try workerOptions(options, context)) { clock in
      SandboxBackend(databasePath: ":memory:") { clock.timestamp }
    }
    var report = TestReport(console: context.console)
    for path in paths {
      do {
        let file = try TestFile(path)
        for test in try worker.tests(in: file) where isWanted(test, options) {
          try report.add(worker.run(test, of: file))
        }
      } catch let failure as RunFailure {
        try report.add(TestResult(file: path, failure: failure))
      }
      if StopSignal.hasArrived { break }
    }
    return try report.finish()
  }

  private static func isWanted(_ test: TestCase, _ options: Options) -> Bool {
    guard let text = options.value("--filter") else { return true }
    return "\(test.file): \(test.name)".contains(text)
  }

  private static func workerOptions(
    _ options: Options, _ context: CommandContext
  ) throws -> TestWorker.Options {
    var worker = TestWorker.Options()
    worker.timeout = try context.timeout(options, name) ?? worker.timeout
    if let text = options.value("--memory") {
      guard let bytes = Quantities.bytes(text) else {
        throw CommandError.usage("'\(text)' is no size: use 64M, 1G or bytes", command: name)
      }
      worker.memoryBytes = bytes
    }
    if let text = options.value("--seed") {
      guard let seed = UInt64(text) else {
        throw CommandError.usage("'\(text)' is no seed: use a whole number", command: name)
      }
      worker.seed = seed
    }
    return worker
  }
}

extension LaneClock {
  /// The time as the sandbox writes it in new records.
  fileprivate var timestamp: String {
    let milliseconds = TestWorker.epochSeconds * 1000 + now / 1_000_000
    return UTCTime(.milliseconds(milliseconds)).withMilliseconds
  }
}

/// Finds test files.
enum TestPaths {
  /// Returns the files that paths name, and those in the folders that they name; each once, sorted within a folder.
  ///
  /// - Parameter paths: Without any, the project's `scripts` folder.
  /// - Throws: ``CommandError`` when there is no such path, or no test file at all.
  static func find(_ paths: [String]) throws -> [String] {
    let project = ProjectConfig.projectFolder() ?? "."
    let scripts = project == "." ? "scripts" : "\(project)/scripts"
    var found: [String] = []
    for path in paths.isEmpty ? [scripts] : paths {
      var path = path
      while path.count > 1, path.hasSuffix("/") { path.removeLast() }
      switch try Files.status(path)?.kind {
      case .folder: collect(path, into: &found)
      case .file, .other: found.append(path)
      case nil:
        throw CommandError(
          code: "no_such_path",
          message: paths.isEmpty ? "no folder '\(path)'" : "no file or folder '\(path)'",
          hint: "give the path of a test file, or of a folder that holds some")
      }
    }
    var seen: Set<String> = []
    found = found.filter { seen.insert($0).inserted }
    guard !found.isEmpty else {
      throw CommandError(
        code: "no_tests", message: "no test files in \(shown(paths.isEmpty ? [scripts] : paths))",
        hint: "test files are named '*\(TestFile.suffix)', such as 'upsert_test.lua'")
    }
    return found
  }

  private static func shown(_ paths: [String]) -> String {
    paths.map { "'\($0)'" }.joined(separator: ", ")
  }

  /// Folders that begin with a dot are left out; so are those that cannot be read.
  private static func collect(_ folder: String, into found: inout [String]) {
    for name in (try? Folders.list(folder)) ?? [] where !name.hasPrefix(".") {
      let path = "\(folder)/\(name)"
      switch (try? Files.status(path))?.kind {
      case .folder: collect(path, into: &found)
      case .file where name.hasSuffix(TestFile.suffix): found.append(path)
      default: break
      }
    }
  }
}
