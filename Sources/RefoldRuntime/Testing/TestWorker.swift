import Lua
import RefoldActions

/// Runs tests one after the other, each in a state of its own, with a backend that begins anew.
///
/// Confined to the thread that uses it.
public final class TestWorker {
  /// The account of every test.
  public static let account = "test-user"
  /// What the clock of a test shows at its start, in seconds since 1970: 2026-01-01 12:00:00 UTC.
  public static let epochSeconds = VirtualTime.epoch

  private let options: TestOptions
  private let clock = LaneClock.virtual()
  private let backend: any TestBackend
  private let coverage: LineCoverage?
  /// Looks at the runs that tests start.
  public weak var observer: (any TestedRunObserver)?

  /// Makes a worker.
  ///
  /// - Parameter backend: Makes the backend of its tests; it is given their clock.
  public init(
    _ options: TestOptions, backend: (LaneClock) throws -> any TestBackend
  ) throws {
    self.options = options
    coverage = options.measuresCoverage ? try LineCoverage() : nil
    self.backend = try backend(clock)
  }

  /// How often the lines of files were run, by the files' paths; empty unless that is measured.
  public var lineCounts: [String: [Int: Int]] { coverage?.counts ?? [:] }

  // MARK: - Tests

  /// Names the tests of a file, in their order.
  ///
  /// - Throws: ``RunFailure`` when the file does not compile, fails, or defines no tests.
  public func tests(in file: TestFile) throws(RunFailure) -> [TestCase] {
    let json = try perform(TestHost(file, backend, index: 0, options)) { _ in }.get()
    var tests: [TestCase] = []
    do throws(JSONScanError) {
      var scanner = JSONScanner(json)
      try scanner.elements { (scanner) throws(JSONScanError) in
        var test = TestCase(file: file.path, name: "", index: tests.count + 1)
        try scanner.members { (key, scanner) throws(JSONScanError) in
          switch key {
          case "name": test.name = try scanner.string() ?? ""
          default: test.location = (try scanner.string()).flatMap { LuaError.Location($0) }
          }
        }
        tests.append(test)
      }
    } catch {
      throw RunFailure(.script, code: "test_list", message: error.message)
    }
    if tests.isEmpty {
      throw RunFailure(
        .script, code: "no_tests", message: "no test in '\(file.path)'",
        hint: "write test(\"name\", function(t) … end)")
    }
    return tests
  }

  /// Runs a test.
  public func run(_ test: TestCase, of file: TestFile) -> TestResult {
    let start = LuaState.monotonicNanoseconds
    var result = TestResult(test: test, file: file.path)
    let host = TestHost(file, backend, index: test.index, options)
    host.test = test
    host.observer = observer
    switch perform(host, log: { result.output.append($0) }) {
    case .success(let json): result.assertions = Self.assertions(in: json)
    case .failure(let failure): result.failure = failure
    }
    result.newSnapshots = host.newSnapshots
    result.usedSnapshots = host.usedSnapshots
    result.duration = .nanoseconds(LuaState.monotonicNanoseconds - start)
    return result
  }

  private static func assertions(in json: [UInt8]) -> Int {
    var scanner = JSONScanner(json)
    var count = 0
    _ = try? scanner.members { (_, scanner) throws(JSONScanError) in
      count = Int(try scanner.scalarText() ?? "") ?? 0
    }
    return count
  }

  // MARK: - One state

  /// Runs a file's chunk, then the test with that index, or the naming of all.
  private func perform(
    _ host: TestHost, log: @escaping (LogLine) -> Void
  ) -> Result<[UInt8], RunFailure> {
    let deadline = LuaState.monotonicNanoseconds + options.timeout.wholeNanoseconds
    do {
      clock.restart()
      try backend.reset()
      let lane = Lane(backend: backend, configuration(deadline, log))
      var runOptions = RunOptions(account: Self.account, timeout: nil, mode: "test")
      runOptions.budget.memoryBytes = options.memoryBytes
      let run = try Run(lane, runOptions, number: lane.nextNumber(), startedAt: clock.now)
      run.test = host
      var script = host.file.script
      (script.name, script.source) = ("(test driver)", Array(TestHost.driver.utf8))
      try run.start(script)
      return drive(run, of: host, on: lane, until: deadline)
    } catch {
      return .failure(RunFailure(starting: error))
    }
  }

  private func configuration(
    _ deadline: Int64, _ log: @escaping (LogLine) -> Void
  ) -> Lane.Configuration {
    var configuration = options.configuration(
      clock, deadline: deadline, store: MemoryStateStore { [clock] in clock.sinceEpoch }, log: log)
    configuration.coverage = coverage
    return configuration
  }

  private func drive(
    _ run: Run, of host: TestHost, on lane: Lane, until deadline: Int64
  ) -> Result<[UInt8], RunFailure> {
    var outcome: RunOutcome?
    lane.add(run, startedAt: lane.clock.now) { outcome = $0 }
    defer { lane.rest() }
    while true {
      if let outcome { return outcome.result.mapError { explained($0, host) } }
      lane.turn()
      if StopSignal.hasArrived { lane.stopAll() }
      if outcome == nil, LuaState.monotonicNanoseconds >= deadline {
        host.placeOfTimeout = host.placeOfTimeout ?? lane.place(besides: run.number)
        lane.stop(run.number)
      }
    }
  }

  /// Names the limits of a test by the options that set them, and the place by the file of a person.
  private func explained(_ failure: RunFailure, _ host: TestHost) -> RunFailure {
    var failure = failure
    switch failure.code {
    case "time_limit" where failure.kind == .budget, "stopped" where !StopSignal.hasArrived:
      failure.message = "the test did not end within \(options.timeout.inSeconds)"
      failure.code = "test_timeout"
      failure.location = host.placeOfTimeout ?? failure.location
      failure.hint = "look for a loop without end, or raise the limit with '--timeout'"
    case "memory_limit" where failure.kind == .budget:
      failure.hint = "use smaller data, or raise the limit with '--memory'"
    default: break
    }
    if failure.location.map({ $0.isOfTestLibrary }) ?? true {
      failure.location = failure.places.first ?? failure.location
    }
    return failure
  }
}

extension LuaError.Location {
  fileprivate var isOfTestLibrary: Bool {
    ["stdlib/test.lua", "stdlib/refold_test_values.lua", "(test driver)"].contains(source)
  }
}

extension RunFailure {
  /// The places of the traceback that are in files of a person, innermost first.
  public var places: [LuaError.Location] {
    (traceback ?? "").split(separator: "\n").compactMap { line in
      let text = String(line.drop { $0 == "\t" })
      guard let end = text.firstRange(of: ": in ") else { return nil }
      let place = LuaError.Location(String(text[..<end.lowerBound]))
      return place.flatMap { $0.isOfTestLibrary ? nil : $0 }
    }
  }
}

/// Random numbers that are the same in each run: SplitMix64.
///
/// Follows Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators (2014).
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
