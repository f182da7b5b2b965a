import Glibc
import Posix

/// A folder of its own, which is the working directory while the benchmarks run.
public final class BenchmarkFolder {
  /// Its path.
  public let path: String
  /// The program that is measured: the one beside the benchmarks.
  public let refold: String

  /// Creates it.
  public init() throws {
    let program = try Folders.resolve("/proc/self/exe")
    refold = program.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/refold"
    path = "/tmp/refold-benchmarks-\(getpid())"
    try Folders.create(path)
    // SAFETY: the path outlives the call.
    guard unsafe chdir(path) == 0 else { throw WrongAnswer(what: "chdir \(path)") }
  }

  /// What programs see of the environment: nothing that could send them elsewhere.
  public var environment: [String] { ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=\(path)"] }

  /// Writes a file into it.
  public func write(_ name: String, _ text: String) throws {
    try Files.write(Array(text.utf8), to: name)
  }

  /// Removes it with all that is in it.
  public func remove() throws {
    _ = try ChildProcess(["rm", "-rf", path], environment: environment).wait()
  }
}
