import Posix
import Synchronization

/// What a script sees of chance and time, so that it can be shown the same again.
public struct RunFacts: Sendable {
  /// What the script sees as `refold.run_id`.
  public var runID: String
  /// The seed of `math.random`.
  public var seed: UInt64
  /// What `os.time` and `os.date` go by.
  public var clock: ScriptClock

  /// Makes the facts of a new run: an id and a seed by chance, and the machine's clock.
  public init() {
    self.init(runID: RunID.make(), seed: .random(in: .min ... .max), clock: ScriptClock())
  }

  /// Makes facts that are known.
  public init(runID: String, seed: UInt64, clock: ScriptClock) {
    self.runID = runID
    self.seed = seed
    self.clock = clock
  }
}

/// The clock of one script, in seconds, that remembers what it has shown.
///
/// Safe to use from any thread.
public final class ScriptClock: Sendable {
  /// From which of its readings on the clock showed something else.
  public struct Change: Sendable, Hashable {
    /// The number of the reading, from 1.
    public var reading: Int
    /// The seconds since 1970.
    public var seconds: Int64

    /// Makes a change.
    public init(reading: Int, seconds: Int64) {
      self.reading = reading
      self.seconds = seconds
    }
  }

  private struct State {
    var readings = 0
    var shown: [Change] = []
    var next = 0
  }

  private let state = Mutex(State())
  /// What is to be shown; nil for the machine's time.
  private let known: [Change]?
  private let start: Int64

  /// Makes a clock that shows the machine's time.
  public init() {
    known = nil
    start = 0
  }

  /// Makes a clock that shows what another one has shown.
  ///
  /// - Parameter start: What it shows when the other one was never read.
  public init(showing known: [Change], start: Int64) {
    self.known = known
    self.start = start
  }

  /// What it has shown, as far as that changed.
  public var changes: [Change] { state.withLock { $0.shown } }

  /// Reads the clock; what it shows for the first time is what the journal of the run keeps.
  func seconds(of journal: RunJournal?) -> Int64 {
    state.withLock { state in
      state.readings += 1
      guard let known else {
        let now = journal?.time() ?? SystemTime.sinceEpoch().components.seconds
        if state.shown.last?.seconds != now {
          state.shown.append(Change(reading: state.readings, seconds: now))
        }
        return now
      }
      while state.next < known.count, known[state.next].reading <= state.readings {
        state.next += 1
      }
      return state.next == 0 ? start : known[state.next - 1].seconds
    }
  }
}
