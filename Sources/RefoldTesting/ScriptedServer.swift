import HTTP
import Synchronization

/// A real HTTP server on 127.0.0.1 that answers from a function and remembers what it was asked.
///
/// ```swift
/// let server = try ScriptedServer { request in
///   request.path.hasSuffix("/actions") ? .json("[]") : .json("{}", status: 404)
/// }
/// defer { server.stop() }
/// // … call server.url
/// server.requests.map(\.path)
/// ```
public final class ScriptedServer: Sendable {
  /// Its address as the start of a URL: `http://127.0.0.1:PORT`.
  public var url: String { "http://127.0.0.1:\(server.port)" }

  private let server: HTTPServer
  private let record: Record

  private final class Record: Sendable {
    let requests = Mutex<[HTTPServerRequest]>([])
  }

  /// Starts to serve; `answer` is called once for each request.
  ///
  /// - Throws: `HTTPError` when no port can be had.
  public init(_ answer: @escaping @Sendable (HTTPServerRequest) -> HTTPServerResponse) throws {
    let record = Record()
    server = try HTTPServer { request in
      record.requests.withLock { $0.append(request) }
      return answer(request)
    }
    self.record = record
  }

  /// Starts to serve the same JSON to everybody.
  ///
  /// - Throws: `HTTPError` when no port can be had.
  public convenience init(json: String, status: Int = 200) throws {
    try self.init { _ in .json(json, status: status) }
  }

  /// What it was asked so far, in order.
  public var requests: [HTTPServerRequest] { record.requests.withLock { $0 } }

  /// Stops to serve.
  public func stop() { server.stop() }
}

extension HTTPServerResponse {
  /// Returns an answer with a JSON body, and headers given as name and value.
  public static func json(
    _ text: String, status: Int = 200, headers: KeyValuePairs<String, String> = [:]
  ) -> HTTPServerResponse {
    let contentType = HTTPHeader(name: "Content-Type", value: "application/json")
    return HTTPServerResponse(
      status: status,
      headers: [contentType] + headers.map { HTTPHeader(name: $0.key, value: $0.value) },
      body: Array(text.utf8))
  }
}
