import Lua
import Posix
import RefoldRuntime
import Synchronization

/// What is known of runs for many accounts while they are under way; their threads report here.
final class FanOutBoard: Sendable {
  private struct Contents {
    var outcomes: [RunOutcome?]
    var ended = 0
    var failed = 0
    /// Whether the last thing on the terminal is the line of progress.
    var showsProgress = false
    var writingFailed: CommandError?
  }

  private let accounts: [String]
  private let console: Console
  private let isStreaming: Bool
  private let showsProgress: Bool
  private let contents: Mutex<Contents>
  /// Nil when the process has no descriptors left; then the end is noticed a little later.
  private let wakeup = try? Wakeup()

  init(_ accounts: [String], _ console: Console, isStreaming: Bool) {
    self.accounts = accounts
    self.console = console
    self.isStreaming = isStreaming
    showsProgress = Descriptor.standardError.isTerminal
    contents = Mutex(Contents(outcomes: [RunOutcome?](repeating: nil, count: accounts.count)))
  }

  /// How the runs ended, in the order of the accounts, once all have.
  var outcomes: [RunOutcome] { contents.withLock { $0.outcomes.compactMap { $0 } } }

  /// Why a line could not be written to standard output, when that has happened.
  var writingFailed: CommandError? { contents.withLock { $0.writingFailed } }

  /// Takes how a run ended.
  func end(_ index: Int, _ outcome: RunOutcome) {
    let isLast = contents.withLock { contents in
      contents.outcomes[index] = outcome
      contents.ended += 1
      if case .failure = outcome.result { contents.failed += 1 }
      if isStreaming, contents.writingFailed == nil {
        do throws(CommandError) {
          try console.data(FanOutReport.line(accounts[index], outcome) + [UInt8(ascii: "\n")])
        } catch {
          contents.writingFailed = error
        }
      }
      return contents.ended == accounts.count
    }
    if isLast { wakeup?.wake() }
  }

  /// Waits until all runs have ended, and shows on a terminal how far they are.
  ///
  /// - Parameter stop: Called once when a person stops the program, or nobody reads its output any more.
  func waitForAll(stop: () -> Void) {
    var isStopping = false
    while true {
      let (isOver, isUnread) = contents.withLock { contents in
        let isOver = contents.ended == accounts.count
        showProgress(&contents, isOver: isOver)
        return (isOver, contents.writingFailed != nil)
      }
      if isOver { return }
      if !isStopping, StopSignal.hasArrived || isUnread {
        isStopping = true
        stop()
      }
      let interval = Duration.milliseconds(showsProgress || wakeup == nil ? 100 : 1000)
      if let wakeup { wakeup.wait(interval) } else { Threads.sleep(interval) }
    }
  }

  private func showProgress(_ contents: inout Contents, isOver: Bool) {
    guard showsProgress else { return }
    clearProgress(&contents)
    if isOver { return }
    let failed = contents.failed == 0 ? "" : ", \(contents.failed) failed"
    console.fragment("\(contents.ended) of \(accounts.count) done\(failed)")
    contents.showsProgress = true
  }

  private func clearProgress(_ contents: inout Contents) {
    guard contents.showsProgress else { return }
    console.fragment("\r\u{1B}[K")
    contents.showsProgress = false
  }

  // MARK: - Lines of the runs

  func log(_ line: LogLine) { note { $0.log(line, of: line.account) } }

  func retry(_ notice: RetryNotice) { note { $0.retry(notice, of: notice.account) } }

  func waiting(_ account: String, for writes: [String]) {
    note { $0.waiting(for: writes, of: account) }
  }

  private func note(_ write: (Console) -> Void) {
    contents.withLock { contents in
      clearProgress(&contents)
      write(console)
    }
  }
}
