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
}
