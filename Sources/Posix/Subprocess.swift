import Glibc

/// Another program, started by this one.
public enum Subprocess {
  /// How a program ended.
  public enum End: Sendable, Hashable {
    /// By itself, with an exit code.
    case exited(Int32)
    /// By a signal.
    case killed(Signals.Signal)
  }

  /// Runs a program to its end, which the calling thread waits for.
  ///
  /// It reads nothing, works in the folder of this process, and has none of its open files.
  ///
  /// - Parameters:
  ///   - arguments: The path of the program, then its arguments.
  ///   - environment: Its variables.
  ///   - output: The file that takes what it prints on both streams; emptied first.
  /// - Throws: `PosixError` when it cannot be started.
  public static func run(
    _ arguments: [String], environment: [String: String], output: String
  ) throws(PosixError) -> End {
    let child = try start(arguments, environment, output)
    var status: Int32 = 0
    // SAFETY: `status` outlives the call, which fills it.
    while unsafe waitpid(child, &status, 0) != child {
      if errno != EINTR { throw PosixError.last("wait for", arguments[0]) }
    }
    let signal = status & 0x7F
    return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(Signals.Signal(rawValue: signal))
  }

  private static func start(
    _ arguments: [String], _ environment: [String: String], _ output: String
  ) throws(PosixError) -> pid_t {
    for text in arguments + [output] { try Files.check(text, "start") }
    var actions = unsafe posix_spawn_file_actions_t()
    // SAFETY: initialised here, used by the call below, and destroyed at the end.
    unsafe posix_spawn_file_actions_init(&actions)
    defer { _ = unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    // SAFETY: the strings are copies that live until they are freed below, after the call has copied them.
    var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
    var variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    defer {
      unsafe (words + variables).forEach { word in unsafe free(word) }
    }
    var child: pid_t = 0
    let status = unsafe posix_spawn(&child, arguments[0], &actions, nil, &words, &variables)
    guard status == 0 else {
      errno = status
      throw PosixError.last("start", arguments[0])
    }
    return child
  }
}
