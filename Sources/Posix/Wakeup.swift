import Glibc
import Synchronization

/// A wait that any thread can end.
///
/// ```swift
/// let wakeup = try Wakeup()
/// wakeup.wake()
/// wakeup.wait(.seconds(10))  // returns at once
/// ```
public final class Wakeup: Sendable {
  private let ends: (read: Descriptor, write: Descriptor)
  private let isWoken = Atomic<Bool>(false)

  /// Creates one, with a pipe of its own.
  ///
  /// - Throws: `PosixError` when the process has no descriptors left.
  public init() throws(PosixError) {
    ends = try Descriptor.pipe()
    for end in [ends.read, ends.write] { _ = fcntl(end.rawValue, F_SETFL, O_NONBLOCK) }
  }

  deinit {
    ends.read.close()
    ends.write.close()
  }

  /// Ends the current wait, or else the next one; several calls before it count as one.
  public func wake() {
    guard !isWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
    // A full pipe is readable, which is all that a wait looks for.
    var byte: UInt8 = 0
    // SAFETY: one byte, which outlives the call.
    _ = unsafe write(ends.write.rawValue, &byte, 1)
  }

  /// What is readable once it is woken, for a wait on several things.
  var descriptor: Descriptor { ends.read }

  /// Waits until it is woken, a signal comes, or the time is over.
  ///
  /// One thread at a time.
  public func wait(_ duration: Duration) {
    if !isWoken.load(ordering: .acquiring), !isReadable(within: duration) { return }
    var bytes: UInt64 = 0
    // SAFETY: at most eight bytes, which is the size of the variable.
    while unsafe read(ends.read.rawValue, &bytes, 8) == 8 {}
    isWoken.store(false, ordering: .releasing)
  }

  /// Waits for whole milliseconds with the pipe; less than one is slept through, which nobody notices.
  private func isReadable(within duration: Duration) -> Bool {
    if duration < .milliseconds(1) { Threads.sleep(duration) }
    return ends.read.isReadable(within: max(duration, .zero))
  }
}
