import Dispatch
import HTTP
import Synchronization
import Testing

typealias Outcome = Result<HTTPResponse, HTTPError>

/// What a test waits for at most; reached only when something is broken.
let patience = Duration.seconds(20)

/// Collects what completions were given, on the thread that polls.
final class Outcomes {
  private(set) var all: [Outcome] = []

  func add(_ outcome: Outcome) { all.append(outcome) }
}

extension HTTPClient {
  /// Sends one request and polls until it ends.
  func send(_ request: HTTPRequest) -> Outcome {
    let outcomes = Outcomes()
    start(request, outcomes.add)
    pollUntilDone()
    return outcomes.all.first ?? .failure(HTTPError(.other, "no completion was called"))
  }

  /// Polls until nothing is in flight.
  func pollUntilDone() {
    let end = ContinuousClock.now + patience
    while inFlight > 0 && .now < end { poll(timeout: patience) }
  }
}

extension Outcome {
  var response: HTTPResponse? { try? get() }

  var error: HTTPError? {
    if case .failure(let error) = self { return error }
    return nil
  }
}

/// A server that answers with what it was asked: `METHOD path body`.
func echoServer(
  _ configuration: HTTPServer.Configuration = HTTPServer.Configuration()
) throws -> HTTPServer {
  try HTTPServer(configuration: configuration) { request in
    let line = "\(request.method) \(request.path) \(String(decoding: request.body, as: UTF8.self))"
    return HTTPServerResponse(
      status: 200, headers: [HTTPHeader(name: "X-Trace-ID", value: "t-1")], body: Array(line.utf8))
  }
}

extension HTTPServer {
  /// The start of a URL of this server.
  var url: String { "http://127.0.0.1:\(port)" }
}

/// Holds threads until a number of them have arrived.
final class Gate: Sendable {
  private let count: Int
  private let arrived = Mutex(0)
  private let semaphore = DispatchSemaphore(value: 0)

  init(_ count: Int) { self.count = count }

  func arrive() {
    let isLast = arrived.withLock { arrived in
      arrived += 1
      return arrived == count
    }
    if isLast { for _ in 1...count { semaphore.signal() } }
    semaphore.wait()
  }
}

func text(_ outcome: Outcome) -> String {
  switch outcome {
  case .success(let response):
    "\(response.status) \(String(decoding: response.body, as: UTF8.self))"
  case .failure(let error): "\(error)"
  }
}
