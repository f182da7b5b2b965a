import RefoldActions

/// A run that a test starts, by what it is started with.
public struct TestedRun: Sendable, Hashable {
  /// The path of the test file.
  public var file: String
  /// The script as the test names it.
  public var script: String
  /// The linked account.
  public var account: String
  /// The input as JSON text; nil for none.
  public var input: [UInt8]?
  /// The time of the test's clock, in nanoseconds from its start.
  public var time: Int64

  /// Makes one.
  public init(file: String, script: String, account: String, input: [UInt8]?, time: Int64) {
    self.file = file
    self.script = script
    self.account = account
    self.input = input
    self.time = time
  }
}

/// Looks at the runs of a test, in the order in which it starts them.
public protocol TestedRunObserver: AnyObject {
  /// Called before a run starts.
  ///
  /// - Parameter store: What scripts have kept so far.
  /// - Throws: What the test then fails with.
  func willStart(_ run: TestedRun, number: Int, store: MemoryStateStore) throws

  /// Called when the run with that number has ended.
  func didEnd(number: Int, _ outcome: RunOutcome)
}
