import HTTP
import RefoldActions
import Synchronization

/// The sandbox over HTTP, with the paths, headers, status codes and error bodies of the API.
///
/// Requests are answered one after the other on the server's own thread.
///
/// ```swift
/// let server = try SandboxServer(.init(databasePath: ".refold/sandbox.db"))
/// print(server.url)  // http://127.0.0.1:PORT
/// ```
public final class SandboxServer: Sendable {
  /// Where the sandbox is, where it is served, and to whom.
  public struct Configuration: Sendable {
    /// The database file; it is created and seeded when it does not exist.
    public var databasePath: String
    /// The numeric address to listen on; anything but loopback lets others on the network in.
    public var address = "127.0.0.1"
    /// The port; 0 lets the system choose.
    public var port = 0
    /// The key that clients must send as `x-api-key`; nil takes any that is not empty.
    public var apiKey: SecretString?
    /// The faults that calls meet; one that swallows an answer closes the connection.
    public var faults: FaultPlan?
    /// The largest request body in bytes; larger ones get status 413.
    public var maximumBodyBytes = 16 << 20
    /// Called after each answer, on the server's thread, with method, path and status.
    public var onAnswer: @Sendable (_ method: String, _ path: String, _ status: Int) -> Void = {
      _, _, _ in
    }

    /// Creates a configuration for the loopback address and a port that the system chooses.
    public init(databasePath: String) {
      self.databasePath = databasePath
    }
  }

  /// The base URL: `http://127.0.0.1:PORT`.
  public let url: String
  private let server: HTTPServer

  /// Opens the database and starts to serve.
  ///
  /// - Throws: `ActionError` when the database cannot be used; `HTTPError` when the address is taken or foreign.
  public init(_ configuration: Configuration) throws {
    let engine = try SandboxEngine(
      databasePath: configuration.databasePath, faults: configuration.faults)
    // The engine is confined to one thread at a time; the server has one, and the lock says so to the compiler.
    let router = Mutex(SandboxRouter(engine: engine, apiKey: configuration.apiKey))
    let tooLarge = Reply.tooLarge(configuration.maximumBodyBytes)
    let onAnswer = configuration.onAnswer
    server = try HTTPServer(
      configuration: .init(
        address: configuration.address, port: configuration.port,
        maximumBodyBytes: configuration.maximumBodyBytes,
        tooLarge: HTTPServerResponse(
          status: tooLarge.status,
          headers: [HTTPHeader(name: "Content-Type", value: "application/json; charset=utf-8")],
          body: tooLarge.body))
    ) { request in
      let response = router.withLock { $0.response(to: request) }
      onAnswer(request.method, request.path, response.status)
      return response
    }
    let host =
      configuration.address.contains(":") ? "[\(configuration.address)]" : configuration.address
    url = "http://\(host):\(server.port)"
  }

  /// Stops to serve, when the requests that have begun are answered.
  public func stop() { server.stop() }
}
