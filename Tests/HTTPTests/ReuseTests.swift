import HTTP
import RefoldTesting
import Testing

/// A client uses what carried one request for the next, and tells libcurl only what differs.
@Suite struct ReuseTests {
  private static func answering() throws -> RawServer {
    try RawServer { connection in
      while !connection.readRequest().isEmpty { connection.reply(200, "0123456789") }
    }
  }

  @Test func `a request is sent as if none had been before it`() throws {
    let server = try Self.answering()
    defer { server.stop() }
    let key = HTTPHeader(name: "x-api-key", value: "k")
    let type = HTTPHeader(name: "Content-Type", value: "text/plain")
    let agent = HTTPHeader(name: "user-agent", value: "own/2")
    let encoding = HTTPHeader(name: "Accept-Encoding", value: "identity")
    let requests = [
      HTTPRequest(method: .post, url: server.url + "/a?x=1", headers: [key, type], body: [0x31]),
      HTTPRequest(method: .post, url: server.url + "/a?x=1", headers: [key, type], body: [0x32]),
      HTTPRequest(method: .post, url: server.url + "/b/../c", headers: [key, type]),
      HTTPRequest(url: server.url + "/b"), HTTPRequest(url: server.url + "/b", headers: [agent]),
      HTTPRequest(method: .put, url: server.url + "/b", headers: [encoding], body: [0x33]),
      HTTPRequest(method: .put, url: server.url), HTTPRequest(method: .delete, url: server.url),
      HTTPRequest(method: .delete, url: server.url, body: [0x34]),
      HTTPRequest(method: .get, url: server.url, body: [0x35]), HTTPRequest(url: server.url),
      HTTPRequest(method: HTTPMethod("OPTIONS"), url: server.url + "/d"),
      HTTPRequest(method: .post, url: server.url + "/a?x=1", headers: [key, type], body: [0x31]),
    ]
    let client = try HTTPClient(userAgent: "test/1")
    for request in requests { #expect(text(client.send(request)) == "200 0123456789") }
    let together = server.requests
    for request in requests { _ = try HTTPClient(userAgent: "test/1").send(request) }
    #expect(together.count == requests.count)
    #expect(Array(server.requests.dropFirst(requests.count)) == together)
    #expect(together[4].contains("\r\nuser-agent: own/2\r\n"))
    #expect(!together[4].contains("test/1"))
    #expect(together[5].contains("\r\nAccept-Encoding: identity\r\n"))
    #expect(!together[5].contains("gzip"))
  }

  @Test func `limits hold for the one request that has them`() throws {
    let server = try Self.answering()
    let silent = try RawServer { connection in connection.waitForEnd() }
    defer {
      server.stop()
      silent.stop()
    }
    let client = try HTTPClient(userAgent: "test/1")
    var small = HTTPRequest(url: server.url)
    small.maximumResponseBytes = 5
    var brief = HTTPRequest(url: silent.url)
    brief.totalTimeout = .milliseconds(50)
    for _ in 1...2 {
      #expect(client.send(small).error?.code == .responseTooLarge)
      #expect(client.send(brief).error?.code == .timeout)
      #expect(text(client.send(HTTPRequest(url: server.url))) == "200 0123456789")
    }
  }

  @Test func `a read that is sent again goes where it should`() throws {
    let server = try RawServer { connection in
      while true {
        let request = connection.readRequest()
        if request.isEmpty || request.hasPrefix("GET /closed") { return }
        connection.reply(200, String(request.prefix { $0 != "\r\n" }))
      }
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    for path in ["/first", "/second"] {
      #expect(text(client.send(HTTPRequest(url: server.url + path))) == "200 GET \(path) HTTP/1.1")
    }
    #expect(client.send(HTTPRequest(url: server.url + "/closed")).error?.code == .connectionClosed)
    let lines = server.requests.map { String($0.prefix { $0 != "\r\n" }) }
    let closed = "GET /closed HTTP/1.1"
    #expect(lines == ["GET /first HTTP/1.1", "GET /second HTTP/1.1", closed, closed])
  }

  @Test func `a URL that libcurl can't read leaves nothing behind`() throws {
    let server = try Self.answering()
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    for _ in 1...2 {
      #expect(client.send(HTTPRequest(url: "http://[::1")).error?.code == .invalidRequest)
      #expect(text(client.send(HTTPRequest(url: server.url + "/a"))) == "200 0123456789")
    }
    #expect(server.requests.allSatisfy { $0.hasPrefix("GET /a ") })
  }
}
