/// The calls of one run with what came back, as a file keeps them.
///
/// The file is JSON Lines: a header, what the run saw of its store and of time, look-ups, calls in the order of the run's
/// steps, and an end with their count. Names are sorted and nothing but the header differs between two recordings of the
/// same course of things, so that a version control system shows what changed.
package struct Recording: Sendable, Hashable {
  /// The version of the format that is written and read.
  package static let formatVersion = 1
  /// The largest recording.
  package static let maximumBytes = 64 << 20

  /// What a recording is of.
  package struct Header: Sendable, Hashable {
    /// The script's name in its project, such as `contacts/upsert`.
    package var script: String
    /// The linked account of the run.
    package var account: String
    /// Where the actions were executed: `sandbox` or `remote`.
    package var backend: String
    /// The version of the program.
    package var version: String
    /// What the script saw as `refold.run_id`.
    package var runID: String
    /// The seed of the script's random numbers.
    package var seed: UInt64
    /// When the run began, in seconds since 1970.
    package var started: Int64
    /// The input, nil when there was none.
    package var input: JSONTree?
    /// What is hidden beyond what always is: `email`, names.
    package var hidden: [String] = []

    /// Makes a header.
    package init(
      script: String, account: String, backend: String, version: String, runID: String,
      seed: UInt64, started: Int64, input: JSONTree? = nil
    ) {
      (self.script, self.account, self.backend) = (script, account, backend)
      (self.version, self.runID, self.seed) = (version, runID, seed)
      (self.started, self.input) = (started, input)
    }
  }

  /// What the script's store held when the run first looked, or what had been done once.
  package struct Kept: Sendable, Hashable {
    package enum Sort: String, Sendable { case store, once }

    package var sort: Sort
    package var key: String
    /// Nil when there was none.
    package var value: JSONTree?

    package init(_ sort: Sort, key: String, value: JSONTree?) {
      (self.sort, self.key, self.value) = (sort, key, value)
    }
  }

  /// What the clock showed from one of its readings on.
  package struct Reading: Sendable, Hashable {
    /// Which reading of the clock it was, from 1.
    package var number: Int
    /// The seconds since 1970.
    package var seconds: Int64

    package init(number: Int, seconds: Int64) {
      (self.number, self.seconds) = (number, seconds)
    }
  }

  /// What the backend declared about an action.
  struct DeclaredEffect: Sendable, Hashable {
    var app: String
    var action: String
    var effect: Effect
  }

  package var header: Header
  package var kept: [Kept] = []
  package var readings: [Reading] = []
  var effects: [DeclaredEffect] = []
  package var lookUps: [RecordedCall] = []
  package var calls: [RecordedCall] = []
  /// How the run ended: `ok`, or the code of its failure.
  package var outcome = "ok"

  package init(header: Header) { self.header = header }
}
