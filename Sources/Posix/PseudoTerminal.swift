import Glibc

/// A terminal that a program draws on and another program reads: what tests and benchmarks sit in front of.
public final class PseudoTerminal {
  /// The side of the person: what is written here is typed, what is read here was drawn.
  public let controller: Descriptor
  private let path: String
  private var child: pid_t = 0

  /// Opens a terminal of a size.
  ///
  /// - Throws: `PosixError`
  public init(columns: Int, rows: Int) throws(PosixError) {
    controller = try Files.open("/dev/ptmx", O_RDWR | O_NOCTTY, "open")
    // What unlockpt(3) and ptsname(3) ask the system, which this C library's module leaves out (see ioctl_tty(2)).
    let (unlock, tellNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))
    var (isLocked, number): (Int32, Int32) = (0, 0)
    // SAFETY: each request reads or fills one integer, which outlives the call.
    guard unsafe ioctl(controller.rawValue, unlock, &isLocked) == 0,
      unsafe ioctl(controller.rawValue, tellNumber, &number) == 0
    else { throw PosixError.last("open a terminal") }
    path = "/dev/pts/\(number)"
    resize(columns: columns, rows: rows)
  }

  deinit {
    controller.close()
    guard child > 0 else { return }
    _ = kill(child, SIGKILL)
    _ = waitpid(child, nil, 0)
  }

  /// Gives the terminal another size, which its program is told.
  public func resize(columns: Int, rows: Int) {
    var size = winsize()
    (size.ws_col, size.ws_row) = (UInt16(clamping: columns), UInt16(clamping: rows))
    // SAFETY: `size` outlives the call, and is what this request reads.
    _ = unsafe ioctl(controller.rawValue, UInt(TIOCSWINSZ), &size)
  }

  /// Starts a program that has the terminal for itself, as a shell's would have.
  ///
  /// - Parameters:
  ///   - arguments: The path of the program, then its arguments.
  ///   - environment: Its variables, as `NAME=value`.
  ///   - folder: Where it works.
  /// - Throws: `PosixError`
  public func start(
    _ arguments: [String], environment: [String], in folder: String
  ) throws(PosixError) {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    // SAFETY: both are initialised here, used by the call below, and destroyed at the end.
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      _ = unsafe posix_spawn_file_actions_destroy(&actions)
      _ = unsafe posix_spawnattr_destroy(&attributes)
    }
    // The leader of a new session gets the first terminal that it opens.
    unsafe posix_spawnattr_setflags(&attributes, 0x80)
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, path, O_RDWR, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO)
    // SAFETY: the strings are copies that live until they are freed below, after the call has copied them.
    let shell = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder] + arguments
    var words = unsafe shell.map { unsafe strdup($0) } + [nil]
    var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
    defer {
      unsafe (words + variables).forEach { word in unsafe free(word) }
    }
    var pid: pid_t = 0
    let status = unsafe posix_spawn(&pid, shell[0], &actions, &attributes, &words, &variables)
    guard status == 0 else {
      errno = status
      throw PosixError.last("start", arguments[0])
    }
    child = pid
  }

  /// Reads what was drawn, waiting for it as long as is said; empty when nothing came or the program has ended.
  public func read(within duration: Duration) -> [UInt8] {
    guard controller.isReadable(within: duration) else { return [] }
    return (try? controller.read(upTo: 1 << 16)) ?? []
  }

  /// Waits for the program to end, and returns its exit code, 128 + n after a signal.
  public func exitStatus() -> Int32 {
    var status: Int32 = 0
    guard child > 0, unsafe waitpid(child, &status, 0) == child else { return -1 }
    child = 0
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }
}
