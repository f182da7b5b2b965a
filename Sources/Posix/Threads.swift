import Glibc

/// Threads of the system's own kind, for work that blocks.
public enum Threads {
  /// Starts a thread that runs a function and then ends; nobody waits for it.
  ///
  /// - Parameter body: What it does.
  /// - Throws: `PosixError` when the system has no thread left.
  public static func start(
    _ body: @escaping @Sendable () -> Void
  ) throws(PosixError) {
    let work = Work(body)
    let context = unsafe Unmanaged.passRetained(work)
    var thread = pthread_t()
    // SAFETY: the thread takes over the reference that is handed to it, and releases it when done.
    let status = unsafe pthread_create(
      &thread, nil,
      { raw in
        guard let raw = unsafe raw else { return nil }
        let work = unsafe Unmanaged<Work>.fromOpaque(raw).takeRetainedValue()
        work.body()
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      unsafe context.release()
      throw PosixError(code: PosixError.Code(rawValue: status), operation: "start a thread")
    }
    _ = pthread_detach(thread)
  }

  /// How many threads the machine runs at once, at least 1.
  public static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Lets others have the processor of the calling thread for a moment, if any wait for one.
  public static func yield() { _ = sched_yield() }

  /// Lets the calling thread wait, at least for the duration unless a signal comes.
  public static func sleep(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    guard seconds > 0 || attoseconds > 0 else { return }
    var time = timespec(
      tv_sec: Int(clamping: seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    // SAFETY: the time outlives the call; what is left after a signal is not asked for.
    _ = unsafe nanosleep(&time, nil)
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
      self.body = body
    }
  }
}
