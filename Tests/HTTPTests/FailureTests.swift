import HTTP
import RefoldTesting
import Testing

/// Each way in which a request can fail: its code, its whole message, and whether it was sent.
@Suite struct FailureTests {
  @Test func `a refused connection`() throws {
    let port = try RawServer.unusedPort()
    let client = try HTTPClient(userAgent: "test/1")
    let error = client.send(HTTPRequest(url: "http://127.0.0.1:\(port)/a?b")).error
    #expect(error == HTTPError(.connectionFailed, "connection refused by 127.0.0.1:\(port)"))
  }

  @Test func `a host that does not exist`() throws {
    let client = try HTTPClient(userAgent: "test/1")
    let error = client.send(HTTPRequest(url: "http://user:secret@nosuch.invalid/")).error
    #expect(error == HTTPError(.nameResolution, "can't resolve host 'nosuch.invalid'"))
  }

  @Test func `a server that never accepts`() throws {
    let full = try FullBacklog()
    let client = try HTTPClient(userAgent: "test/1")
    let error = client.send(
      HTTPRequest(url: "http://127.0.0.1:\(full.port)/", connectTimeout: .milliseconds(100))
    ).error
    #expect(
      error
        == HTTPError(.connectionFailed, "no connection to 127.0.0.1:\(full.port) within 100ms"))
  }

  @Test func `a server that says nothing`() throws {
    let server = try RawServer { connection in connection.waitForEnd() }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    let error = client.send(HTTPRequest(url: server.url, totalTimeout: .milliseconds(80))).error
    #expect(error == HTTPError(.timeout, "no answer within 80ms", wasSent: true))
  }

  @Test func `a server that stops in the middle and holds the connection`() throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
      connection.waitForEnd()
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    let error = client.send(HTTPRequest(url: server.url, totalTimeout: .milliseconds(80))).error
    #expect(error == HTTPError(.timeout, "no answer within 80ms", wasSent: true))
  }

  @Test(arguments: [
    ("", "the server closed the connection without an answer"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", truncated),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf", truncated),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", truncated),
  ])
  func `a connection closed too early`(sent: String, message: String) throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.send(sent)
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    let error = client.send(HTTPRequest(method: .post, url: server.url)).error
    #expect(error == HTTPError(.connectionClosed, message, wasSent: true))
  }

  static let truncated = "the server closed the connection in the middle of its answer"

  @Test func `a connection reset`() throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.reset()
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    let error = client.send(HTTPRequest(method: .post, url: server.url)).error
    #expect(
      error
        == HTTPError(
          .connectionClosed,
          "the connection to 127.0.0.1:\(server.port) broke: Recv failure: Connection reset by peer",
          wasSent: true))
  }

  @Test(arguments: [
    "hello, this is not HTTP\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 abc\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nhalf",
  ])
  func `an answer that is not HTTP`(sent: String) throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.send(sent)
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    let error = client.send(HTTPRequest(url: server.url)).error
    #expect(
      error
        == HTTPError(
          .invalidResponse, "127.0.0.1:\(server.port) does not speak HTTP", wasSent: true))
  }

  @Test func `an answer that is not compressed as it says`() throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.reply(200, "not gzip at all", headers: "Content-Encoding: gzip\r\n")
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    let error = client.send(HTTPRequest(url: server.url)).error
    #expect(
      error == HTTPError(.invalidResponse, "the answer's compression is damaged", wasSent: true))
  }

  @Test func `headers without end`() throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 200 OK\r\n")
      let line = "X-Line: " + String(repeating: "x", count: 8 << 10) + "\r\n"
      for _ in 1...40 { connection.send(line) }
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    let error = client.send(HTTPRequest(url: server.url)).error
    #expect(
      error
        == HTTPError(
          .responseTooLarge, "the headers of the answer are larger than 256 KiB", wasSent: true))
  }

  @Test func `a connection that dies under a request that must not be repeated`() throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.reply(200, "{}")
      _ = connection.readRequest()
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    let request = HTTPRequest(method: .post, url: server.url, body: [0x7B, 0x7D])
    #expect(text(client.send(request)) == "200 {}")
    let error = client.send(request).error
    let message = "the server closed the connection without an answer"
    #expect(error == HTTPError(.connectionClosed, message, wasSent: true))
    #expect(server.requests.count == 2)
  }

  @Test func `a connection that dies under a read is replaced by a new one`() throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.reply(200, "{}")
      _ = connection.readRequest()
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    #expect(text(client.send(HTTPRequest(url: server.url))) == "200 {}")
    #expect(text(client.send(HTTPRequest(url: server.url))) == "200 {}")
    #expect(server.connectionCount == 2)
  }
}
