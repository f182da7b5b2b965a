/// How a run ended.
public struct RunOutcome: Sendable {
  /// The id that scripts see as `refold.run_id`.
  public var runID: String
  /// The script's result as JSON text, or why there is none.
  public var result: Result<[UInt8], RunFailure>
  /// What the run did.
  public var statistics: RunStatistics
  /// Whether the journal has the run, so that it can be resumed.
  public var isRecorded = false
}

/// What a run did, counted.
public struct RunStatistics: Sendable, Equatable {
  /// Action calls that were sent to read.
  public var reads = 0
  /// Action calls that were sent to write.
  public var writes = 0
  /// Action calls that the journal of an earlier attempt has answered.
  public var replayed = 0
  /// Writes of an earlier attempt that were looked up and found.
  public var adopted = 0
  /// Writes that were applied, counted by `app.action`.
  public var applied: [String: Int] = [:]
  /// Attempts that failed and were made again.
  public var repeats = 0
  /// Writes that were sent and whose outcome nobody knows, as `app.action`.
  public var unknownWrites: [String] = []
  /// How long the run took, waiting included.
  public var duration: Duration = .zero

  /// Makes statistics of a run that has done nothing.
  public init() {}
}
