import Glibc
import Synchronization

/// What the system interrupts a process with.
public enum Signals {
  /// A signal, by its number.
  public struct Signal: RawRepresentable, Sendable, Hashable {
    /// The number by which the system knows it.
    public let rawValue: Int32

    /// Wraps a number.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Ctrl-C.
    public static let interrupt = Signal(rawValue: SIGINT)
    /// The polite request to end.
    public static let terminate = Signal(rawValue: SIGTERM)
    /// The terminal has gone; for services, the request to read the configuration again.
    public static let hangUp = Signal(rawValue: SIGHUP)

    /// The end at once, which no process can put off.
    public static let kill = Signal(rawValue: SIGKILL)

    /// The exit status of a process that ends because of it.
    public var exitStatus: Int32 { 128 + rawValue }
  }

  /// Makes writing to a pipe that nobody reads an error instead of the end of the process.
  public static func ignoreBrokenPipe() {
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// Calls a function, on a thread of its own, whenever one of the signals comes.
  ///
  /// The process no longer ends because of them; that is now up to the function. System calls go on. Signals that come
  /// while the function runs are handed over afterwards, none is lost. Can be called once in a process.
  ///
  /// - Parameters:
  ///   - signals: The signals to watch for.
  ///   - handler: Called with each signal; must be brief, and safe to call from any thread.
  /// - Throws: `PosixError`; `exists` when signals are being watched already.
  public static func watch(
    _ signals: [Signal], _ handler: @escaping @Sendable (Signal) -> Void
  ) throws(PosixError) {
    let ends = try Descriptor.pipe()
    let (isFirst, _) = writeEnd.compareExchange(
      expected: -1, desired: ends.write.rawValue, ordering: .sequentiallyConsistent)
    guard isFirst else {
      ends.read.close()
      ends.write.close()
      throw PosixError(
        code: .exists, operation: "watch for signals",
        message: "signals are being watched already")
    }
    try startThread(reading: ends.read, handler)
    for signal in signals { try install(signal) }
  }

  /// Where the signal handler writes the number of the signal; -1 until signals are watched.
  private static let writeEnd = Atomic<Int32>(-1)

  private static func install(_ signal: Signal) throws(PosixError) {
    var action = sigaction()
    // Only what is safe in a signal handler: an atomic load, write, and errno as it was. `writeEnd` has been
    // initialised by `watch`, so nothing is allocated or locked here.
    unsafe action.__sigaction_handler.sa_handler = { number in
      let saved = errno
      var byte = UInt8(truncatingIfNeeded: number)
      _ = unsafe write(Signals.writeEnd.load(ordering: .relaxed), &byte, 1)
      errno = saved
    }
    action.sa_flags = SA_RESTART
    // SAFETY: `action` outlives the call, which copies it.
    guard unsafe sigaction(signal.rawValue, &action, nil) == 0 else {
      throw PosixError.last("watch for signal \(signal.rawValue)")
    }
    // A parent may have left it blocked; this thread at least must take it.
    var signals = sigset_t()
    // SAFETY: `signals` is a local variable that outlives the calls.
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, signal.rawValue)
    _ = unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  private static func startThread(
    reading end: Descriptor, _ handler: @escaping @Sendable (Signal) -> Void
  ) throws(PosixError) {
    try Threads.start {
      // The write end is never closed, so this ends with the process.
      while let bytes = try? end.read(upTo: 16), !bytes.isEmpty {
        for byte in bytes { handler(Signal(rawValue: Int32(byte))) }
      }
    }
  }
}
