import Posix
import RefoldActions
import SQLite
import Synchronization
import Zlib

/// The durable record of runs and their steps, in the state database of a project.
///
/// Safe to use from any thread. What is added goes to the database's one writer, in the order in which it was added; what has an `onEnd` is
/// durable when that is called, and with it all that was added before.
public final class Journal: Sendable {
  let store: SQLiteStateStore
  /// How long runs are kept after their end.
  let retention: Duration
  private let lastPrune = Mutex(Duration.zero)

  /// How long runs are kept unless it is set: 30 days.
  public static let standardRetention = Duration.seconds(30 * 86_400)
  /// How long a write takes to show in the look-ups of an app, unless it is set: 30 s.
  public static let standardSettle = Duration.seconds(30)
  /// How many steps a run can have: a million.
  static let mostSteps = 1 << 20

  /// Makes a journal that shares the database of a store.
  public init(_ store: SQLiteStateStore, retention: Duration = Journal.standardRetention) {
    self.store = store
    self.retention = retention
  }

  /// One run, by which its steps are added.
  final class Entry: Sendable {
    let id: String
    private let known = Atomic<Int64>(0)

    init(id: String, number: Int64 = 0) {
      self.id = id
      known.store(number, ordering: .relaxed)
    }

    /// The number that the database gave the run; set on the writer's thread before any step is added.
    var number: Int64 {
      get { known.load(ordering: .relaxed) }
      set { known.store(newValue, ordering: .relaxed) }
    }
  }

  /// Makes what was added durable now; else it is gathered with what is added within the next two milliseconds.
  func hurry() { store.writer.hurry() }

  // MARK: - Adding

  /// Adds a run that begins.
  func add(_ run: RunRecord) -> Entry {
    let entry = Entry(id: run.id)
    let store = store
    store.writer.add(
      { try Self.insert(run, owner: try store.owner.number(), as: entry, $0) }, as: .run)
    return entry
  }

  /// Adds a step that need not be durable before the script goes on.
  func add(_ step: StepRecord, to run: Entry) {
    store.writer.add({ try Self.insert(step, run, $0) }, as: .step(step.number))
  }

  /// Adds a step that has to be durable before anything happens.
  func add(
    _ step: StepRecord, to run: Entry,
    onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    store.writer.write(
      gathers: true, { try Self.insert(step, run, $0) }, as: .intent(step.number), onEnd)
  }

  /// Sets or removes a value of the store, and adds the step that this is: both or neither.
  func put(
    _ value: [UInt8]?, at key: String, on shelf: StateShelf, ifVersion expected: Int64?,
    as step: StepRecord, of run: Entry,
    _ onEnd: @escaping @Sendable (Result<Bool, ActionError>) -> Void
  ) {
    let put = store.putting(value, at: key, on: shelf, ifVersion: expected)
    store.writer.write(
      gathers: true,
      { database in
        let isChanged = try put(database)
        var step = step
        step.state = .done
        step.reply = Array((isChanged ? "true" : "false").utf8)
        step.ended = RunJournal.now()
        try Self.insert(step, run, database)
        return isChanged
      }, as: .step(step.number), onEnd)
  }

  /// Keeps a dead letter, and adds the step that this is: both or neither.
  func bury(
    _ letter: DeadLetter, as step: StepRecord, of run: Entry,
    _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    store.writer.write(
      gathers: true,
      { database in
        try SQLiteStateStore.insert(letter, database)
        var step = step
        (step.state, step.reply) = (.done, Array(letter.id.utf8))
        step.ended = RunJournal.now()
        try Self.insert(step, run, database)
      }, as: .step(step.number), onEnd)
  }

  static func insert(_ step: StepRecord, _ run: Entry, _ database: SQLiteConnection) throws {
    let statement = try database.statement(
      """
      INSERT INTO steps (id, key, kind, name, account, parameters, hash, place, readings, state,
        status, reply, failure, attempts, began, ended, expanded, known_by)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    statement.bind(1, try Self.stepID(step.number, run))
    statement.bind(2, step.key)
    statement.bind(3, step.kind.rawValue)
    statement.bind(4, step.name)
    statement.bind(5, step.account)
    statement.bind(6, blob: step.parameters)
    statement.bind(7, step.hash)
    if let place = step.place { statement.bind(8, place) }
    statement.bind(9, Int64(step.readings))
    statement.bind(10, step.state.rawValue)
    if let status = step.status { statement.bind(11, Int64(status)) }
    if let reply = step.reply { bind(reply, to: statement, at: 12, 17) }
    if let failure = step.failure { statement.bind(13, blob: failure) }
    statement.bind(14, Int64(step.attempts))
    statement.bind(15, step.began)
    if let ended = step.ended { statement.bind(16, ended) }
    if let knownBy = step.knownBy { statement.bind(18, knownBy.rawValue) }
    try statement.run()
  }

  /// Replies from this size on are compressed: 4 KiB.
  private static let leastCompressed = 4 << 10

  /// Binds a reply, compressed when it is large, and then how long it was; on the writer's thread, so that no lane waits for it.
  static func bind(
    _ reply: [UInt8], to statement: SQLiteStatement, at position: Int, _ expandedPosition: Int
  ) {
    guard reply.count >= leastCompressed else { return statement.bind(position, blob: reply) }
    statement.bind(position, blob: Zlib.compress(reply))
    statement.bind(expandedPosition, Int64(reply.count))
  }

  /// Reads what ``bind(_:to:at:_:)`` wrote.
  static func reply(
    in row: SQLiteStatement, at column: Int, _ expandedColumn: Int
  ) throws -> [UInt8]? {
    guard let bytes = row.bytes(column), !row.isNull(expandedColumn) else {
      return row.bytes(column)
    }
    return try Zlib.expand(bytes, count: Int(row.integer(expandedColumn)))
  }

  /// Says how a step that was added before has ended.
  func settle(_ step: StepRecord, of run: Entry) {
    let change: StateWriter.Change = { database in
      let statement = try database.statement(
        """
        UPDATE steps SET state = ?, status = ?, reply = ?, failure = ?, attempts = ?, ended = ?,
          expanded = ?, known_by = ? WHERE id = ?
        """)
      statement.bind(1, step.state.rawValue)
      if let status = step.status { statement.bind(2, Int64(status)) }
      if let reply = step.reply { Self.bind(reply, to: statement, at: 3, 7) }
      if let failure = step.failure { statement.bind(4, blob: failure) }
      statement.bind(5, Int64(step.attempts))
      if let ended = step.ended { statement.bind(6, ended) }
      if let knownBy = step.knownBy { statement.bind(8, knownBy.rawValue) }
      statement.bind(9, try Self.stepID(step.number, run))
      try statement.run()
    }
    store.writer.add(change, as: .outcome(step.number))
  }

  /// Says how a run has ended.
  func end(
    _ run: Entry, _ state: RunRecord.State, result: [UInt8]?, failure: [UInt8]?, at ended: Int64,
    onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    store.writer.write(
      gathers: true,
      { database in
        let statement = try database.statement(
          "UPDATE runs SET state = ?, result = ?, failure = ?, ended = ? WHERE number = ?")
        statement.bind(1, state.rawValue)
        if let result { statement.bind(2, blob: result) }
        if let failure { statement.bind(3, blob: failure) }
        statement.bind(4, ended)
        statement.bind(5, run.number)
        try statement.run()
      }, as: .end, onEnd)
    pruneSometimes()
  }

  private static func stepID(_ step: Int, _ run: Entry) throws -> Int64 {
    guard run.number > 0 else {
      throw ActionError(
        kind: .permanent, code: "journal_lost", message: "the journal has lost run '\(run.id)'",
        hint: "see what became of the state database meanwhile")
    }
    return run.number << 20 | Int64(step)
  }

  // MARK: - Retention

  /// Removes runs that ended too long ago, at most once an hour, and a few at a time.
  private func pruneSometimes() {
    let now = MonotonicTime.now()
    let isDue = lastPrune.withLock { last in
      if last != .zero, now - last < .seconds(3600) { return false }
      last = now
      return true
    }
    guard isDue else { return }
    store.writer.add { [self] in
      _ = try Self.prune(before: limit(retention), atMost: 200, imported: false, $0)
    }
  }

  /// The moment before which runs have ended too long ago, in milliseconds since 1970.
  func limit(_ age: Duration) -> Int64 {
    SQLiteStateStore.milliseconds(SystemTime.sinceEpoch() - age)
  }

  /// Removes runs that ended before a moment; those with writes of unknown outcome stay.
  ///
  /// - Parameter imported: Whether those that were imported are removed too, whatever they hold.
  static func prune(
    before limit: Int64, atMost count: Int, imported: Bool, _ database: SQLiteConnection
  ) throws -> Int {
    let found = try database.statement(
      """
      SELECT number FROM runs WHERE ended < ?1 AND CASE owner WHEN ?3 THEN ?4 ELSE NOT EXISTS (
        SELECT 1 FROM steps WHERE id >= number << 20 AND id < number + 1 << 20
          AND kind = 'write' AND state IN ('begun', 'unknown')) END
      ORDER BY ended LIMIT ?2
      """)
    found.bind(1, limit)
    found.bind(2, Int64(count))
    found.bind(3, importer)
    found.bind(4, imported ? 1 : 0)
    var numbers: [Int64] = []
    while try found.step() { numbers.append(found.integer(0)) }
    found.reset()
    for number in numbers {
      for sql in [
        "DELETE FROM steps WHERE id >= ?1 << 20 AND id < (?1 + 1) << 20",
        "DELETE FROM logs WHERE run = ?1",
        "DELETE FROM runs WHERE number = ?1",
      ] {
        let statement = try database.statement(sql)
        statement.bind(1, number)
        try statement.run()
      }
    }
    return numbers.count
  }
}
