import CCurl
import Synchronization

/// Ends the current, or else the next, `poll` of one ``HTTPClient`` from any thread.
///
/// Stays harmless after the client is gone.
public final class HTTPWaker: Sendable {
  /// The client's handle while the client lives; guarded so that no wake-up meets a freed handle.
  private let handle: Mutex<MultiHandle?>
  private let isWoken = Atomic<Bool>(false)

  init(_ handle: MultiHandle) {
    self.handle = Mutex(handle)
  }

  /// Makes the client's `poll` return; several calls before it does count as one.
  public func wake() {
    guard !isWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
    // SAFETY: waking touches nothing but the loop's eventfd, which any thread may write to; the lock keeps the loop
    // alive while it runs.
    handle.withLock { handle in
      if let handle { unsafe ccurl_loop_wake(handle.loop) }
    }
  }

  /// Returns whether someone called `wake` since the last call.
  func takeWake() -> Bool {
    isWoken.load(ordering: .relaxed)
      && isWoken.exchange(false, ordering: .acquiringAndReleasing)
  }

  /// Forgets the handle; the client calls this before it frees it.
  func disconnect() {
    handle.withLock { $0 = nil }
  }
}

/// A multi handle with its event loop, for the two places that share it: the client, on its thread, and the waker.
///
/// The guard: the client alone touches libcurl's handle; the waker only writes to the loop's eventfd, under its lock, which the
/// client takes before it frees the loop.
@safe struct MultiHandle: @unchecked Sendable {
  let library: CurlLibrary
  let loop: UnsafeMutablePointer<ccurl_loop>
  /// libcurl's own handle.
  var raw: UnsafeMutableRawPointer { unsafe loop.pointee.multi }
}
