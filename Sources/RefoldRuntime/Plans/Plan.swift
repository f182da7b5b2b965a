import RefoldActions

/// The writes that a run would make, in their order, with what they rest on.
public struct Plan: Sendable, Hashable {
  /// The script, as the user named it.
  public var script: String
  /// The hash of the code and the customer's data that were run.
  public var generation: String
  /// The script's name, or its path in the project; nil for code without a file.
  public var entry: String?
  /// The files that the run was made of, each with its SHA-256.
  public var files: [File] = []
  /// The folder of the project, or that in which the plan was made.
  public var project: String
  /// The linked account.
  public var account: String
  /// The word for the backend.
  public var backend: String
  /// Where the backend is.
  public var location: String
  /// When the plan was made, as ISO 8601 text.
  public var made: String
  /// SHA-256 of the input.
  public var inputHash: String
  /// Tells the plan from all others, also from those that say the same.
  public var token = ""
  /// What the writes rest on.
  public var reads: [PlannedRead] = []
  /// What would be written.
  public var writes: [PlannedWrite] = []
  /// What would be changed of the script's own state: `refold.store`, `refold.once` and dead letters.
  public var changes: [PlannedChange] = []
  /// What of that state the writes and changes rest on.
  public var sights: [StateSight] = []
  /// Where and why the plan ends before the script does; nil for a whole plan.
  public var end: End?
  /// What is worth knowing about it.
  public var warnings: [String] = []

  /// A source file of the run.
  public struct File: Sendable, Hashable {
    /// Its path.
    public var path: String
    /// The SHA-256 of its bytes.
    public var hash: String
  }

  /// Where a plan ends before the script does.
  public struct End: Sendable, Hashable {
    /// Where in the script, as `file:line`.
    public var place: String?
    /// What would have to be known.
    public var reason: String
  }

  /// The writes that change something.
  public var effective: [PlannedWrite] { writes.filter { !$0.isUnchanged } }

  /// Whether applying it would change anything.
  public var isEmpty: Bool { effective.isEmpty && changes.isEmpty }

  /// How many writes of each kind there are, and how many of them leave everything as it is.
  public func count(_ kind: WriteKind) -> Int { effective.count { $0.kind == kind } }

  /// How many updates would leave their records as they are.
  public var unchanged: Int { writes.count - effective.count }

  /// How many changes of the state there are of a kind.
  public func count(_ kind: PlannedChange.Kind) -> Int { changes.count { $0.kind == kind } }

  /// The reads before the last write that changes something; what comes later decides nothing.
  public var foundations: [PlannedRead] { reads.filter { $0.beforeWrite <= last } }

  /// What was seen of the state before the last write or change.
  public var stateFoundations: [StateSight] { sights.filter { $0.beforeWrite <= last } }

  /// The last write that changes something, or the one after the last change of the state.
  private var last: Int { max(effective.last?.number ?? 0, changes.last?.beforeWrite ?? 0) }
}
