import RefoldActions
import SQLite
import Synchronization

/// A writer that makes each change by itself, on the thread that asks for it, and names the moment before and the moment after.
///
/// For tests that let a process die at each of those. What nobody waits for lies until somebody waits for something, as late as
/// it may; and then a crash can part any two changes, as it can where some of them share a transaction.
/// Safe to use from any thread.
final class SteppedStateWriter: Sendable {
  private struct Waiting {
    let kind: StateChange
    /// Nil when the database shall only be open.
    let apply: StateWriter.Change?
    /// Nil when nobody waits for it.
    let end: (@Sendable (ActionError?) -> Void)?
  }

  private struct Contents {
    var waiting: [Waiting] = []
    var connection: SQLiteConnection?
    /// Why a change failed that nobody waited for.
    var lost: ActionError?
  }

  private let path: String
  private let patience: Duration
  private let points: CrashPoints
  private let contents = Mutex(Contents())

  init(path: String, patience: Duration, points: CrashPoints) {
    self.path = path
    self.patience = patience
    self.points = points
  }

  var isOpen: Bool { contents.withLock { $0.connection != nil } }

  /// Takes a change; makes it, and those before it, when somebody waits for its end.
  func submit(
    _ kind: StateChange, _ apply: StateWriter.Change?,
    _ end: (@Sendable (ActionError?) -> Void)?
  ) {
    contents.withLock { $0.waiting.append(Waiting(kind: kind, apply: apply, end: end)) }
    if end != nil { flush() }
  }

  /// Makes the changes that lie.
  func flush() {
    contents.withLock { make(&$0) { self.points.pass($0) } }
  }

  /// Makes the changes that lie and that a run is not about any more, without a word.
  func finish() {
    contents.withLock { make(&$0) { _ in } }
  }

  func close() {
    finish()
    contents.withLock { $0.connection = nil }
  }

  private func make(_ contents: inout Contents, pass: (CrashPoints.Point) -> Void) {
    let waiting = contents.waiting
    contents.waiting = []
    for change in waiting { make(change, &contents, pass) }
  }

  private func make(
    _ change: Waiting, _ contents: inout Contents, _ pass: (CrashPoints.Point) -> Void
  ) {
    do {
      let database = try contents.connection ?? StateDatabase.open(path, patience: patience)
      contents.connection = database
      if let apply = change.apply {
        let isMoment = change.kind != .log
        if isMoment { pass(.change(change.kind, isMade: false)) }
        try database.transaction { try apply(database) }
        if isMoment { pass(.change(change.kind, isMade: true)) }
      }
      change.end?(contents.lost)
      if change.end != nil { contents.lost = nil }
    } catch {
      let failure = StateDatabase.failure(error, path: path)
      if let end = change.end { end(failure) } else { contents.lost = failure }
    }
  }
}
