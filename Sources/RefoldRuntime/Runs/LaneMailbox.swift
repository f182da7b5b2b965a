import Lua
import Synchronization

/// How other threads speak to a lane.
final class LaneMailbox: Sendable {
  /// What others may ask for.
  enum Message: Sendable {
    case run(number: UInt64, Generation, RunOptions, @Sendable (RunOutcome) -> Void)
    case stop(UInt64)
    case stopAll
    /// End the thread when all runs have ended.
    case close
  }

  private struct Contents {
    var messages: [Message] = []
    var interrupters: [UInt64: LuaInterrupter] = [:]
    var wake: @Sendable () -> Void = {}

    func interrupters(stoppedBy message: Message) -> [LuaInterrupter] {
      switch message {
      case .run, .close: []
      case .stop(let number): interrupters[number].map { [$0] } ?? []
      case .stopAll: Array(interrupters.values)
      }
    }
  }

  private let contents = Mutex(Contents())
  private let hasMessages = Atomic<Bool>(false)

  /// Sends a message, and wakes the lane.
  ///
  /// A run that is to be stopped stops even while it computes.
  func send(_ message: Message) {
    let (wake, stopped) = contents.withLock { contents in
      contents.messages.append(message)
      hasMessages.store(true, ordering: .releasing)
      return (contents.wake, contents.interrupters(stoppedBy: message))
    }
    for interrupter in stopped { interrupter.stop() }
    wake()
  }

  /// Takes the messages out, in their order.
  func receive() -> [Message] {
    guard hasMessages.load(ordering: .acquiring) else { return [] }
    return contents.withLock { contents in
      hasMessages.store(false, ordering: .releasing)
      let messages = contents.messages
      contents.messages = []
      return messages
    }
  }

  /// Sets how the lane is woken from its waits.
  func setWake(_ wake: @escaping @Sendable () -> Void) {
    contents.withLock { $0.wake = wake }
  }

  /// Makes a run known that has started.
  func add(_ interrupter: LuaInterrupter, of number: UInt64) {
    contents.withLock { $0.interrupters[number] = interrupter }
  }

  /// Forgets a run that has ended.
  func remove(_ number: UInt64) {
    contents.withLock { $0.interrupters[number] = nil }
  }
}
