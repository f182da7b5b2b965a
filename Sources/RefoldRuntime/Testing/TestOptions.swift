import RefoldActions

/// What all tests of a test run have in common.
public struct TestOptions: Sendable {
  /// How long a test may take by the machine's clock.
  public var timeout: Duration = .seconds(10)
  /// How many bytes the Lua objects of a test may take together.
  public var memoryBytes = 64 << 20
  /// The seed of random numbers.
  public var seed: UInt64 = 0
  /// What the project says about all runs; its limits and permissions hold for the scripts that tests run.
  public var config = ProjectConfig()
  /// Whether snapshots that differ are replaced instead of failing their test.
  public var updatesSnapshots = false
  /// Whether a snapshot that is not there yet fails its test instead of being made.
  public var refusesNewSnapshots = false
  /// Whether the lines that are run are counted.
  public var measuresCoverage = false

  /// Makes the default options.
  public init() {}

  /// What a script is run with for a test.
  func runOptions(account: String) -> RunOptions {
    var options = RunOptions(account: account, mode: "test")
    options.budget = config.budget.budget
    options.permissions = config.permissions.map { [$0] } ?? []
    return options
  }

  /// What the runs of a test have in common.
  ///
  /// - Parameter deadline: When what computes is stopped, on the monotonic clock in nanoseconds.
  func configuration(
    _ clock: LaneClock, deadline: Int64, store: any StateStore,
    log: @escaping (LogLine) -> Void = { _ in }
  ) -> Lane.Configuration {
    var random = SeededRandom(seed: seed)
    var configuration = Lane.Configuration(
      rules: EffectRules(overrides: config.effects),
      random: { Double.random(in: 0..<1, using: &random) }, log: log, store: store)
    configuration.clock = clock
    configuration.computeDeadline = deadline
    configuration.seed = seed
    return configuration
  }
}
