import Glibc
import Lua
import Measuring
import Posix
import RefoldActions
import RefoldRuntime

/// What runs cost that wait in a call, thousands at once.
enum WaitBenchmarks {
  static func run(_ folder: BenchmarkFolder, peers: String) throws {
    print("\nRuns that wait in a call over HTTP, each with a connection and a Lua state of its own")
    // The few first: memory that the many have taken does not go back at once.
    let few = try measure(waiting: 100, batches: 60, folder, peers)
    let many = try measure(waiting: 10_000, batches: 1, folder, peers)
    Figure(
      name: "10,000 waiting, resident memory", value: "\(many.megabytes) MB",
      target: "≤ 600 MB", isReached: many.megabytes <= 600
    ).print()
    let factor = many.seconds / few.seconds
    Figure(
      name: "processor time a run, 10,000 beside 100",
      value: "\((many.seconds * 1e6).short) µs, \((few.seconds * 1e6).short) µs",
      target: "≤ 1.30×: \(factor.ratio)", isReached: factor <= 1.3
    ).print()
  }

  private static func measure(
    waiting: Int, batches: Int, _ folder: BenchmarkFolder, _ peers: String
  ) throws -> (seconds: Double, megabytes: Int) {
    let server = try HoldingServer(waiting, folder, peers)
    defer { server.stop() }
    let credentials = try Credentials(
      baseURL: BaseURL(server.url), key: CallBenchmarks.key)
    let runtime = try Runtime {
      try RemoteBackend(.init(credentials: credentials, version: "0", totalTimeout: .seconds(300)))
    }
    let script = Script.inline(
      #"return refold.exec("hubspot", "get_contact_by_id", nil, { contact_id = "101" }).data.id"#)
    var best = Double.infinity
    for _ in 0..<3 {
      let start = rusage.ofThisProcess
      for _ in 0..<batches {
        let outcomes = Batch.run(waiting, on: runtime, concurrency: waiting) {
          (script, RunOptions(account: "acme-\($0 % 20)"))
        }
        try Batch.check(outcomes, result: "\"101\"")
      }
      best = min(best, (rusage.ofThisProcess - start) / Double(waiting * batches))
    }
    return (best, try peakMegabytes())
  }

  /// The most memory that this process had at once, as the system counts it.
  private static func peakMegabytes() throws -> Int {
    let status = String(decoding: try Files.read("/proc/self/status"), as: UTF8.self)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    guard let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw WrongAnswer(what: "/proc/self/status")
    }
    return kilobytes * 1024 / 1_000_000
  }
}

/// A server that answers only when so many calls wait.
private final class HoldingServer {
  let url: String
  private let process: ChildProcess

  init(_ held: Int, _ folder: BenchmarkFolder, _ peers: String) throws {
    try folder.write("port", "")
    process = try ChildProcess(
      ["python3", "\(peers)/holding-server.py", String(held)], environment: folder.environment,
      output: "port")
    var line = ""
    for _ in 0..<1000 where !line.hasSuffix("\n") {
      usleep(5000)
      line = String(decoding: (try? Files.read("port")) ?? [], as: UTF8.self)
    }
    guard let port = Int(line.dropLast()) else { throw WrongAnswer(what: "server: \(line)") }
    url = "http://127.0.0.1:\(port)"
  }

  func stop() {
    process.terminate()
    _ = process.wait()
  }
}
