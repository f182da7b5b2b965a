import Posix
import Synchronization

/// By which claims know the process that made them, and whether it is alive.
///
/// A process holds a lock under a number of its own, and the system lets go of it however the process ends. So neither time nor the
/// number of a process, which another may get, decides about a death.
final class ClaimOwner: Sendable {
  private struct Held {
    let locks: LockFile
    let number: Int64
  }

  private let path: String
  private let held = Mutex<Held?>(nil)

  init(path: String) { self.path = path }

  /// The number of this owner; takes the lock the first time.
  func number() throws -> Int64 {
    try own().number
  }

  /// Whether the owner with a number is alive.
  func isAlive(_ number: Int64) throws -> Bool {
    let own = try own()
    return try own.number == number || own.locks.isHeld(number)
  }

  private func own() throws -> Held {
    try held.withLock { held in
      if let held { return held }
      let locks = try LockFile(path)
      while true {
        let number = Int64.random(in: 1...(1 << 62))
        if try locks.hold(number) {
          let made = Held(locks: locks, number: number)
          held = made
          return made
        }
      }
    }
  }
}
