import HTTP

/// The Refold API over HTTP.
///
/// Replies are already sorted: a call completes with a 2xx reply that looks like JSON, or with an error. The
/// key is in no reply and in no error, even if the server sends it back.
public final class RemoteBackend: Backend {
  /// What a remote backend needs to know.
  public struct Configuration: Sendable {
    /// Where the API is and the key that opens it.
    public var credentials: Credentials
    /// The version of this program, for the `User-Agent`.
    public var version: String
    /// The time that making a connection may take.
    public var connectTimeout: Duration
    /// The time that a call may take as a whole, unless it says otherwise itself.
    public var totalTimeout: Duration
    /// The largest body that is accepted, uncompressed.
    public var maximumResponseBytes: Int

    /// Creates a configuration.
    public init(
      credentials: Credentials, version: String, connectTimeout: Duration = .seconds(10),
      totalTimeout: Duration = .seconds(60), maximumResponseBytes: Int = 64 << 20
    ) {
      self.credentials = credentials
      self.version = version
      self.connectTimeout = connectTimeout
      self.totalTimeout = totalTimeout
      self.maximumResponseBytes = maximumResponseBytes
    }
  }

  /// The word for this kind of backend: `remote`.
  public let name = "remote"
  /// The base URL.
  public var location: String { configuration.credentials.baseURL.description }
  /// Wakes `poll` from any thread.
  public var wake: @Sendable () -> Void {
    let waker = client.waker
    return { waker.wake() }
  }

  private let configuration: Configuration
  private let client: HTTPClient
  private let redactor: Redactor
  private let headers: [HTTPHeader]
  private var transfers: [CallID: HTTPClient.TransferID] = [:]
  private var lastID: UInt64 = 0
  /// What was made for earlier calls, and is the same for later ones.
  private var executions = Kept<Execution, String>()
  private var headersOfAccounts = Kept<ExactText, AccountHeaders>()

  private struct Execution: Hashable {
    let app: ExactText
    let action: ExactText
  }

  private struct AccountHeaders {
    let looking: [HTTPHeader]
    let executing: [HTTPHeader]
  }

  /// Creates a backend for this thread; connects to nothing yet.
  ///
  /// - Throws: `ActionError` when the HTTP library is missing.
  public init(_ configuration: Configuration) throws(ActionError) {
    do throws(HTTPError) {
      client = try HTTPClient(userAgent: "refold/\(configuration.version)")
    } catch {
      throw ActionError(kind: .permanent, code: "library_missing", message: error.message)
    }
    self.configuration = configuration
    redactor = Redactor(configuration.credentials.key)
    headers = [
      HTTPHeader(name: "x-api-key", value: configuration.credentials.key.revealed()),
      HTTPHeader(name: "Accept", value: "application/json"),
    ]
  }

  /// Sends a call; see `Backend`.
  public func begin(
    _ call: ActionCall, _ completion: @escaping (Result<Reply, ActionError>) -> Void
  ) -> CallID {
    lastID += 1
    let id = CallID(lastID)
    let request: HTTPRequest
    do throws(ActionError) {
      request = try self.request(for: call)
    } catch {
      completion(.failure(redactor.redact(error)))
      return id
    }
    transfers[id] = client.start(request) { [weak self] result in
      guard let self else { return }
      transfers[id] = nil
      completion(outcome(of: result, call: call))
    }
    return id
  }

  /// Cancels a call; a write that has left completes with `unknown_outcome` instead of `cancelled`.
  public func cancel(_ id: CallID) {
    if let transfer = transfers[id] { client.cancel(transfer) }
  }

  /// Carries the calls on; see `Backend`.
  public func poll(timeout: Duration) {
    client.poll(timeout: timeout)
  }

  /// Returns the request that carries a call.
  ///
  /// The API documents no header for idempotency keys, so `idempotencyKey` stays here: an undocumented header
  /// would suggest a guarantee that nobody gives.
  private func request(for call: ActionCall) throws(ActionError) -> HTTPRequest {
    let headers = headers(of: call.account)
    var request = HTTPRequest(
      url: try url(of: call), headers: headers.looking,
      connectTimeout: configuration.connectTimeout,
      totalTimeout: call.timeout ?? configuration.totalTimeout,
      maximumResponseBytes: configuration.maximumResponseBytes)
    if case .execute = call.operation {
      request.method = .post
      request.headers = headers.executing
      request.body = call.body.isEmpty ? Array("{}".utf8) : call.body
    }
    return request
  }

  private func url(of call: ActionCall) throws(ActionError) -> String {
    guard case .execute(let app, let action) = call.operation else {
      return location + (try RemotePath.path(of: call))
    }
    return try executions.value(for: Execution(app: ExactText(app), action: ExactText(action))) {
      () throws(ActionError) in location + (try RemotePath.path(of: call))
    }
  }

  private func headers(of account: String) -> AccountHeaders {
    headersOfAccounts.value(for: ExactText(account)) {
      var looking = headers
      if !account.isEmpty { looking.append(HTTPHeader(name: "linked_account_id", value: account)) }
      let contentType = HTTPHeader(name: "Content-Type", value: "application/json")
      return AccountHeaders(looking: looking, executing: looking + [contentType])
    }
  }

  private func outcome(
    of result: Result<HTTPResponse, HTTPError>, call: ActionCall
  ) -> Result<Reply, ActionError> {
    switch result {
    case .failure(let failure):
      let baseURL = configuration.credentials.baseURL
      return .failure(
        redactor.redact(TransportFailure.error(failure, about: call, baseURL: baseURL)))
    case .success(let response):
      let reply = reply(from: response)
      if let error = ReplyClassifier.failure(of: reply, to: call) {
        return .failure(redactor.redact(error))
      }
      return .success(reply)
    }
  }

  private func reply(from response: HTTPResponse) -> Reply {
    Reply(
      status: response.status, body: redactor.redact(body: response.body),
      traceID: response.header("X-Trace-ID").map { OneLine.of(redactor.redact($0), limit: 128) },
      retryAfter: response.header("Retry-After").flatMap {
        RetryAfter.duration($0, date: response.header("Date"))
      },
      contentType: response.header("Content-Type"))
  }
}
