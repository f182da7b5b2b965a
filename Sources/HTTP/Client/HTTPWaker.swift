import CCurl
import Synchronization

/// Ends the current, or else the next, `poll` of one ``HTTPClient`` from any thread.
///
/// Stays harmless after the client is gone.
public final class HTTPWaker: Sendable {
  /// The client's loop while the client lives; guarded so that no wake-up meets a freed loop.
  private let loop: Mutex<EventLoop?>
  private let isWoken = Atomic<Bool>(false)

  init(_ loop: EventLoop) {
    self.loop = Mutex(loop)
  }

  /// Makes the client's `poll` return; several calls before it does count as one.
  public func wake() {
    guard !isWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
    // SAFETY: waking touches nothing but the loop's eventfd, which any thread may write to; the lock keeps the loop
    // alive while it runs.
    loop.withLock { loop in
      if let loop { unsafe ccurl_loop_wake(loop.raw) }
    }
  }

  /// Returns whether someone called `wake` since the last call.
  func takeWake() -> Bool {
    isWoken.load(ordering: .relaxed)
      && isWoken.exchange(false, ordering: .acquiringAndReleasing)
  }

  /// Forgets the loop; the client calls this before it frees it.
  func disconnect() {
    loop.withLock { $0 = nil }
  }
}

/// An event loop with its multi handles, for the two places that share it: the client, on its thread, and the waker.
///
/// The guard: the client alone touches libcurl's handles; the waker only writes to the loop's eventfd, under its lock, which the
/// client takes before it frees the loop.
@safe struct EventLoop: @unchecked Sendable {
  let library: CurlLibrary
  let raw: UnsafeMutablePointer<ccurl_loop>
}
