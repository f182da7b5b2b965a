/// A complete request, as ``HTTPServer`` hands it to its handler.
public struct HTTPServerRequest: Sendable, Equatable {
  /// One name of the query with its value, both percent-decoded.
  public struct QueryItem: Sendable, Equatable {
    /// The name.
    public var name: String
    /// The value; nil when the name stands alone, without an equals sign.
    public var value: String?

    /// Creates an item.
    public init(name: String, value: String?) {
      self.name = name
      self.value = value
    }
  }

  /// The method as the client sent it.
  public var method: String
  /// The path, still percent-encoded; split it first, then decode the segments.
  public var path: String
  /// The query, decoded, in its order; text that does not decode stays as it came.
  public var query: [QueryItem]
  /// The headers in their order.
  public var headers: [HTTPHeader]
  /// The body; empty when there was none.
  public var body: [UInt8]
  /// The numeric address of the client, without its port.
  public var remoteAddress: String

  /// Creates a request, for code that calls a handler without a server.
  public init(
    method: String, path: String, query: [QueryItem] = [], headers: [HTTPHeader] = [],
    body: [UInt8] = [], remoteAddress: String = "127.0.0.1"
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.remoteAddress = remoteAddress
  }

  /// Returns the value of the first header with this name, in any case.
  public func header(_ name: String) -> String? {
    headers.value(of: name)
  }

  /// Splits a request target into path and query.
  static func split(target: String) -> (path: String, query: [QueryItem]) {
    guard let mark = target.utf8.firstIndex(of: 0x3F) else { return (target, []) }
    let query = target[target.utf8.index(after: mark)...]
    let items = query.split(separator: "&").map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return QueryItem(name: decoded(parts[0]), value: parts.count == 2 ? decoded(parts[1]) : nil)
    }
    return (String(target[..<mark]), items)
  }

  /// In a query, as forms write it, a plus sign is a space.
  private static func decoded(_ text: Substring) -> String {
    let spaced = String(text.map { $0 == "+" ? " " : $0 })
    return PercentEncoding.decode(spaced) ?? String(text)
  }
}
