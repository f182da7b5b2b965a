import Lua
import Posix
import RefoldActions
import SQLite

/// Runs what a test has run once more, with a journal on the disk, so that it can be interrupted and taken up.
///
/// Its id, its random numbers and its clock are the same each time. Confined to the thread that uses it.
public final class RecordedTestRun {
  /// How it stands in the journal.
  public struct Ending: Sendable, Equatable {
    /// `done`, `failed`, or `interrupted` when its process has died.
    public var state: RunRecord.State
    /// The result as JSON text; nil unless it is done.
    public var result: [UInt8]?
    /// The failure as JSON text; nil unless it has failed.
    public var failure: [UInt8]?
  }

  /// The id of the run.
  public static let id = "run_crashpoint0000000000"

  private let run: TestedRun
  private let options: TestOptions
  private let store: SQLiteStateStore
  private let journal: Journal
  private let points: CrashPoints
  /// What its waits and its clock go by.
  public let clock: LaneClock

  /// Opens the journal.
  ///
  /// - Parameters:
  ///   - statePath: The database, as ``prepare(_:_:)`` made it or an earlier attempt left it.
  ///   - clock: A virtual clock for its waits; nil for one that begins where the test was.
  ///   - points: Counts the moments at which its process may die.
  public init(
    _ run: TestedRun, _ options: TestOptions, statePath: String, clock: LaneClock? = nil,
    points: CrashPoints = CrashPoints()
  ) throws(ActionError) {
    self.run = run
    self.options = options
    self.points = points
    let clock = clock ?? LaneClock.virtual(from: run.time)
    self.clock = clock
    store = SQLiteStateStore(databasePath: statePath, now: { clock.sinceEpoch }, points: points)
    // By the clock of a test nothing is ever old.
    journal = Journal(store, retention: .seconds(3_155_760_000))
    try store.openAndWait()
  }

  /// Makes a database with what the scripts of a test have kept so far.
  public static func prepare(_ statePath: String, _ memory: MemoryStateStore) throws(ActionError) {
    let store = SQLiteStateStore(databasePath: statePath)
    defer { store.close() }
    try store.openAndWait()
    try memory.copy(to: store)
  }

  /// Closes the journal.
  public func close() { store.close() }

  // MARK: - Running

  /// Runs the script from its beginning, or takes the run up when the journal has begun it.
  ///
  /// Blocks until it has ended.
  ///
  /// - Parameter decisions: What somebody has found out about writes of unknown outcome.
  public func perform(
    on backend: any Backend, decisions: [Int: Resumption.Decision] = [:]
  ) throws -> RunOutcome {
    let deadline = LuaState.monotonicNanoseconds + options.timeout.wholeNanoseconds
    var configuration = options.configuration(clock, deadline: deadline, store: store)
    configuration.journal = journal
    configuration.sharesTime = false
    let store = store
    configuration.beforeJump = { store.writer.flush() }
    var runOptions = options.runOptions(account: run.account)
    runOptions.input = run.input
    runOptions.facts = RunFacts(runID: Self.id, seed: options.seed, clock: ScriptClock())
    if try isBegun {
      // What was written shows at once in the app of a test, so what is not found was not written.
      runOptions.resumption = try journal.resumption(
        of: Self.id, decisions: decisions, settle: .zero)
    }
    let generation = try TestFile(run.file).generation(of: run.script, account: run.account)
    // What the run has added last lies on the disk a moment after its end.
    defer { store.writer.flush(isOver: true) }
    return Lane(backend: SteppedBackend(backend, points), configuration).run(
      generation, runOptions)
  }

  private var isBegun: Bool {
    get throws(ActionError) { try !journal.runs(limit: 1).isEmpty }
  }

  // MARK: - Looking

  /// How the run stands; nil when the journal knows nothing of it.
  public func ending() throws(ActionError) -> Ending? {
    guard let run = try journal.runs(limit: 1).first else { return nil }
    let result = try store.read { database in
      let statement = try database.statement("SELECT result FROM runs WHERE id = ?")
      defer { statement.reset() }
      statement.bind(1, run.id)
      return try statement.step() ? statement.bytes(0) : nil
    }
    return Ending(state: run.state, result: result, failure: run.failure)
  }

  /// The steps of the run, without what they were answered.
  public func steps() throws(ActionError) -> [StepRecord] {
    try isBegun ? journal.steps(of: Self.id, withReplies: false) : []
  }

  /// The moments that have come, for people.
  public func moments() throws(ActionError) -> [String] {
    points.descriptions(
      naming: Dictionary(try steps().map { ($0.number, $0.name) }) { first, _ in first })
  }

  /// The values of the store, the keys of `refold.once` and the dead letters, a line each.
  public func kept() throws(ActionError) -> [String] {
    try store.read { database in
      var lines: [String] = []
      for sql in [
        """
        SELECT 'value ' || key || ' of ' || script || ' for ' || account, CAST(value AS TEXT)
        FROM entries
        """,
        "SELECT 'refold.once ' || key || ' for ' || account || ' is ' || state, '' FROM claims",
        """
        SELECT 'dead letter of ' || script || ' for ' || account, CAST(record AS TEXT)
        FROM dead_letters
        """,
      ] {
        let statement = try database.statement(sql)
        defer { statement.reset() }
        while try statement.step() {
          lines.append(
            [statement.text(0), statement.text(1)].compactMap { $0 }.joined(separator: ": "))
        }
      }
      return lines.sorted()
    }
  }
}
