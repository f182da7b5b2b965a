import Posix
import RefoldActions
import SQLite
import Synchronization

/// The one thread that changes a state database: what many ask for at the same time is made durable together.
///
/// The thread starts with the first change, and the database is opened, made or migrated then. A change is durable when its end is called.
/// Safe to use from any thread.
final class StateWriter: Sendable {
  /// Changes the database inside a transaction that others may share; may be called again when one of those failed.
  typealias Change = @Sendable (SQLiteConnection) throws -> Void

  private let core: StateWriterCore
  /// Makes the changes instead, one by one, where a test wants to be between them.
  private let stepped: SteppedStateWriter?

  /// - Parameters:
  ///   - patience: How long a change waits for the lock of another process.
  ///   - points: Counts the moments before and after each change; nil for all but tests of crashes.
  ///   - isDurable: Whether a change is on the disk at its end; else it is gone with the machine's power.
  init(path: String, patience: Duration, points: CrashPoints? = nil, isDurable: Bool = true) {
    core = StateWriterCore(path: path, patience: patience, isDurable: isDurable)
    stepped = points.map { SteppedStateWriter(path: path, patience: patience, points: $0) }
  }

  deinit { core.close() }

  /// Whether the database that is there now has been opened, and has the schema of this version.
  var isOpen: Bool { stepped?.isOpen ?? core.isOpen }

  /// Makes a change.
  ///
  /// - Parameters:
  ///   - gathers: Whether others are waited for, for a moment or until somebody says ``hurry()``.
  ///   - kind: What it is about.
  ///   - onEnd: Called once, on the writer's thread, when the change is durable or has failed.
  func write<Value: Sendable>(
    gathers: Bool = false, _ change: @escaping @Sendable (SQLiteConnection) throws -> Value,
    as kind: StateChange = .other,
    _ onEnd: @escaping @Sendable (Result<Value, ActionError>) -> Void
  ) {
    let slot = Slot<Value>()
    submit({ slot.put(try change($0)) }, as: kind, gathers: gathers) { error in
      if let error { return onEnd(.failure(error)) }
      if let value = slot.take() { onEnd(.success(value)) }
    }
  }

  /// Makes a change that has no answer but its end; otherwise as above.
  func write(
    gathers: Bool = false, _ change: @escaping Change, as kind: StateChange = .other,
    _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    submit(change, as: kind, gathers: gathers) { onEnd($0.map { .failure($0) } ?? .success(())) }
  }

  private func submit(
    _ change: @escaping Change, as kind: StateChange, gathers: Bool,
    _ end: @escaping @Sendable (ActionError?) -> Void
  ) {
    if let stepped { return stepped.submit(kind, change, end) }
    core.submit(.init(apply: change, end: end, isUrgent: !gathers))
  }

  /// Makes a change whose end nobody waits for, together with the next that somebody waits for, or soon.
  ///
  /// When it fails, so does the next that somebody waits for.
  func add(_ change: @escaping Change, as kind: StateChange = .other) {
    if let stepped { return stepped.submit(kind, change, nil) }
    core.submit(.init(apply: change, end: nil))
  }

  /// Makes the changes now that others were waited for.
  func hurry() { core.hurry() }

  /// Opens the database, which needs no lock when it has the schema of this version.
  func open(_ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void) {
    let end: @Sendable (ActionError?) -> Void = { onEnd($0.map { .failure($0) } ?? .success(())) }
    if let stepped { return stepped.submit(.other, nil, end) }
    core.submit(.init(apply: nil, end: end, isUrgent: true))
  }

  /// Makes what lies durable where changes are made one by one; others do so by themselves, soon.
  ///
  /// - Parameter isOver: Whether the run is over that the changes were about.
  func flush(isOver: Bool = false) {
    if isOver { stepped?.finish() } else { stepped?.flush() }
  }

  /// Writes what was asked for, closes the database and waits for that.
  func close() {
    stepped?.close()
    core.close()
    core.waitUntilClosed()
  }
}

/// A place for one value on its way between threads.
final class Slot<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)

  func put(_ new: Value) { value.withLock { $0 = new } }

  func take() -> Value? {
    value.withLock { value in
      defer { value = nil }
      return value
    }
  }
}

/// What the thread and its owner share, so that the thread keeps no owner alive.
private final class StateWriterCore: Sendable {
  struct Entry: Sendable {
    /// Nil when the database shall only be open.
    let apply: StateWriter.Change?
    /// Nil when nobody waits for it.
    let end: (@Sendable (ActionError?) -> Void)?
    /// Whether it is written at once; else with others, soon, or when somebody hurries.
    var isUrgent = false
  }

  private struct Contents {
    var entries: [Entry] = []
    var wakeup: Wakeup?
    var isClosed = false
    /// Whether one of the entries shall be written at once.
    var isUrgent = false
    /// Whether the thread waits for entries of any kind.
    var isIdle = false
    var openFile: FileStatus.Identity?
  }

  private let path: String
  private let patience: Duration
  private let isDurable: Bool
  private let contents = Mutex(Contents())
  private let ended = Mutex(false)

  /// How long the thread waits for more before it tidies up.
  private static let idle = Duration.milliseconds(50)
  /// How long what is not urgent may lie before it is written.
  private static let gathering = Duration.milliseconds(2)
  /// After how many transactions it tidies up, however busy it is.
  private static let mostUntidied = 2000

  init(path: String, patience: Duration, isDurable: Bool) {
    self.isDurable = isDurable
    self.path = path
    self.patience = patience
  }

  var isOpen: Bool {
    guard let identity = contents.withLock({ $0.openFile }) else { return false }
    return (try? Files.status(path))?.identity == identity
  }

  /// Writes what was asked for at once.
  func hurry() {
    contents.withLock { contents -> Wakeup? in
      if contents.entries.isEmpty || contents.isUrgent { return nil }
      contents.isUrgent = true
      return contents.wakeup
    }?.wake()
  }

  func submit(_ entry: Entry) {
    let (known, isWanted) = contents.withLock { contents in
      contents.entries.append(entry)
      if entry.isUrgent { contents.isUrgent = true }
      // One wakes the thread; the others find it awake.
      defer { contents.isIdle = false }
      return (contents.wakeup, entry.isUrgent || contents.isIdle)
    }
    if let known { return isWanted ? known.wake() : () }
    var made: Wakeup?
    do throws(PosixError) {
      let new = try Wakeup()
      made = new
      try start(with: new)
    } catch {
      refuseAll(because: error, startedWith: made)
    }
  }

  private func start(with made: Wakeup) throws(PosixError) {
    // Two threads may come here at once: the second finds the wakeup of the first.
    let (isFirst, wakeup) = contents.withLock { contents in
      if let wakeup = contents.wakeup { return (false, wakeup) }
      contents.wakeup = made
      return (true, made)
    }
    guard isFirst else { return wakeup.wake() }
    try Threads.start { [self] in drive(wakeup) }
  }

  /// Lets everything fail that was asked for, so that none of it is written later; not when another thread has started a writer.
  ///
  /// - Parameter mine: The wakeup with which a writer was to start here.
  private func refuseAll(because error: PosixError, startedWith mine: Wakeup?) {
    let (left, other) = contents.withLock { contents -> ([Entry], Wakeup?) in
      if let wakeup = contents.wakeup, wakeup !== mine { return ([], wakeup) }
      contents.wakeup = nil
      defer { contents.entries = [] }
      return (contents.entries, nil)
    }
    other?.wake()
    let failure = ActionError(
      kind: .transient, code: "state_failed",
      message: "the state database '\(path)' has no writer: \(error.reason)",
      hint: "raise the limit of processes and open files, or close something")
    for entry in left { entry.end?(failure) }
  }

  func close() {
    contents.withLock { contents in
      contents.isClosed = true
      return contents.wakeup
    }?.wake()
  }

  func waitUntilClosed() {
    guard contents.withLock({ $0.wakeup }) != nil else { return }
    while !ended.withLock({ $0 }) { Threads.sleep(.microseconds(200)) }
  }

  // MARK: - The thread

  private func drive(_ wakeup: Wakeup) {
    var connection: SQLiteConnection?
    var untidied = 0
    while true {
      gather(wakeup)
      let (batch, isClosed) = contents.withLock { contents in
        defer {
          contents.entries.removeAll(keepingCapacity: true)
          contents.isUrgent = false
        }
        return (contents.entries, contents.isClosed)
      }
      if !batch.isEmpty {
        let lost = commit(batch, on: &connection)
        if !isClosed, !lost.isEmpty {
          contents.withLock { $0.entries.insert(contentsOf: lost, at: 0) }
        }
        untidied += 1
        if untidied < Self.mostUntidied { continue }
      } else if isClosed {
        break
      } else if untidied == 0 {
        wait(for: .seconds(3600), wakeup)
        continue
      } else if !isQuiet(wakeup) {
        continue
      }
      // What cannot be moved now is moved later; the log holds it as safely.
      try? connection?.checkpoint()
      untidied = 0
    }
    tidyLog(connection)
    connection = nil
    ended.withLock { $0 = true }
  }

  /// Moves the log into the database at the end when it has grown, so that the next to open it does not read for long.
  private func tidyLog(_ connection: SQLiteConnection?) {
    guard let connection, let log = try? Files.status(path + "-wal"),
      log.size > StateDatabase.largestLog
    else { return }
    try? connection.checkpoint(truncatesLog: true)
  }

  /// Waits for more when there is something to write that is not urgent: a transaction costs as much for one as for many.
  private func gather(_ wakeup: Wakeup) {
    let start = MonotonicTime.now()
    while true {
      let gathers = contents.withLock {
        !$0.entries.isEmpty && !$0.isUrgent && !$0.isClosed
      }
      let left = Self.gathering - (MonotonicTime.now() - start)
      // A wait of less than a millisecond cannot be ended by a wake.
      guard gathers, left >= .milliseconds(1) else { return }
      wakeup.wait(left)
    }
  }

  /// Waits for entries of any kind.
  private func wait(for time: Duration, _ wakeup: Wakeup) {
    let isIdle = contents.withLock { contents in
      contents.isIdle = contents.entries.isEmpty && !contents.isClosed
      return contents.isIdle
    }
    if isIdle { wakeup.wait(time) }
    contents.withLock { $0.isIdle = false }
  }

  /// Waits a moment for more; returns whether there was none.
  private func isQuiet(_ wakeup: Wakeup) -> Bool {
    wait(for: Self.idle, wakeup)
    return contents.withLock { $0.entries.isEmpty }
  }

  /// Makes what was asked for durable.
  ///
  /// - Returns: Entries that could not be written because of the file, and that nobody waits for: to be tried again.
  private func commit(_ batch: [Entry], on connection: inout SQLiteConnection?) -> [Entry] {
    do {
      let database = try opened(&connection)
      for entry in batch where entry.apply == nil { entry.end?(nil) }
      let changes = batch.filter { $0.apply != nil }
      if changes.isEmpty { return [] }
      guard let error = failure(of: changes, on: database) else {
        for entry in changes { entry.end?(nil) }
        return []
      }
      if changes.count == 1 || StateDatabase.isAboutFile(error) {
        // The next change begins with a new connection, should the cause be gone by then.
        connection = nil
        return fail(changes, error)
      }
      // One of them failed, and took the others along: each by itself.
      for entry in changes {
        if let error = failure(of: [entry], on: database) {
          _ = fail([entry], error)
        } else {
          entry.end?(nil)
        }
      }
      return []
    } catch {
      return fail(batch, error)
    }
  }

  /// Makes changes in one transaction, and returns what kept them from being made.
  private func failure(of changes: [Entry], on database: SQLiteConnection) -> (any Error)? {
    do {
      try database.transaction { for entry in changes { try entry.apply?(database) } }
      return nil
    } catch {
      return error
    }
  }

  private func fail(_ entries: [Entry], _ error: any Error) -> [Entry] {
    let failure = StateDatabase.failure(error, path: path)
    for entry in entries { entry.end?(failure) }
    return StateDatabase.isAboutFile(error) ? entries.filter { $0.end == nil } : []
  }

  /// Opens the database, also when the file was removed or replaced meanwhile.
  private func opened(_ connection: inout SQLiteConnection?) throws -> SQLiteConnection {
    if let connection, isOpen { return connection }
    connection = nil
    contents.withLock { $0.openFile = nil }
    let database = try StateDatabase.open(path, patience: patience)
    if !isDurable { try database.execute("PRAGMA synchronous = OFF") }
    connection = database
    let identity = try Files.status(path)?.identity
    contents.withLock { $0.openFile = identity }
    return database
  }
}
