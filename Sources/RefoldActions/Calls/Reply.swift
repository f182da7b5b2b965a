/// What came back for a call, whether it is good news or not; `ReplyClassifier` tells.
public struct Reply: Sendable, Hashable {
  /// The HTTP status.
  public var status: Int
  /// The body as it came, uncompressed.
  public var body: [UInt8]
  /// The `X-Trace-ID` that support asks for.
  public var traceID: String?
  /// How long the `Retry-After` header asks to wait.
  public var retryAfter: Duration?
  /// The `Content-Type` header.
  public var contentType: String?

  /// Creates a reply.
  public init(
    status: Int, body: [UInt8], traceID: String? = nil, retryAfter: Duration? = nil,
    contentType: String? = nil
  ) {
    self.status = status
    self.body = body
    self.traceID = traceID
    self.retryAfter = retryAfter
    self.contentType = contentType
  }
}
