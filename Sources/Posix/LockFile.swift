import Glibc

/// A file whose bytes stand for processes that are alive.
///
/// A process holds the byte of its number; the system lets go of it when the process ends, however it ends. The bytes need not
/// exist. Locks of the open file are used, so two objects of one process see each other's. Safe to use from any thread.
///
/// ```swift
/// let locks = try LockFile(".refold/state.locks")
/// try locks.hold(7)         // true
/// try other.isHeld(7)       // true, as long as this process lives
/// ```
public final class LockFile: Sendable {
  private let file: Descriptor
  private let path: String

  /// Opens the file, and makes it when there is none.
  ///
  /// - Throws: `PosixError`
  public init(_ path: String) throws(PosixError) {
    self.path = path
    file = try Files.open(path, O_RDWR | O_CREAT, "lock", 0o600)
  }

  deinit {
    // Closing alone would not do: a process that is being started has a copy of the descriptor until it runs its program.
    var all = Self.lock(0)
    all.l_type = Int16(F_UNLCK)
    all.l_len = 0
    // SAFETY: the structure outlives the call.
    _ = unsafe fcntl(file.rawValue, Self.set, &all)
    file.close()
  }

  /// Holds a byte until the object is released or the process ends.
  ///
  /// - Returns: False when another holds it.
  /// - Throws: `PosixError` when the file system knows no locks.
  public func hold(_ byte: Int64) throws(PosixError) -> Bool {
    var lock = Self.lock(byte)
    // SAFETY: the structure outlives the call.
    if unsafe fcntl(file.rawValue, Self.set, &lock) == 0 { return true }
    if errno == EAGAIN || errno == EACCES { return false }
    throw PosixError.last("lock", path)
  }

  /// Whether another object or process holds a byte.
  ///
  /// - Throws: `PosixError` when the file system knows no locks.
  public func isHeld(_ byte: Int64) throws(PosixError) -> Bool {
    var lock = Self.lock(byte)
    // SAFETY: the structure outlives the call.
    guard unsafe fcntl(file.rawValue, Self.get, &lock) == 0 else {
      throw PosixError.last("lock", path)
    }
    return lock.l_type != Int16(F_UNLCK)
  }

  // F_OFD_GETLK and F_OFD_SETLK of Linux, which Swift does not see.
  private static let get: Int32 = 36
  private static let set: Int32 = 37

  private static func lock(_ byte: Int64) -> flock {
    flock(
      l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: Int(byte), l_len: 1, l_pid: 0)
  }
}
