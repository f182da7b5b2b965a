/// A request for ``HTTPClient``.
public struct HTTPRequest: Sendable {
  /// The method, GET unless set.
  public var method: HTTPMethod
  /// The absolute URL, `http` or `https`, already percent-encoded; sent as it is.
  public var url: String
  /// Headers in sending order.
  ///
  /// The client itself sets `Host`, `User-Agent`, and the length of the body.
  public var headers: [HTTPHeader]
  /// The body, or nil for a request without one.
  public var body: [UInt8]?
  /// The time allowed for name resolution, connection, and TLS handshake together.
  public var connectTimeout: Duration
  /// The time allowed from start to the last byte of the answer.
  public var totalTimeout: Duration
  /// The largest body accepted, counted after decompression.
  public var maximumResponseBytes: Int

  /// Creates a request: 10 s to connect, 60 s in total, and answers of up to 64 MiB.
  public init(
    method: HTTPMethod = .get, url: String, headers: [HTTPHeader] = [], body: [UInt8]? = nil,
    connectTimeout: Duration = .seconds(10), totalTimeout: Duration = .seconds(60),
    maximumResponseBytes: Int = 64 << 20
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.connectTimeout = connectTimeout
    self.totalTimeout = totalTimeout
    self.maximumResponseBytes = maximumResponseBytes
  }
}
