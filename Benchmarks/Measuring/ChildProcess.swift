import Glibc

/// A program that is started, waited for, and whose output goes to a file or nowhere.
public struct ChildProcess: Sendable {
  /// The number of the process.
  public let id: pid_t

  /// Starts a program; a name without a slash is looked for on the PATH.
  public init(_ words: [String], environment: [String], output: String = "/dev/null") throws {
    var child: pid_t = 0
    // SAFETY: all that the call is lent outlives it; the lists end with a null.
    let status: Int32 = {
      var actions = unsafe posix_spawn_file_actions_t()
      unsafe posix_spawn_file_actions_init(&actions)
      defer { unsafe posix_spawn_file_actions_destroy(&actions) }
      unsafe posix_spawn_file_actions_addopen(
        &actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
      var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
      var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
      defer {
        unsafe arguments.forEach { unsafe free($0) }
        unsafe variables.forEach { unsafe free($0) }
      }
      return unsafe posix_spawnp(&child, words[0], &actions, nil, &arguments, &variables)
    }()
    guard status == 0 else { throw Missing(program: words[0]) }
    id = child
  }

  /// There is no such program.
  public struct Missing: Error {
    /// Its name.
    public var program: String
  }

  /// Waits for its end, and returns its exit code and the processor time that it took in seconds.
  public func wait() -> (exit: Int32, cpuSeconds: Double) {
    var status: Int32 = 0
    var usage = rusage()
    // SAFETY: both variables outlive the call.
    _ = unsafe wait4(id, &status, 0, &usage)
    return ((status >> 8) & 0xFF, usage.seconds)
  }

  /// Asks it to end.
  public func terminate() { kill(id, SIGTERM) }
}

extension rusage {
  /// The processor time, in the program and in the system for it.
  public var seconds: Double {
    Double(ru_utime.tv_sec + ru_stime.tv_sec) + Double(ru_utime.tv_usec + ru_stime.tv_usec) / 1e6
  }

  /// The processor time that this process has taken.
  public static var ofThisProcess: Double {
    var usage = rusage()
    // SAFETY: the variable outlives the call.
    _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.seconds
  }
}
