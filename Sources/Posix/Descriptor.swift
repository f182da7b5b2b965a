import Glibc

/// An open file, pipe or terminal, by its number; whoever made it closes it.
public struct Descriptor: Sendable, Hashable {
  /// The number by which the system knows it.
  public let rawValue: Int32

  /// Wraps a number.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Where the process reads from.
  public static let standardInput = Descriptor(rawValue: STDIN_FILENO)
  /// Where data goes.
  public static let standardOutput = Descriptor(rawValue: STDOUT_FILENO)
  /// Where everything goes that is not data.
  public static let standardError = Descriptor(rawValue: STDERR_FILENO)

  /// Whether a person sits at the other end.
  public var isTerminal: Bool { isatty(rawValue) == 1 }

  /// Writes all bytes, waiting as long as it takes.
  ///
  /// - Parameter name: What to call it in an error, such as `standard output`.
  /// - Throws: `PosixError`; `brokenPipe` when nobody reads any more (see `Signals.ignoreBrokenPipe`),
  ///   `diskFull` when there is no room.
  public func writeAll(_ bytes: [UInt8], name: String? = nil) throws(PosixError) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        // SAFETY: `written` is less than the buffer's size, and the system reads only inside it.
        unsafe write(rawValue, buffer.baseAddress?.advanced(by: written), buffer.count - written)
      }
      if count >= 0 {
        written += count
      } else {
        try waitOrThrow(POLLOUT, "write", name)
      }
    }
  }

  /// Reads to the end.
  ///
  /// - Parameters:
  ///   - limit: The most bytes to take; one more is an error with the code `tooLarge`.
  ///   - name: What to call it in an error, such as `standard input`.
  /// - Throws: `PosixError`
  public func readAll(limit: Int, name: String? = nil) throws(PosixError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let chunk = try read(upTo: 1 << 16, name: name)
      if chunk.isEmpty { return bytes }
      bytes.append(contentsOf: chunk)
      if bytes.count > limit {
        let reason = "larger than \(limit) bytes"
        var error = PosixError(
          code: .tooLarge, operation: "read", path: name,
          message: "cannot read \(name.map { "'\($0)'" } ?? "it"): \(reason)")
        error.reason = reason
        throw error
      }
    }
  }

  /// Reads what is there, waiting for the first byte; empty at the end.
  ///
  /// - Throws: `PosixError`
  public func read(upTo count: Int, name: String? = nil) throws(PosixError) -> [UInt8] {
    while true {
      var result = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        // SAFETY: the system writes at most `count` bytes into a buffer of that size and says how many.
        result = unsafe Glibc.read(rawValue, buffer.baseAddress, count)
        initialized = max(result, 0)
      }
      if result >= 0 { return bytes }
      try waitOrThrow(POLLIN, "read", name)
    }
  }

  /// Reads so many bytes of a file from a place, fewer when it ends before.
  ///
  /// - Throws: `PosixError`
  func read(_ count: Int, from offset: Int, name: String) throws(PosixError) -> [UInt8] {
    var failed = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count {
        // SAFETY: the system writes no more than what is left of a buffer of `count` bytes.
        let rest = unsafe buffer.baseAddress?.advanced(by: initialized)
        let result = unsafe pread(rawValue, rest, count - initialized, offset + initialized)
        if result < 0, errno == EINTR { continue }
        failed = result < 0
        if result <= 0 { return }
        initialized += result
      }
    }
    if failed { throw PosixError.last("read", name) }
    return bytes
  }

  /// Reads what is there without waiting; empty when nothing is.
  ///
  /// - Throws: `PosixError`
  func readNow(upTo count: Int) throws(PosixError) -> [UInt8] {
    guard isReadable(within: .zero) else { return [] }
    return try read(upTo: count)
  }

  /// Returns the two ends of a new pipe, which no child process inherits.
  ///
  /// - Throws: `PosixError`
  public static func pipe() throws(PosixError) -> (read: Descriptor, write: Descriptor) {
    var ends: [Int32] = [-1, -1]
    // SAFETY: two integers, which is what the system fills in.
    guard unsafe Glibc.pipe(&ends) == 0 else { throw PosixError.last("create a pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (Descriptor(rawValue: ends[0]), Descriptor(rawValue: ends[1]))
  }

  /// Closes it; what the system says to that cannot be acted on.
  public func close() {
    _ = Glibc.close(rawValue)
  }

  /// Waits until there is something to read, or the end of what there was.
  ///
  /// - Returns: False when the time passed first.
  public func isReadable(within duration: Duration) -> Bool {
    let (seconds, attoseconds) = duration.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    var request = pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0)
    // SAFETY: one element, as the count says, and it outlives the call.
    return unsafe poll(&request, 1, Int32(clamping: milliseconds)) > 0
  }

  /// Returns when a failed transfer is worth another try: it was interrupted, or nothing could move yet.
  private func waitOrThrow(
    _ event: Int32, _ operation: String, _ name: String?
  ) throws(PosixError) {
    switch errno {
    case EINTR: return
    case EAGAIN:
      var request = pollfd(fd: rawValue, events: Int16(event), revents: 0)
      // SAFETY: one element, as the count says, and it outlives the call.
      _ = unsafe poll(&request, 1, -1)
    default: throw PosixError.last(operation, name)
    }
  }
}
