import Posix
import RefoldActions

/// A lane on a thread of its own.
final class LaneThread: Sendable {
  let mailbox = LaneMailbox()

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - maximumActive: How many runs are under way at once.
  ///   - configuration: Makes the lane's configuration, on its thread.
  ///   - backend: Makes the lane's backend, on its thread.
  /// - Throws: `PosixError` when the system has no thread left.
  init(
    maximumActive: Int, configuration: @escaping @Sendable () -> Lane.Configuration,
    backend: @escaping @Sendable () throws -> any Backend
  ) throws(PosixError) {
    let mailbox = mailbox
    try Threads.start {
      do {
        let lane = Lane(backend: try backend(), configuration())
        lane.maximumActive = maximumActive
        lane.mailbox = mailbox
        Self.drive(lane, by: mailbox)
      } catch {
        Self.refuseAll(in: mailbox, because: RunFailure(starting: error))
      }
    }
  }

  private static func drive(_ lane: Lane, by mailbox: LaneMailbox) {
    mailbox.setWake(lane.backend.wake)
    var isClosed = false
    while true {
      for message in mailbox.receive() {
        switch message {
        case .run(let number, let generation, let options, let onEnd):
          lane.request(
            Lane.Request(number: number, generation: generation, options: options, onEnd: onEnd))
        case .stop(let number): lane.stop(number)
        case .stopAll: lane.stopAll()
        case .close: isClosed = true
        }
      }
      guard lane.isIdle else {
        lane.turn()
        continue
      }
      if isClosed { break }
      lane.wait()
    }
    lane.rest()
    mailbox.setWake {}
  }

  /// Answers for a lane that has no backend.
  private static func refuseAll(in mailbox: LaneMailbox, because failure: RunFailure) {
    guard let wakeup = try? Wakeup() else { return }
    mailbox.setWake { wakeup.wake() }
    while true {
      for message in mailbox.receive() {
        switch message {
        case .run(_, _, _, let onEnd): onEnd(.notStarted(failure))
        case .stop, .stopAll: break
        case .close: return
        }
      }
      wakeup.wait(.seconds(1))
    }
  }
}
