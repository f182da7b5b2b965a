import Lua

/// The time that a lane's pauses, sleeps and limits go by.
///
/// Confined to the lane's thread.
public final class LaneClock {
  /// The time that has been advanced to; nil for the machine's own clock.
  private var virtual: Int64?

  private init(_ virtual: Int64?) { self.virtual = virtual }

  /// The machine's monotonic clock.
  public static func monotonic() -> LaneClock { LaneClock(nil) }

  /// A clock that stands still while scripts compute, and jumps ahead when all of them wait.
  ///
  /// An hour of sleep takes no time, and what scripts see of time is the same in each run.
  public static func virtual() -> LaneClock { LaneClock(0) }

  /// Whether the clock jumps instead of going.
  public var isVirtual: Bool { virtual != nil }

  /// The time in nanoseconds, from a start of its own.
  public var now: Int64 { virtual ?? LuaState.monotonicNanoseconds }

  /// Goes back to the start; does nothing with the machine's clock.
  func restart() {
    if isVirtual { virtual = 0 }
  }

  /// Jumps ahead; does nothing with the machine's clock, or when the time is over already.
  func advance(to time: Int64) {
    if let now = virtual, time > now { virtual = time }
  }
}
