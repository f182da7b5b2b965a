/// A complete answer to a request.
public struct HTTPResponse: Sendable, Equatable {
  /// The status code, such as 200.
  public var status: Int
  /// The body, decompressed.
  public var body: [UInt8]
  /// The lines of the headers as they arrived; few callers look at more than two of them.
  private let headerBlock: [UInt8]

  /// Creates an answer, for code that stands in for a server.
  public init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
    self.init(
      status: status,
      headerBlock: headers.flatMap { Array("\($0.name): \($0.value)\r\n".utf8) }, body: body)
  }

  init(status: Int, headerBlock: [UInt8], body: [UInt8]) {
    self.status = status
    self.headerBlock = headerBlock
    self.body = body
  }

  /// The headers in the order in which they arrived; read from their lines each time.
  public var headers: [HTTPHeader] { HeaderBlock.parse(headerBlock) }

  /// Returns the value of the first header with this name, in any case.
  public func header(_ name: String) -> String? { HeaderBlock.value(of: name, in: headerBlock) }

  /// Whether status, headers and body are the same.
  public static func == (one: HTTPResponse, other: HTTPResponse) -> Bool {
    one.status == other.status && one.body == other.body && one.headers == other.headers
  }
}
