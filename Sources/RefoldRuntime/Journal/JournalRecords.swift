import Posix

/// What the journal knows about a run.
public struct RunRecord: Sendable, Equatable {
  /// How a run stands.
  public enum State: String, Sendable, CaseIterable {
    /// Under way.
    case running
    /// It returned.
    case done
    /// It ended with a failure.
    case failed
    /// Its process died, or somebody stopped it: it can be resumed.
    case interrupted
    /// It did not return, and somebody has decided that it shall not be resumed.
    case cancelled
  }

  /// The id that scripts see as `refold.run_id`.
  public var id: String
  /// The script's name in its project.
  public var script: String
  /// The script's path, absolute; a word in brackets for code without a file.
  public var path: String
  /// The code of a script without a file.
  public var source: [UInt8]?
  /// The linked account.
  public var account: String
  /// The word for the backend and where it is.
  public var backend: String
  /// The input as JSON text.
  public var input: [UInt8]?
  /// From which the script's random numbers come.
  public var seed: Int64
  /// How the run stands.
  public var state: State
  /// When it began, in milliseconds since 1970.
  public var started: Int64
  /// When it ended, in milliseconds since 1970; nil while it has not.
  public var ended: Int64?
  /// How often it was resumed.
  public var resumptions: Int
  /// The failure, as `{ kind, code, message, hint?, location? }`.
  public var failure: [UInt8]?
  /// How many steps it has.
  public var steps: Int
  /// How many of those are writes without a known outcome.
  public var unknownWrites: Int
  /// Whether it comes from a file, to be looked at.
  public var isImported = false
}

/// What the journal knows about a step of a run.
public struct StepRecord: Sendable, Equatable {
  /// What sort of step it is.
  public enum Kind: String, Sendable {
    /// An action that reads.
    case read
    /// An action that writes.
    case write
    /// A value of `refold.store`, read.
    case get
    /// A value of `refold.store`, set or removed; or a record among the dead letters.
    case set
    /// A wait.
    case sleep
    /// A reading of the clock.
    case time
    /// An action that reads, to find out what became of a write.
    case lookUp = "look-up"
  }

  /// How the outcome of a write is known that no answer has told.
  public enum Witness: String, Sendable {
    /// It was looked up in the app.
    case lookUp = "look-up"
    /// Somebody has said so.
    case person
  }

  /// How a step stands.
  public enum State: String, Sendable {
    /// It has been announced; when its run is not under way, nobody knows what became of it.
    case begun
    /// It returned.
    case done
    /// It failed.
    case failed
    /// It left, and no usable answer came.
    case unknown
    /// It was announced and then not sent.
    case unsent
  }

  /// Its number in the run, from 1, in the order in which steps began.
  public var number: Int
  /// What it is matched by.
  public var key: String
  /// What sort of step it is.
  public var kind: Kind
  /// `app.action`, or what else it is called.
  public var name: String
  /// The linked account.
  public var account: String
  /// The parameters as JSON text.
  public var parameters: [UInt8]
  /// The hash of the parameters.
  public var hash: String
  /// Where in the script, as `file:line`.
  public var place: String?
  /// How often the script had looked at the clock before.
  public var readings: Int
  /// How it stands.
  public var state: State
  /// The HTTP status of the reply.
  public var status: Int?
  /// The bytes of the reply, as JSON text; what a store or a clock gave, for steps of those kinds.
  public var reply: [UInt8]?
  /// How long the reply is; nil when there is none.
  public var replyBytes: Int?
  /// The error, as `{ kind, code, message, … }`.
  public var failure: [UInt8]?
  /// How often it was tried.
  public var attempts: Int
  /// When it began, in microseconds since 1970.
  public var began: Int64
  /// When it ended, in microseconds since 1970; nil while it has not.
  public var ended: Int64?
  /// How the outcome is known; nil when the answer has told it, or nobody knows.
  public var knownBy: Witness?

  /// Says that nobody knows what became of the write, and what a look-up has found out.
  public func unknownOutcome(finding: String? = nil) -> String {
    "\(name) was sent at \(UTCTime(.milliseconds(began / 1000))) as step \(number), "
      + "and nobody knows whether it was applied" + (finding.map { "\n  looked up: \($0)" } ?? "")
  }

  /// Where a write goes; ids of records are those of one account.
  struct Target: Hashable {
    let name: String
    let account: String
  }

  /// Where it goes.
  var target: Target { Target(name: name, account: account) }

  /// Whether it is a write that was looked up, and found.
  public var isAdopted: Bool { state == .done && knownBy == .lookUp }
}
