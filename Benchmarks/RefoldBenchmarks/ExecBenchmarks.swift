import Glibc
import Lua
import Measuring
import Posix
import RefoldActions
import RefoldRuntime
import RefoldSandbox

/// What a call of an action costs: in the process, and over HTTP against the sandbox's own server.
enum ExecBenchmarks {
  static func run(_ folder: BenchmarkFolder) throws {
    print(
      "\nrefold.exec, one after the other, in calls per second of processor time (fastest of interleaved rounds)"
    )
    let server = try SandboxProcess(folder)
    defer { server.stop() }
    let credentials = try Credentials(baseURL: BaseURL(server.url), key: "tk_benchmark")
    let runtimes = [
      Lane(backend: ConstantBackend()),
      Lane(backend: SandboxBackend(databasePath: "\(folder.path)/in-process.db")),
      Lane(backend: try RemoteBackend(.init(credentials: credentials, version: "0"))),
    ]
    for (name, script) in [("read", read), ("write", write)] {
      var serverSeconds = Double.infinity
      let best = try fastest(
        rounds: 5,
        runtimes.enumerated().map { index, lane in
          {
            let before = try server.cpuSeconds()
            let seconds = try secondsPerCall(lane, script, count: index == 0 ? 20_000 : 3000)
            if index == 2 {
              serverSeconds = min(serverSeconds, (try server.cpuSeconds() - before) / 3000)
            }
            return seconds
          }
        })
      show("\(name), the runtime alone", best[0])
      show("\(name), sandbox in the process", best[1])
      show("\(name), over HTTP, this process", best[2])
      show("\(name), over HTTP, both processes", best[2] + serverSeconds)
    }
  }

  private static let read = """
    return function(input)
      local contact
      for _ = 1, input.count do
        contact = refold.exec("hubspot", "get_contact_by_id", nil, { contact_id = "101" }).data
      end
      return contact.id
    end
    """
  private static let write = """
    return function(input)
      local contact
      for i = 1, input.count do
        contact = refold.exec("hubspot", "update_contact", nil, { contact_id = "101", jobtitle = "Engineer " .. i }).data
      end
      return contact.id
    end
    """

  private static func secondsPerCall(
    _ lane: Lane, _ script: String, count: Int
  ) throws -> Double {
    let start = rusage.ofThisProcess
    var options = RunOptions(
      account: "demo-user-1", input: Array(#"{"count":\#(count)}"#.utf8))
    (options.budget.calls, options.budget.writes) = (count, count)
    let outcome = lane.run(.inline(script), options)
    let seconds = rusage.ofThisProcess - start
    guard case .success(let result) = outcome.result, result == Array("\"101\"".utf8),
      outcome.statistics.reads + outcome.statistics.writes == count
    else { throw WrongAnswer(what: "exec: \(outcome.result)") }
    return seconds / Double(count)
  }

  private static func show(_ name: String, _ seconds: Double) {
    let microseconds = seconds * 1e6
    Figure(
      name: name, value: "\(Int(1 / seconds)) calls", target: "\(microseconds.short) µs a call"
    ).print()
  }
}

/// `refold sandbox serve` as a process of its own.
private final class SandboxProcess {
  let url: String
  private let process: ChildProcess

  init(_ folder: BenchmarkFolder) throws {
    process = try ChildProcess(
      [folder.refold, "sandbox", "serve"], environment: folder.environment, output: "served-url")
    var line = ""
    for _ in 0..<1000 where !line.hasSuffix("\n") {
      usleep(5000)
      line = String(decoding: (try? Files.read("served-url")) ?? [], as: UTF8.self)
    }
    guard line.hasPrefix("http://") else { throw WrongAnswer(what: "sandbox serve: \(line)") }
    url = String(line.dropLast())
  }

  /// The processor time that it has taken so far, from the 14th and 15th field of its line in /proc.
  func cpuSeconds() throws -> Double {
    let line = String(decoding: try Files.read("/proc/\(process.id)/stat"), as: UTF8.self)
    let fields = line.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      throw WrongAnswer(what: "/proc/\(process.id)/stat")
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  func stop() {
    process.terminate()
    _ = process.wait()
  }
}

/// A backend that answers every call with the same contact, so that only the runtime is measured.
private final class ConstantBackend: Backend {
  let name = "constant"
  let location = "nowhere"
  private let schema = Array(
    #"[{"name":"contact_id","required":true,"type":"text"},{"name":"jobtitle","type":"text"}]"#.utf8
  )
  private let contact = Array(
    (#"{"data":{"archived":false,"createdAt":"2026-01-20T10:00:00.000Z","id":"101","properties":{"#
      + #""createdate":"2026-01-20T10:00:00.000Z","email":"ada.lovelace@example.com","firstname":"Ada","#
      + #""hs_object_id":"101","jobtitle":"Chief Engineer","lastname":"Lovelace","#
      + #""phone":"+44 20 7946 0101"},"updatedAt":"2026-01-20T10:00:00.000Z"},"node_status":"Success"}"#)
      .utf8)

  func begin(
    _ call: ActionCall, _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) -> CallID {
    if case .execute = call.operation {
      completion(.success(Reply(status: 200, body: contact, contentType: "application/json")))
    } else {
      completion(.success(Reply(status: 200, body: schema, contentType: "application/json")))
    }
    return CallID(0)
  }

  func cancel(_ id: CallID) {}

  func poll(timeout: Duration) {}

  var wake: @Sendable () -> Void { {} }
}
