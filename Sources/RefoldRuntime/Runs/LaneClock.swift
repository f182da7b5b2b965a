import Lua
import Posix
import Synchronization

/// The time that a lane's pauses, sleeps and limits go by.
///
/// Read by any thread; only the lane's own lets a virtual one advance.
public final class LaneClock: Sendable {
  /// Whether the clock jumps instead of going.
  public let isVirtual: Bool
  /// The time of a virtual clock.
  private let reached = Atomic<Int64>(0)

  private init(isVirtual: Bool) { self.isVirtual = isVirtual }

  /// The machine's monotonic clock.
  public static func monotonic() -> LaneClock { LaneClock(isVirtual: false) }

  /// A clock that stands still while scripts compute, and jumps ahead when all of them wait.
  ///
  /// An hour of sleep takes no time, and what scripts see of time is the same in each run.
  ///
  /// - Parameter start: What ``now`` is at first.
  public static func virtual(from start: Int64 = 0) -> LaneClock {
    let clock = LaneClock(isVirtual: true)
    clock.advance(to: start)
    return clock
  }

  /// The time since 1970; a virtual clock begins at ``TestWorker/epochSeconds``.
  public var sinceEpoch: Duration {
    isVirtual
      ? .seconds(VirtualTime.epoch) + .nanoseconds(now) : SystemTime.sinceEpoch()
  }

  /// The time in nanoseconds, from a start of its own.
  public var now: Int64 {
    isVirtual ? reached.load(ordering: .relaxed) : LuaState.monotonicNanoseconds
  }

  /// Goes back to the start; does nothing with the machine's clock.
  func restart() { reached.store(0, ordering: .relaxed) }

  /// Jumps ahead; does nothing with the machine's clock, or when the time is over already.
  func advance(to time: Int64) {
    if time > reached.load(ordering: .relaxed) { reached.store(time, ordering: .relaxed) }
  }
}
