/// What the reply to `execute` says about itself, around its `data`.
///
/// Three envelopes are documented: `{ node_status, data }`, the same with `http_status`, and
/// `{ success, data }`. Whoever decodes the reply fills in what it finds.
public struct Envelope: Sendable, Hashable {
  /// The value of `node_status`, such as `Success`.
  public var nodeStatus: String?
  /// The value of `success`.
  public var success: Bool?
  /// The value of `http_status`: the status with which the app answered the service.
  public var httpStatus: Int?
  /// What the reply says about a failure, or else what the app itself says in `data`.
  public var message: String?
  /// The code of a failure, from `error_code` or `error`.
  public var code: String?

  /// Creates an envelope.
  public init(
    nodeStatus: String? = nil, success: Bool? = nil, httpStatus: Int? = nil,
    message: String? = nil, code: String? = nil
  ) {
    self.nodeStatus = nodeStatus
    self.success = success
    self.httpStatus = httpStatus
    self.message = message
    self.code = code
  }

  /// Whether any of its parts says that the call failed.
  public var isFailure: Bool {
    if let nodeStatus, nodeStatus.lowercased() != "success" { return true }
    if let httpStatus, httpStatus >= 400 { return true }
    return success == false
  }

  /// Reads the envelope of a reply and passes over its data.
  ///
  /// For callers that do not decode the body anyway; costs one scan of it.
  ///
  /// - Throws: `JSONScanError` when the body is not JSON or not an object.
  public static func read(from body: [UInt8]) throws(JSONScanError) -> Envelope {
    var envelope = Envelope()
    var failure = ErrorBody()
    var native: String?
    var scanner = JSONScanner(body)
    let isObject = try scanner.members { (name, scanner) throws(JSONScanError) in
      switch name {
      case "node_status": envelope.nodeStatus = try scanner.string()
      case "success": envelope.success = try scanner.bool()
      case "http_status": envelope.httpStatus = try scanner.integer()
      case "data": native = try NativeError.message(&scanner)
      default: try failure.read(name, &scanner)
      }
    }
    try scanner.finish()
    if !isObject { throw JSONScanError(message: "expected an object", offset: 0) }
    envelope.message = failure.message ?? native
    envelope.code = failure.code
    return envelope
  }
}
