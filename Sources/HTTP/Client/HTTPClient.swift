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
  /// Requests that share the connections of a pool; libcurl looks through those for one that is idle.
  private static let poolSize = 128

  /// Wakes this client from any thread.
  public let waker: HTTPWaker

  private let loop: EventLoop
  private let identity: ClientIdentity
  private var active: [UInt64: Transfer] = [:]
  private var idle: [Transfer] = []
  /// Failures known before or without libcurl, delivered by the next poll.
  private var decided: [Decided] = []
  private var lastID: UInt64 = 0
  private var pools = [Pool()]
  private var urls = Kept<ExactText, ParsedURL>()
  private var headerLists = Kept<[HTTPHeader], HeaderList>()
  private var isPolling = false

  /// What is under way in one multi handle of the loop.
  private struct Pool {
    var active = 0
    /// Connections that are probably idle.
    var idleConnections = 0
  }

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
    guard let loop = unsafe ccurl_loop_open(library.api, HTTPClient.poolSize) else {
      throw HTTPError(.other, "out of memory or descriptors for an HTTP client")
    }
    self.identity = identity
    self.loop = unsafe EventLoop(library: library, raw: loop)
    waker = HTTPWaker(self.loop)
  }

  /// Drops what is in flight without calling its completions, and closes all connections.
  deinit {
    waker.disconnect()
    for transfer in active.values { detach(transfer) }
    // SAFETY: no easy handle is attached any more, and the waker has let go.
    unsafe ccurl_loop_close(loop.library.api, loop.raw)
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
    do throws(HTTPError) {
      guard request.method.name.isToken else {
        throw HTTPError(.invalidRequest, "the method is not an HTTP token")
      }
      let url = try urls.value(for: ExactText(request.url)) { () throws(HTTPError) in
        try ParsedURL(request.url, loop.library)
      }
      let headers = try headerLists.value(for: request.headers) { () throws(HTTPError) in
        try HeaderList(request.headers, loop.library)
      }
      let transfer = try takeTransfer()
      let pool = try choosePool()
      var code = transfer.prepare(request, url, headers, id: lastID, pool: pool, completion)
      if code == 0 {
        code = unsafe ccurl_loop_add(loop.library.api, loop.raw, CInt(pool), transfer.easy)
      }
      if code == 0 {
        active[lastID] = transfer
        pools[pool].active += 1
        pools[pool].idleConnections = max(0, pools[pool].idleConnections - 1)
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
    unsafe ccurl_loop_run_due(loop.library.api, loop.raw)
    delivered += deliverEnded()
    let start = ContinuousClock.now
    var left = delivered == 0 ? timeout : .zero
    while true {
      if waker.takeWake() { left = .zero }
      let sockets = unsafe ccurl_loop_wait(
        loop.library.api, loop.raw, CInt(clamping: left.milliseconds))
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
    while unsafe ccurl_loop_next(loop.library.api, loop.raw, &finished) != 0 {
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
    if failure == nil { pools[transfer.pool].idleConnections += 1 }
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
    pools[transfer.pool].active -= 1
    unsafe ccurl_loop_remove(loop.library.api, loop.raw, CInt(transfer.pool), transfer.easy)
  }

  /// The pool for another request: one with an idle connection, else one with room, else a new one.
  private func choosePool() throws(HTTPError) -> Int {
    func first(_ isFit: (Pool) -> Bool) -> Int? {
      pools.firstIndex { $0.active < HTTPClient.poolSize && isFit($0) }
    }
    if let pool = first({ $0.idleConnections > 0 }) ?? first({ _ in true }) { return pool }
    guard unsafe ccurl_loop_add_pool(loop.library.api, loop.raw) >= 0 else {
      throw HTTPError(.other, "out of memory for another request")
    }
    pools.append(Pool())
    return pools.count - 1
  }

  private func takeTransfer() throws(HTTPError) -> Transfer {
    if let transfer = idle.popLast() { return transfer }
    return try Transfer(loop: loop, agent: identity)
  }

  private func recycle(_ transfer: Transfer) {
    transfer.reset()
    if idle.count < HTTPClient.keptTransfers { idle.append(transfer) }
  }
}
