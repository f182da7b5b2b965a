import Lua
import Posix
import RefoldActions
import RefoldRuntime
import RefoldSandbox

extension SandboxBackend: TestBackend {}

/// `refold test`: runs test files.
enum TestCommand: Command {
  static let name = "test"
  static let summary = "Run the tests of a project: files named '*_test.lua'"
  static let usage = "test [PATH…] [options]"
  static let examples = [
    "refold test", "refold test scripts/contacts --filter upsert", "refold test --watch",
    "refold test --reporter junit > report.xml", "refold test --faults",
    "refold test --crash-points",
  ]
  static let options = [
    Options.Declared(
      "--coverage", "say which lines of the project's files were run", takesValue: false),
    Options.Declared(
      "--crash-limit",
      "NUMBER  of crash points of each run, evenly spread; 1000 is the default"),
    Options.Declared(
      "--crash-points",
      "[=RUN[:NUMBER]]  kill each script at each step, go on, and compare; see 'refold help crashes'",
      isValueOptional: true),
    Options.Declared(
      "--fault", "NAME[@N][:APP[.ACTION]]  run each test with this fault of the sandbox alone"),
    Options.Declared(
      "--faults", "run each test with each fault at each call; see 'refold help faults'",
      takesValue: false),
    Options.Declared("--filter", "TEXT  run only tests whose name or file holds the text"),
    Options.Declared("--jobs", "NUMBER  of tests at once; one for each core is the default"),
    Options.Declared("--lcov", "FILE  write the coverage for editors and build servers"),
    Options.Declared("--memory", "SIZE  of a test's values; 64M is the default"),
    Options.Declared("--reporter", "NAME  pretty, the default, tap, junit or json"),
    Options.Declared("--seed", "NUMBER  for random numbers; 0 is the default"),
    Options.Declared("--timeout", "TIME  that a test may take; 10s is the default"),
    Options.Declared(
      "--update", "replace snapshots that differ, and remove those that are not used",
      takesValue: false),
    Options.Declared("--watch", "run again whenever a file changes", takesValue: false),
  ]

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    let setting = try TestSetting(options, context)
    if options.has("--crash-points") || options.has("--crash-limit") {
      return try setting.runCrashPoints(context)
    }
    if options.has("--faults") || options.has("--fault") { return try setting.runFaults(context) }
    return options.has("--watch") ? try setting.watch() : try setting.runOnce()
  }
}

/// A test run as the command line describes it.
struct TestSetting {
  let options: Options
  let context: CommandContext
  let console: Console
  let reporter: TestReporter
  let testOptions: TestOptions
  let jobs: Int

  init(_ options: Options, _ context: CommandContext) throws {
    self.options = options
    self.context = context
    console = context.console
    let name = options.value("--reporter") ?? "pretty"
    guard let reporter = TestReporter(rawValue: name) else {
      throw CommandError.usage(
        "unknown reporter '\(name)': use pretty, tap, junit or json", command: TestCommand.name)
    }
    self.reporter = reporter
    jobs = try Self.jobs(options)
    testOptions = try Self.testOptions(options, context)
  }

  private static func jobs(_ options: Options) throws(CommandError) -> Int {
    guard let text = options.value("--jobs") else { return Threads.coreCount }
    guard let jobs = Int(text), (1...256).contains(jobs) else {
      throw .usage("'\(text)' is no number of jobs: use 1 to 256", command: TestCommand.name)
    }
    return jobs
  }

  private static func testOptions(
    _ options: Options, _ context: CommandContext
  ) throws -> TestOptions {
    let name = TestCommand.name
    var test = TestOptions()
    test.config = try context.config()
    test.timeout = try context.timeout(options, name) ?? test.timeout
    if let text = options.value("--memory") {
      guard let bytes = Quantities.bytes(text) else {
        throw CommandError.usage("'\(text)' is no size: use 64M, 1G or bytes", command: name)
      }
      test.memoryBytes = bytes
    }
    if let text = options.value("--seed") {
      guard let seed = UInt64(text) else {
        throw CommandError.usage("'\(text)' is no seed: use a whole number", command: name)
      }
      test.seed = seed
    }
    test.measuresCoverage = options.has("--coverage") || options.has("--lcov")
    test.updatesSnapshots = options.has("--update")
    test.refusesNewSnapshots = !(context.environment["CI"] ?? "").isEmpty
    return test
  }

  private func coverage(_ outcome: TestOutcome) throws -> CoverageReport? {
    let sources = TestPaths.sources(options.words)
    let report = CoverageReport(
      files: try FileCoverage.all(outcome.lineCounts, including: sources))
    guard let path = options.value("--lcov") else { return report }
    do {
      try Files.write(Array(report.lcov.utf8), to: path)
    } catch {
      throw CommandError(
        code: "output_failed", message: "can't write '\(path)': \(error.reason)",
        hint: "check that its folder exists and that you may write there")
    }
    return options.has("--coverage") ? report : nil
  }

  /// Runs the tests, and again after each change, until Ctrl-C.
  func watch() throws -> Int32 {
    let watch = TestWatch(paths: Array(Set([TestPaths.scripts] + options.words)).sorted())
    while true {
      let before = watch.look()
      do {
        _ = try runOnce()
      } catch let error as CommandError where error.code == "no_tests" {
        console.failure(error.asFailure)
      }
      if StopSignal.hasArrived { return 130 }
      console.note("waiting for changes; Ctrl-C ends")
      guard watch.waitForChange(since: before) else { return 130 }
    }
  }

  /// Runs the tests and prints the report; returns the exit code.
  func runOnce() throws -> Int32 {
    let start = LuaState.monotonicNanoseconds
    let found = try TestPaths.find(options.words)
    let paths = found.filter { !$0.hasSuffix(Replay.suffix) }
    let runner = TestRunner(testOptions, jobs: jobs) { clock in
      SandboxBackend(inMemory: { clock.sandboxTime })
    }
    let filter = options.value("--filter")
    let showsProgress = Descriptor.standardError.isTerminal
    let outcome = try runner.run(
      paths,
      where: { test in
        filter.map { "\(test.file): \(test.name)".contains($0) } ?? true
      },
      progress: { ended, all in
        if showsProgress { console.fragment("\r\(ended) of \(all) tests") }
      })
    if showsProgress { console.fragment("\r\u{1B}[K") }
    let replays = found.filter { $0.hasSuffix(Replay.suffix) }.compactMap { path in
      StopSignal.hasArrived ? nil : RecordingTest(path: path, context: context).run(filter: filter)
    }
    var results = outcome.results + replays
    for index in results.indices { results[index].failure?.addHint() }
    if results.isEmpty, !StopSignal.hasArrived, let filter {
      throw CommandError(
        code: "no_tests", message: "no test whose name or file holds '\(filter)'",
        hint: "'--filter' compares letter by letter, capitals and all")
    }
    let snapshots = try SnapshotFile.write(
      results, isComplete: filter == nil && !StopSignal.hasArrived,
      removesUnused: testOptions.updatesSnapshots)
    var summary = TestSummary(results: results, snapshots: snapshots)
    summary.duration = .nanoseconds(LuaState.monotonicNanoseconds - start)
    if testOptions.measuresCoverage { summary.coverage = try coverage(outcome) }
    try console.data(Array(reporter.text(of: summary, console.style).utf8))
    if StopSignal.hasArrived {
      console.note("stopped; the tests that had not begun are left out")
      return 130
    }
    return summary.failures.isEmpty ? 0 : 9
  }
}

extension LaneClock {
  /// The time of a test as the sandbox writes it in new records.
  var sandboxTime: String {
    let milliseconds = TestWorker.epochSeconds * 1000 + now / 1_000_000
    return UTCTime(.milliseconds(milliseconds)).withMilliseconds
  }
}
