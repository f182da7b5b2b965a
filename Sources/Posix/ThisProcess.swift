import Glibc

/// The process itself.
public enum ThisProcess {
  /// Ends the process with an exit code.
  public static func exit(_ status: Int32) -> Never { Glibc.exit(status) }

  /// The words behind the program's name.
  public static var arguments: [String] { Array(CommandLine.arguments.dropFirst()) }

  /// Where the program is that runs.
  ///
  /// - Throws: `PosixError` when the system does not tell.
  public static func path() throws(PosixError) -> String { try Folders.resolve("/proc/self/exe") }

  /// Ends the process at once, as `kill -9` does: nothing is written, closed or told.
  public static func kill() -> Never {
    _ = Glibc.kill(getpid(), SIGKILL)
    // The signal may take a moment to arrive.
    while true { pause() }
  }
}
