import CCurl

/// One request on its way, around one easy handle; reused for the next when it has ended.
///
/// libcurl's callbacks receive an unretained pointer to it. They only run while the client calls its multi handles and holds
/// the transfer in its table.
@safe final class Transfer {
  typealias Completion = (Result<HTTPResponse, HTTPError>) -> Void

  /// Answer headers beyond this are refused.
  static let maximumHeaderBytes = 256 << 10

  private let library: CurlLibrary
  let easy: UnsafeMutableRawPointer
  let errorText: UnsafeMutablePointer<CChar>
  /// What the easy handle was last told; the next request differs in little, as a rule.
  private var url: ParsedURL?
  private var headerList: HeaderList?
  private var kind: Kind?

  /// What requests have in common that differ in URL, headers and body.
  private struct Kind: Equatable {
    let method: HTTPMethod
    let hasBody: Bool
    let connectTimeout: Duration
    let totalTimeout: Duration
    let maximumResponseBytes: Int
  }

  private(set) var request = HTTPRequest(url: "")
  private(set) var completion: Completion?
  private(set) var id: UInt64 = 0
  /// The multi handle of the loop that carries it, by its number.
  private(set) var pool = 0
  private var headerBytes: [UInt8] = []
  private var body: [UInt8] = []
  /// How often a connection was ready for the request: more than once when libcurl tries again.
  private var attempts = 0
  private(set) var refusedToRepeat = false
  private(set) var overflow: Overflow?

  enum Overflow { case headers, body }

  init(loop: EventLoop, agent: ClientIdentity) throws(HTTPError) {
    let library = loop.library
    guard let easy = unsafe ccurl_easy_init(library.api) else {
      throw HTTPError(.other, "out of memory for a transfer")
    }
    self.library = library
    unsafe self.easy = easy
    unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    guard configureOnce(agent, loop) == 0 else {
      throw HTTPError(.other, "out of memory for a transfer, or this libcurl is too old")
    }
  }

  deinit {
    // SAFETY: the client removed the handle from its multi handle before letting go of the transfer.
    unsafe ccurl_easy_cleanup(library.api, easy)
    unsafe errorText.deallocate()
  }

  /// Takes up a request; returns libcurl's code.
  func prepare(
    _ request: HTTPRequest, _ url: ParsedURL, _ headers: HeaderList, id: UInt64, pool: Int,
    _ completion: @escaping Completion
  ) -> CInt {
    self.request = request
    self.completion = completion
    self.id = id
    self.pool = pool
    var code = configure()
    if code == 0 { code = setTarget(url) }
    if code == 0 { code = setHeaders(headers) }
    if code == 0 { code = setBody() }
    return code
  }

  /// Returns the transfer to its first state; connections and sessions stay with the client.
  func reset() {
    unsafe errorText.pointee = 0
    request = HTTPRequest(url: "")
    completion = nil
    headerBytes.removeAll(keepingCapacity: true)
    body = []
    attempts = 0
    refusedToRepeat = false
    overflow = nil
  }

  /// Hands over the answer collected so far.
  func takeResponse() -> HTTPResponse {
    defer { body = [] }
    let status = unsafe ccurl_status(library.api, easy)
    return HTTPResponse(status: status, headerBlock: headerBytes, body: body)
  }

  /// Whether any byte of the request may have reached a server.
  var wasSent: Bool {
    unsafe attempts > 0 && ccurl_sent_bytes(library.api, easy) > 0
  }

  /// Whether a connection, including TLS, was ever ready for the request.
  var wasConnected: Bool { attempts > 0 }

  /// The system's error number behind a failed connection, or 0.
  var systemError: CInt { unsafe CInt(truncatingIfNeeded: ccurl_system_error(library.api, easy)) }

  /// libcurl's own words for the failure.
  func reason(_ code: CInt) -> String {
    let detail = unsafe String(cString: errorText)
    return detail.isEmpty ? unsafe String(cString: ccurl_error_text(library.api, code)) : detail
  }

  // MARK: - Settings

  private func configureOnce(_ agent: ClientIdentity, _ loop: EventLoop) -> CInt {
    // SAFETY: libcurl copies the strings during the call; the error buffer and this object outlive its transfers.
    var settings = unsafe ccurl_settings()
    unsafe settings.user_agent = UnsafePointer(agent.userAgent)
    unsafe settings.no_proxy = UnsafePointer(agent.hostsWithoutProxy)
    unsafe settings.ca_file = agent.certificateFile.map { unsafe UnsafePointer($0) }
    unsafe settings.ca_path = agent.certificateFolder.map { unsafe UnsafePointer($0) }
    unsafe settings.loop = loop.raw
    unsafe settings.context = Unmanaged.passUnretained(self).toOpaque()
    unsafe settings.error_buffer = errorText
    unsafe settings.on_body = receiveBody
    unsafe settings.on_header = receiveHeader
    unsafe settings.before_request = beforeRequest
    return unsafe ccurl_configure_once(library.api, easy, &settings)
  }

  private var requestBody: [UInt8]? { request.body ?? (request.method.expectsBody ? [] : nil) }

  private func configure() -> CInt {
    let kind = Kind(
      method: request.method, hasBody: requestBody != nil, connectTimeout: request.connectTimeout,
      totalTimeout: request.totalTimeout, maximumResponseBytes: request.maximumResponseBytes)
    if kind == self.kind { return 0 }
    self.kind = nil
    let isPlain =
      request.method == .get && !kind.hasBody || request.method == .head || request.method == .post
    // SAFETY: libcurl copies the strings during the call.
    let code = unsafe request.method.name.withCString { method in
      var settings = unsafe ccurl_settings()
      unsafe settings.custom_method = isPlain ? nil : method
      unsafe settings.is_head = request.method == .head ? 1 : 0
      unsafe settings.connect_timeout_ms = max(1, request.connectTimeout.milliseconds)
      unsafe settings.total_timeout_ms = max(1, request.totalTimeout.milliseconds)
      unsafe settings.maximum_response_bytes = Int64(max(1, request.maximumResponseBytes))
      return unsafe ccurl_configure(library.api, easy, &settings)
    }
    if code == 0 { self.kind = kind }
    return code
  }

  private func setTarget(_ url: ParsedURL) -> CInt {
    if url === self.url { return 0 }
    // libcurl copies the text, but not what was parsed.
    let code = unsafe ccurl_set_url(library.api, easy, url.parsed, url.text)
    self.url = code == 0 ? url : nil
    return code
  }

  private func setHeaders(_ list: HeaderList) -> CInt {
    if list === headerList { return 0 }
    let code = unsafe ccurl_set_headers(library.api, easy, list.raw)
    headerList = code == 0 ? list : nil
    return code
  }

  private func setBody() -> CInt {
    guard let body = requestBody else { return 0 }
    // SAFETY: libcurl copies the body during the call.
    return unsafe body.withUnsafeBufferPointer { bytes in
      unsafe ccurl_set_body(library.api, easy, bytes.baseAddress, Int64(bytes.count))
    }
  }
}

extension Transfer {
  fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Bool {
    guard body.count + bytes.count <= request.maximumResponseBytes else {
      overflow = .body
      return false
    }
    if body.isEmpty {
      let announced = unsafe Int(ccurl_content_length(library.api, easy))
      body.reserveCapacity(min(announced, request.maximumResponseBytes, 4 << 20))
    }
    unsafe body.append(contentsOf: bytes)
    return true
  }

  /// Keeps the header lines of the last answer only, so that `100 Continue` leaves none behind.
  fileprivate func take(header line: UnsafeRawBufferPointer) -> Bool {
    if unsafe line.first == 0x48, unsafe line.starts(with: "HTTP/".utf8) {
      headerBytes.removeAll(keepingCapacity: true)
    }
    guard headerBytes.count + line.count <= Transfer.maximumHeaderBytes else {
      overflow = .headers
      return false
    }
    unsafe headerBytes.append(contentsOf: line)
    return true
  }

  /// Decides whether the request may go out on the connection that is ready.
  ///
  /// When a kept connection dies before the answer, libcurl sends the request again, whatever its
  /// method. The server may have carried out the first one, so only safe methods get a second try.
  fileprivate func mayBegin() -> Bool {
    if wasSent && !request.method.isSafe {
      refusedToRepeat = true
      return false
    }
    attempts += 1
    return true
  }
}

// SAFETY: for the callbacks, `context` is the pointer given in `configure`, to a transfer that the
// client retains; the bytes are only read during the call.
private func transfer(_ context: UnsafeMutableRawPointer) -> Transfer {
  unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}

private func receiveBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
  let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
  return unsafe transfer(context).take(body: buffer) ? size * count : 0
}

private func receiveHeader(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
  let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
  return unsafe transfer(context).take(header: buffer) ? size * count : 0
}

private func beforeRequest(
  _ context: UnsafeMutableRawPointer?, _: UnsafeMutablePointer<CChar>?,
  _: UnsafeMutablePointer<CChar>?, _: CInt, _: CInt
) -> CInt {
  guard let context = unsafe context else { return CInt(CURL_PREREQFUNC_ABORT) }
  return unsafe transfer(context).mayBegin()
    ? CInt(CURL_PREREQFUNC_OK) : CInt(CURL_PREREQFUNC_ABORT)
}
