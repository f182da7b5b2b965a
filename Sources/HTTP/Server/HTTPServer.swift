import Glibc

/// An HTTP/1.1 server with one thread of its own, on the loopback address unless told otherwise.
///
/// The handler runs on that thread, one request after the other, when the whole body has arrived. A
/// request that is too slow, too large, or not HTTP never reaches it. There is no TLS: put a reverse
/// proxy before a server that others can reach.
@safe public final class HTTPServer: Sendable {
  /// Where the server listens and what it puts up with.
  public struct Configuration: Sendable {
    /// The numeric address to listen on, IPv4 or IPv6.
    public var address: String
    /// The port; 0 lets the system choose.
    public var port: Int
    /// The largest request body; larger ones get status 413.
    public var maximumBodyBytes: Int
    /// The answer to a larger body; nil for a line of text.
    public var tooLarge: HTTPServerResponse?
    /// Connections served at once; more wait to be accepted.
    public var maximumConnections: Int
    /// How long a connection may be silent; rounded up to whole seconds.
    public var idleTimeout: Duration
    /// The time allowed for a whole request to arrive, and again for its answer to be taken.
    public var requestTimeout: Duration

    /// Creates a configuration for the loopback address and bodies of up to 16 MiB.
    public init(
      address: String = "127.0.0.1", port: Int = 0, maximumBodyBytes: Int = 16 << 20,
      tooLarge: HTTPServerResponse? = nil, maximumConnections: Int = 256,
      idleTimeout: Duration = .seconds(60),
      requestTimeout: Duration = .seconds(30)
    ) {
      self.address = address
      self.port = port
      self.maximumBodyBytes = maximumBodyBytes
      self.tooLarge = tooLarge
      self.maximumConnections = maximumConnections
      self.idleTimeout = idleTimeout
      self.requestTimeout = requestTimeout
    }
  }

  /// The port that the server listens on.
  public let port: Int

  private let control: ServerControl

  /// Starts to serve; the first server loads libmicrohttpd.
  ///
  /// - Parameter handler: Called on the server's thread; while it runs, other requests wait.
  /// - Throws: `libraryMissing`; `listenFailed` when the address is taken, foreign, or malformed.
  public init(
    configuration: Configuration = Configuration(),
    handler: @escaping @Sendable (HTTPServerRequest) -> HTTPServerResponse
  ) throws(HTTPError) {
    let library = try MicrohttpdLibrary.loaded()
    let socket = try ListeningSocket(address: configuration.address, port: configuration.port)
    port = socket.port
    control = try ServerControl()
    let loop = try ServerLoop(
      library: library, socket: socket, configuration: configuration, control: control,
      handler: handler)
    try control.start(loop)
  }

  deinit { control.stop() }

  /// Stops to listen, finishes the requests that have begun, and closes all connections.
  ///
  /// Returns when that is done; from within the handler it returns at once. A request that has begun
  /// gets at most the time that the configuration allows it. May be called more than once.
  public func stop() { control.stop() }
}
