import Glibc

/// Files and folders, by path.
public enum Files {
  /// The largest file that is read unless the caller says otherwise: 64 MiB.
  public static let defaultLimit = 64 << 20

  /// Returns what a path names; nil when it names nothing.
  ///
  /// - Throws: `PosixError` when the system does not let it be seen.
  public static func status(_ path: String) throws(PosixError) -> FileStatus? {
    try check(path, "look at")
    var raw = stat()
    // SAFETY: `raw` outlives the call, and `path` is lent as a C string for the call.
    if unsafe stat(path, &raw) == 0 { return FileStatus(raw) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw PosixError.last("look at", path)
  }

  /// Returns the bytes of a file; of a pipe or device, all until its end.
  ///
  /// - Parameter limit: The most bytes to take; one more is an error with the code `tooLarge`.
  /// - Throws: `PosixError`
  public static func read(
    _ path: String, limit: Int = defaultLimit
  ) throws(PosixError) -> [UInt8] {
    let file = try open(path, O_RDONLY, "read")
    defer { file.close() }
    return try file.readAll(limit: limit, name: path)
  }

  /// Returns some of the bytes of a file, and how the file was before and after; fewer bytes than `count` at its end.
  ///
  /// - Parameters:
  ///   - path: A file, without a link as its last part: never a pipe or device, which one might wait for.
  ///   - offset: Where to begin, in bytes.
  /// - Throws: `PosixError`
  public static func readPart(
    of path: String, from offset: Int, count: Int
  ) throws(PosixError) -> (bytes: [UInt8], before: FileStatus, after: FileStatus) {
    let file = try open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, "read")
    defer { file.close() }
    func status() throws(PosixError) -> FileStatus {
      var raw = stat()
      // SAFETY: `raw` outlives the call.
      guard unsafe fstat(file.rawValue, &raw) == 0 else { throw PosixError.last("read", path) }
      return FileStatus(raw)
    }
    let before = try status()
    switch before.kind {
    case .file: break
    case .folder: throw PosixError(code: .isFolder, operation: "read", path: path)
    case .other:
      throw PosixError(
        code: .notPermitted, operation: "read", path: path, message: "it is no file of bytes")
    }
    let left = max(0, before.size - max(0, offset))
    let bytes = try file.read(max(0, min(count, left)), from: offset, name: path)
    return (bytes, before, try status())
  }

  /// Returns the bytes of a file that holds a secret.
  ///
  /// - Throws: `PosixError`; `notPermitted` when the file belongs to somebody else, or when group or others can do
  ///   anything with it, as `ssh` refuses such keys.
  public static func readPrivate(
    _ path: String, limit: Int = 1 << 20
  ) throws(PosixError) -> [UInt8] {
    let file = try open(path, O_RDONLY, "read")
    defer { file.close() }
    var raw = stat()
    // SAFETY: `raw` outlives the call. The open file is asked, not the path, which may change meanwhile.
    guard unsafe fstat(file.rawValue, &raw) == 0 else { throw PosixError.last("look at", path) }
    let status = FileStatus(raw)
    try checkPrivate(status, path)
    return try file.readAll(limit: limit, name: path)
  }

  /// Writes a file so that a reader sees all of it or what was there before, even after a crash.
  ///
  /// - Parameter mode: The permission bits of the file; `0o600` for secrets.
  /// - Throws: `PosixError`; the file is then as it was.
  public static func write(
    _ bytes: [UInt8], to path: String, mode: UInt32 = 0o644
  ) throws(PosixError) {
    let draft = "\(path).\(getpid()).draft"
    do throws(PosixError) {
      let file = try open(draft, O_WRONLY | O_CREAT | O_TRUNC, "write", mode)
      defer { file.close() }
      try file.writeAll(bytes, name: path)
      guard fsync(file.rawValue) == 0 else { throw PosixError.last("write", path) }
    } catch {
      // The draft may not exist; the error that is thrown says what went wrong.
      _ = unsafe unlink(draft)
      throw PosixError(code: error.code, operation: "write", path: path)
    }
    guard unsafe rename(draft, path) == 0 else {
      let error = PosixError.last("write", path)
      _ = unsafe unlink(draft)
      throw error
    }
  }

  /// Adds bytes at the end of a file, which is made when there is none.
  ///
  /// In one write when the system takes them at once, so that the lines of several processes do not mix.
  ///
  /// - Throws: `PosixError`
  public static func append(
    _ bytes: [UInt8], to path: String, mode: UInt32 = 0o644
  ) throws(PosixError) {
    let file = try open(path, O_WRONLY | O_CREAT | O_APPEND, "write", mode)
    defer { file.close() }
    try file.writeAll(bytes, name: path)
  }

  /// Lets nobody but the owner read or write a file.
  ///
  /// - Throws: `PosixError`
  public static func makePrivate(_ path: String) throws(PosixError) {
    try check(path, "protect")
    guard unsafe chmod(path, 0o600) == 0 else { throw PosixError.last("protect", path) }
  }

  /// Removes a file; does nothing when there is none.
  ///
  /// - Throws: `PosixError`
  public static func remove(_ path: String) throws(PosixError) {
    try check(path, "remove")
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw PosixError.last("remove", path) }
  }

  static func open(
    _ path: String, _ flags: Int32, _ operation: String, _ mode: UInt32 = 0
  ) throws(PosixError) -> Descriptor {
    try check(path, operation)
    while true {
      let number = unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
      if number >= 0 { return Descriptor(rawValue: number) }
      if errno != EINTR { throw PosixError.last(operation, path) }
    }
  }

  /// Refuses a path that C would cut short.
  static func check(_ path: String, _ operation: String) throws(PosixError) {
    if path.utf8.contains(0) {
      throw PosixError(
        code: .invalid, operation: operation, path: path,
        message: "cannot \(operation) a path with a zero byte in it")
    }
  }

  private static func checkPrivate(_ status: FileStatus, _ path: String) throws(PosixError) {
    if status.kind == .folder {
      throw PosixError(code: .isFolder, operation: "read", path: path)
    }
    if status.owner != geteuid() {
      throw PosixError(
        code: .notPermitted, operation: "read", path: path,
        message: "'\(path)' belongs to another user",
        hint: "copy it to a file of your own that only you can read")
    }
    if !status.isPrivate {
      throw PosixError(
        code: .notPermitted, operation: "read", path: path,
        message: "'\(path)' can be used by others (mode \(octal(status.mode)))",
        hint: "chmod 600 '\(path)'")
    }
  }

  private static func octal(_ mode: UInt32) -> String {
    let digits = String(mode & 0o777, radix: 8)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
