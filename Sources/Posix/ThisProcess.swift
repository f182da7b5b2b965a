import Glibc

/// The process itself.
public enum ThisProcess {
  /// Ends the process with an exit code.
  public static func exit(_ status: Int32) -> Never { Glibc.exit(status) }

  /// The words behind the program's name.
  public static var arguments: [String] { Array(CommandLine.arguments.dropFirst()) }
}
