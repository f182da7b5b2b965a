/// A complete answer to a request.
public struct HTTPResponse: Sendable, Equatable {
  /// The status code, such as 200.
  public var status: Int
  /// The headers in the order in which they arrived.
  public var headers: [HTTPHeader]
  /// The body, decompressed.
  public var body: [UInt8]

  /// Creates an answer, for code that stands in for a server.
  public init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Returns the value of the first header with this name, in any case.
  public func header(_ name: String) -> String? {
    headers.value(of: name)
  }
}
