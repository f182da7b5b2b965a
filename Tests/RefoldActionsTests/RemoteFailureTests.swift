import RefoldActions
import RefoldTesting
import Testing

/// What happens when no reply comes, or half of one.
@Suite struct RemoteFailureTests {
  typealias Script = @Sendable (RawConnection) -> Void

  static let tail = ", so the write may have been applied"

  /// Checks what a connection with the script gives for a read and for a write that has left.
  static func check(
    _ code: String, _ message: String, hint: String, totalTimeout: Duration = .seconds(20),
    _ script: @escaping Script
  ) throws {
    let read = try RemoteBackendTests.error(
      of: RemoteBackendTests.read, totalTimeout: totalTimeout, script)
    #expect(
      read
        == ActionError(
          .transient, code: code, message: message, hint: hint, retryable: true,
          about: RemoteBackendTests.read))
    let write = try RemoteBackendTests.error(
      of: RemoteBackendTests.write, totalTimeout: totalTimeout, script)
    #expect(
      write
        == ActionError(
          .unknownOutcome, code: code, message: message + tail,
          hint: "look in 'hubspot' whether it was applied before sending it again",
          about: RemoteBackendTests.write))
  }

  @Test func `a server that never answers runs into the timeout`() throws {
    try Self.check(
      "timeout", "no answer within 200ms", hint: "try again, or allow the call more time",
      totalTimeout: .milliseconds(200)
    ) { connection in
      connection.waitForEnd()
    }
  }

  @Test func `a call may have a timeout of its own`() throws {
    var call = RemoteBackendTests.read
    call.timeout = .milliseconds(100)
    let error = try RemoteBackendTests.error(of: call) { $0.waitForEnd() }
    #expect(error.message == "no answer within 100ms")
  }

  @Test func `a server that closes without an answer`() throws {
    try Self.check(
      "connection_closed", "the server closed the connection without an answer", hint: "try again"
    ) { connection in
      _ = connection.readRequest()
    }
  }

  @Test func `an answer that breaks off`() throws {
    try Self.check(
      "connection_closed", "the server closed the connection in the middle of its answer",
      hint: "try again"
    ) { connection in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":")
    }
  }

  @Test func `truncated JSON of the announced length is left to whoever decodes it`() throws {
    let outcome = try RemoteBackendTests.outcome(of: RemoteBackendTests.write) { connection in
      _ = connection.readRequest()
      connection.reply(200, #"{"node_status":"Success","data":"#)
    }
    let reply = try outcome.get()
    let reason = #expect(throws: JSONScanError.self) { try Envelope.read(from: reply.body) }
    let error = ReplyClassifier.unusable(
      reply, to: RemoteBackendTests.write, because: reason?.description ?? "")
    #expect(error.kind == .unknownOutcome)
    #expect(
      error.message
        == "the answer is not usable JSON: expected a value, found the end at byte 32" + Self.tail)
  }

  @Test(arguments: [true, false])
  func `an answer larger than the limit`(isAnnounced: Bool) throws {
    let script: Script = { connection in
      _ = connection.readRequest()
      let length = isAnnounced ? "Content-Length: 3000000\r\n" : "Connection: close\r\n"
      connection.send("HTTP/1.1 200 OK\r\n\(length)\r\n")
      for _ in 0..<30 { connection.send([UInt8](repeating: 0x20, count: 100_000)) }
    }
    let read = try RemoteBackendTests.error(
      of: RemoteBackendTests.read, maximumResponseBytes: 1 << 20, script)
    #expect(
      read.description == """
        hubspot.get_contact: the answer is larger than 1 MiB
          fix: ask for fewer records at once
          code response_too_large
        """)
    #expect(read.kind == .permanent)
    let write = try RemoteBackendTests.error(
      of: RemoteBackendTests.write, maximumResponseBytes: 1 << 20, script)
    #expect(write.kind == .unknownOutcome)
    #expect(write.message == "the answer is larger than 1 MiB" + Self.tail)
  }

  @Test func `a refused connection may be tried again, whatever the effect`() throws {
    let port = try RawServer.unusedPort()
    let url = "http://127.0.0.1:\(port)"
    let backend = try RemoteBackendTests.backend(url)
    for call in [RemoteBackendTests.read, RemoteBackendTests.write] {
      let expected = ActionError(
        .transient, code: "connection_failed", message: "connection refused by 127.0.0.1:\(port)",
        hint: "check the network, and that the API is reached at '\(url)'", retryable: true,
        about: call)
      #expect(try RemoteBackendTests.outcome(of: call, on: backend) == .failure(expected))
    }
  }

  @Test func `a host without an address may be tried again, whatever the effect`() throws {
    let backend = try RemoteBackendTests.backend("https://no-such-host.invalid")
    for call in [RemoteBackendTests.read, RemoteBackendTests.write] {
      let expected = ActionError(
        .transient, code: "name_resolution",
        message: "can't resolve host 'no-such-host.invalid'",
        hint:
          "check the network, and the host in REFOLD_BASE_URL ('https://no-such-host.invalid')",
        retryable: true, about: call)
      #expect(try RemoteBackendTests.outcome(of: call, on: backend) == .failure(expected))
    }
  }

  @Test func `a server without TLS is refused and nothing has left`() throws {
    let server = try RawServer { connection in
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
      connection.waitForEnd()
    }
    defer { server.stop() }
    let backend = try RemoteBackendTests.backend("https://127.0.0.1:\(server.port)")
    let outcome = try RemoteBackendTests.outcome(of: RemoteBackendTests.write, on: backend)
    guard case .failure(let error) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(error.kind == .transient)
    #expect(error.code == "tls")
    #expect(!error.retryable)
    #expect(
      error.hint
        == "check REFOLD_BASE_URL ('https://127.0.0.1:\(server.port)'): what answers there does not speak TLS"
    )
  }

  @Test(arguments: ["\u{1}\u{2}garbage\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/9.9 x\r\n\r\n"])
  func `an answer that is not HTTP`(answer: String) throws {
    let script: Script = { connection in
      _ = connection.readRequest()
      connection.send(answer)
    }
    let read = try RemoteBackendTests.error(of: RemoteBackendTests.read, script)
    #expect(read.kind == .transient)
    let write = try RemoteBackendTests.error(of: RemoteBackendTests.write, script)
    #expect(write.kind == .unknownOutcome)
    #expect(write.message.hasSuffix(Self.tail))
  }

  @Test func `a connection that is reset`() throws {
    let script: Script = { connection in
      _ = connection.readRequest()
      connection.reset()
    }
    let read = try RemoteBackendTests.error(of: RemoteBackendTests.read, script)
    #expect(read.kind == .transient)
    #expect(read.code == "connection_closed")
    let write = try RemoteBackendTests.error(of: RemoteBackendTests.write, script)
    #expect(write.kind == .unknownOutcome)
    #expect(write.code == "connection_closed")
  }

  @Test func `a redirect is not followed`() throws {
    let error = try RemoteBackendTests.error(of: RemoteBackendTests.write) { connection in
      _ = connection.readRequest()
      connection.reply(302, "", headers: "Location: http://127.0.0.1:1/evil\r\n")
    }
    #expect(
      error.description == """
        hubspot.create_contact: the API redirects elsewhere (empty answer)
          fix: check REFOLD_BASE_URL: a login page or a proxy may answer there instead of the API
          status 302, code http_302
        """)
  }

  @Test func `a cancelled call completes once, and a write that has left may have been applied`()
    throws
  {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.waitForEnd()
    }
    defer { server.stop() }
    let backend = try RemoteBackendTests.backend(server.url)
    var outcomes: [Result<Reply, ActionError>] = []
    let unsent = backend.begin(RemoteBackendTests.write) { outcomes.append($0) }
    backend.cancel(unsent)
    backend.cancel(unsent)
    for _ in 0..<100 where outcomes.isEmpty { backend.poll(timeout: .milliseconds(10)) }
    #expect(
      outcomes == [
        .failure(
          ActionError(
            .cancelled, code: "cancelled", message: "the call was cancelled",
            about: RemoteBackendTests.write))
      ])
    outcomes = []
    let sent = backend.begin(RemoteBackendTests.write) { outcomes.append($0) }
    for _ in 0..<1000 where server.requests.isEmpty { backend.poll(timeout: .milliseconds(5)) }
    backend.cancel(sent)
    for _ in 0..<100 where outcomes.isEmpty { backend.poll(timeout: .milliseconds(10)) }
    backend.cancel(sent)
    backend.poll(timeout: .milliseconds(1))
    #expect(
      outcomes == [
        .failure(
          ActionError(
            .unknownOutcome, code: "cancelled",
            message: "the call was cancelled" + Self.tail,
            hint: "look in 'hubspot' whether it was applied before sending it again",
            about: RemoteBackendTests.write))
      ])
  }
}
