/// Why a request got no answer, or a server could not start.
public struct HTTPError: Error, Sendable, Equatable {
  /// What to branch on.
  public var code: Code
  /// The reason, for people: lower case, without a full stop, never holding a header's value.
  public var message: String
  /// False only when certainly no byte of the request left for the server.
  public var wasSent: Bool

  /// Creates an error.
  public init(_ code: Code, _ message: String, wasSent: Bool = false) {
    self.code = code
    self.message = message
    self.wasSent = wasSent
  }

  /// A kind of failure.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// The name of the kind, as in the source.
    public let description: String

    /// The request itself is at fault: URL, method, or headers.
    public static let invalidRequest = Code(description: "invalidRequest")
    /// The host's name has no address, or the resolver did not answer.
    public static let nameResolution = Code(description: "nameResolution")
    /// No connection: refused, unreachable, or not made within the connect timeout.
    public static let connectionFailed = Code(description: "connectionFailed")
    /// The TLS handshake failed or the certificate is not trusted.
    public static let tls = Code(description: "tls")
    /// The total timeout passed after the connection was made.
    public static let timeout = Code(description: "timeout")
    /// The connection ended before the answer did.
    public static let connectionClosed = Code(description: "connectionClosed")
    /// The answer is larger than the request accepts.
    public static let responseTooLarge = Code(description: "responseTooLarge")
    /// The answer is not HTTP, or its compression is damaged.
    public static let invalidResponse = Code(description: "invalidResponse")
    /// The transfer was cancelled.
    public static let cancelled = Code(description: "cancelled")
    /// A system library is missing or too old.
    public static let libraryMissing = Code(description: "libraryMissing")
    /// The server cannot listen on its address.
    public static let listenFailed = Code(description: "listenFailed")
    /// Anything else; the message says what.
    public static let other = Code(description: "other")
  }
}
