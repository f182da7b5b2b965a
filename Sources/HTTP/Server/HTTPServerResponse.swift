/// What a handler answers.
public struct HTTPServerResponse: Sendable, Equatable {
  /// The status code, 200 to 599; 0 closes the connection without an answer.
  public var status: Int
  /// The headers; the server itself adds `Date`, `Connection`, and the length of the body.
  public var headers: [HTTPHeader]
  /// The body.
  public var body: [UInt8]

  /// Creates an answer.
  public init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// An answer of one line of plain text.
  static func text(_ status: Int, _ line: String) -> HTTPServerResponse {
    HTTPServerResponse(
      status: status, headers: [HTTPHeader(name: "Content-Type", value: "text/plain")],
      body: Array("\(line)\n".utf8))
  }
}
