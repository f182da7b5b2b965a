import CCurl

/// An HTTP client for one thread that carries many requests at once.
///
/// Connections are kept and reused, names and TLS sessions remembered. Redirects are not followed, TLS
/// is always verified, and a request is never sent twice unless its method is safe. Nothing happens
/// outside ``poll(timeout:)``: call it in a loop while requests are in flight. Completions run on the
/// thread that polls and may start and cancel requests.
///
/// Trust comes from the system, or from `CURL_CA_BUNDLE`, `SSL_CERT_FILE` and `SSL_CERT_DIR`; proxies
/// from `http_proxy`, `https_proxy` and `no_proxy`.
@safe public final class HTTPClient {
  /// A request that was started; never used again by the same client.
  public struct TransferID: Hashable, Sendable {
    let number: UInt64
  }

  /// Transfers kept for reuse.
  private static let keptTransfers = 256
  /// Connections kept open; libcurl looks at all of them to find the oldest when there are more.
  private static let keptConnections = 16_384

  /// Wakes this client from any thread.
  public let waker: HTTPWaker

  private let handle: MultiHandle
  private let identity: ClientIdentity
  private var active: [UInt64: Transfer] = [:]
  private var idle: [Transfer] = []
  /// Failures known before or without libcurl, delivered by the next poll.
  private var decided: [Decided] = []
  private var lastID: UInt64 = 0
  /// Connections that are probably idle; with none, a request need not look for one among thousands of busy ones.
  private var idleConnections = 0
  /// Headers that were found to be in order; the next request has the same ones as a rule.
  private var checkedHeaders: [HTTPHeader] = []
  private var isPolling = false

  private struct Decided {
    var id: UInt64
    var error: HTTPError
    var completion: Transfer.Completion
  }

  /// Creates a client; the first one loads libcurl, and throws when it is missing.
  ///
  /// - Parameter userAgent: The `User-Agent` of every request, such as `name/1.0`.
  public convenience init(userAgent: String) throws(HTTPError) {
    try self.init(identity: ClientIdentity(userAgent: userAgent))
  }

  init(identity: ClientIdentity) throws(HTTPError) {
    let library = try CurlLibrary.loaded()
    guard let loop = unsafe ccurl_loop_open(library.api, HTTPClient.keptConnections) else {
      throw HTTPError(.other, "out of memory or descriptors for an HTTP client")
    }
    self.identity = identity
    handle = unsafe MultiHandle(library: library, loop: loop)
    waker = HTTPWaker(handle)
  }

  /// Drops what is in flight without calling its completions, and closes all connections.
  deinit {
    waker.disconnect()
    for transfer in active.values { detach(transfer) }
    // SAFETY: no easy handle is attached any more, and the waker has let go.
    unsafe ccurl_loop_close(handle.library.api, handle.loop)
  }

  /// The number of requests whose completion has not been called.
  public var inFlight: Int { active.count + decided.count }

  /// Starts a request.
  ///
  /// - Parameter completion: Called exactly once, by a later `poll`, never by this function.
  /// - Returns: The name to cancel it by.
  @discardableResult
  public func start(
    _ request: HTTPRequest, _ completion: @escaping (Result<HTTPResponse, HTTPError>) -> Void
  ) -> TransferID {
    lastID += 1
    let areHeadersChecked = request.headers == checkedHeaders
    if let problem = request.problem(checksHeaders: !areHeadersChecked) {
      decided.append(Decided(id: lastID, error: problem, completion: completion))
      return TransferID(number: lastID)
    }
    if !areHeadersChecked { checkedHeaders = request.headers }
    do throws(HTTPError) {
      let transfer = try takeTransfer()
      var code = transfer.prepare(
        request, id: lastID, isFresh: idleConnections == 0 && active.count >= 64, completion)
      if code == 0 {
        code = unsafe ccurl_multi_add(handle.library.api, handle.raw, transfer.easy)
      }
      if code == 0 {
        active[lastID] = transfer
        idleConnections = max(0, idleConnections - 1)
      } else {
        let error = transfer.failure(code)
        recycle(transfer)
        decided.append(Decided(id: lastID, error: error, completion: completion))
      }
    } catch {
      decided.append(Decided(id: lastID, error: error, completion: completion))
    }
    return TransferID(number: lastID)
  }

  /// Ends a request; its completion gets `cancelled` from the next `poll`.
  ///
  /// Does nothing for a request that has ended.
  public func cancel(_ id: TransferID) {
    guard let transfer = active.removeValue(forKey: id.number) else { return }
    let error = HTTPError(.cancelled, "cancelled", wasSent: transfer.wasSent)
    if let completion = transfer.completion {
      decided.append(Decided(id: id.number, error: error, completion: completion))
    }
    detach(transfer)
    recycle(transfer)
  }

  /// Carries all requests forward and calls the completions of those that ended.
  ///
  /// Returns as soon as a request ended, the waker was used, or a signal arrived, and at the latest
  /// after the timeout. It may return earlier without a reason. Not to be called from a completion.
  public func poll(timeout: Duration) {
    precondition(!isPolling, "poll is not called from a completion of the same client")
    isPolling = true
    defer { isPolling = false }
    var delivered = deliverDecided()
    // Requests that were started leave now.
    unsafe ccurl_loop_run_due(handle.library.api, handle.loop)
    delivered += deliverEnded()
    let start = ContinuousClock.now
    var left = delivered == 0 ? timeout : .zero
    while true {
      if waker.takeWake() { left = .zero }
      let sockets = unsafe ccurl_loop_wait(
        handle.library.api, handle.loop, CInt(clamping: left.milliseconds))
      delivered += deliverEnded()
      if delivered > 0 || sockets == 0 || waker.takeWake() { return }
      left = timeout - (ContinuousClock.now - start)
      if left <= .zero { return }
    }
  }

  /// Calls the completions of the requests that have ended, and returns their number.
  private func deliverEnded() -> Int {
    var delivered = 0
    var finished = unsafe ccurl_finished()
    while unsafe ccurl_multi_next(handle.library.api, handle.raw, &finished) != 0 {
      guard let context = unsafe finished.context else { continue }
      // SAFETY: the context is the transfer itself, which `active` retains until `finish`.
      let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
      finish(transfer, code: unsafe finished.code)
      delivered += 1
    }
    return delivered
  }

  private func finish(_ transfer: Transfer, code: CInt) {
    active.removeValue(forKey: transfer.id)
    let failure = code == 0 ? nil : transfer.failure(code)
    if failure == nil { idleConnections += 1 }
    let response = transfer.takeResponse()
    let completion = transfer.completion
    detach(transfer)
    recycle(transfer)
    if let failure {
      completion?(.failure(failure))
    } else {
      completion?(.success(response))
    }
  }

  private func deliverDecided() -> Int {
    guard !decided.isEmpty else { return 0 }
    let ready = decided
    decided = []
    for one in ready { one.completion(.failure(one.error)) }
    return ready.count
  }

  private func detach(_ transfer: Transfer) {
    unsafe ccurl_multi_remove(handle.library.api, handle.raw, transfer.easy)
  }

  private func takeTransfer() throws(HTTPError) -> Transfer {
    if let transfer = idle.popLast() { return transfer }
    return try Transfer(library: handle.library, agent: identity)
  }

  private func recycle(_ transfer: Transfer) {
    transfer.reset()
    if idle.count < HTTPClient.keptTransfers { idle.append(transfer) }
  }
}
