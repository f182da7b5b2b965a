import HTTP
import RefoldTesting
import Testing

/// A client uses what carried one request for the next, and tells libcurl only what differs.
@Suite struct ReuseTests {
  private static func answering() throws -> RawServer {
    try RawServer { connection in
      while true {
        let request = connection.readRequest()
        if request.isEmpty { return }
        connection.reply(200, request.hasPrefix("HEAD ") ? "" : "0123456789")
      }
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
      HTTPRequest(method: .head, url: server.url + "/a"),
      HTTPRequest(method: .post, url: server.url + "/b/../c", headers: [key, type]),
      HTTPRequest(method: .head, url: server.url + "/b"),
      HTTPRequest(url: server.url + "/b"), HTTPRequest(url: server.url + "/b", headers: [agent]),
      HTTPRequest(method: .put, url: server.url + "/b", headers: [encoding], body: [0x33]),
      HTTPRequest(method: .put, url: server.url), HTTPRequest(method: .delete, url: server.url),
      HTTPRequest(method: .delete, url: server.url, body: [0x34]),
      HTTPRequest(method: .get, url: server.url, body: [0x35]), HTTPRequest(url: server.url),
      HTTPRequest(method: HTTPMethod("OPTIONS"), url: server.url + "/d"),
      HTTPRequest(method: .post, url: server.url + "/a?x=1", headers: [key, type], body: [0x31]),
    ]
    let client = try HTTPClient(userAgent: "test/1")
    for request in requests {
      let body = request.method == .head ? "" : "0123456789"
      #expect(text(client.send(request)) == "200 \(body)")
    }
    let together = server.requests
    for request in requests { _ = try HTTPClient(userAgent: "test/1").send(request) }
    #expect(together.count == requests.count)
    #expect(Array(server.requests.dropFirst(requests.count)) == together)
    #expect(together[6].contains("\r\nuser-agent: own/2\r\n"))
    #expect(!together[6].contains("test/1"))
    #expect(together[7].contains("\r\nAccept-Encoding: identity\r\n"))
    #expect(!together[7].contains("gzip"))
  }

  @Test func `a limit of bytes holds for the one request that has it`() throws {
    let server = try Self.answering()
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    var small = HTTPRequest(url: server.url)
    small.maximumResponseBytes = 5
    for _ in 1...2 {
      #expect(client.send(small).error?.code == .responseTooLarge)
      #expect(text(client.send(HTTPRequest(url: server.url))) == "200 0123456789")
    }
  }

  @Test func `limits of time hold for the one request that has them`() throws {
    let silent = try RawServer { connection in connection.waitForEnd() }
    defer { silent.stop() }
    let full = try FullBacklog()
    for url in [silent.url, "http://127.0.0.1:\(full.port)/"] {
      var patient = HTTPRequest(url: url)
      patient.totalTimeout = .milliseconds(400)
      var hasty = patient
      hasty.totalTimeout = .milliseconds(50)
      var hastyToConnect = patient
      hastyToConnect.connectTimeout = .milliseconds(50)
      for brief in [hasty, hastyToConnect] {
        let client = try HTTPClient(userAgent: "test/1")
        let message = client.send(brief).error?.message
        if url != silent.url { #expect(message?.hasSuffix(" within 50ms") == true) }
        let start = ContinuousClock.now
        #expect(client.send(patient).error?.message.hasSuffix(" within 400ms") == true)
        #expect(.now - start > .milliseconds(200))
      }
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

  @Test func `texts that look the same are not taken for each other`() throws {
    let server = try Self.answering()
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    for value in ["\u{E9}", "e\u{301}", "\u{E9}"] {
      let header = HTTPHeader(name: "linked_account_id", value: value)
      _ = client.send(HTTPRequest(url: server.url, headers: [header]))
    }
    let sent = server.requests.map { request in
      request.split(separator: "\r\n").first { $0.hasPrefix("linked_account_id: ") }
        .map { Array($0.utf8.dropFirst(19)) }
    }
    #expect(sent == [[0xC3, 0xA9], [0x65, 0xCC, 0x81], [0xC3, 0xA9]])
    #expect(text(client.send(HTTPRequest(url: server.url + "/K"))) == "200 0123456789")
    let kelvin = client.send(HTTPRequest(url: server.url + "/\u{212A}"))
    #expect(kelvin.error?.code == .invalidRequest)
  }

  @Test func `more URLs and headers than are kept`() throws {
    let server = try RawServer { connection in
      while true {
        let request = connection.readRequest()
        if request.isEmpty { return }
        let account = request.split(separator: "\r\n").first { $0.hasPrefix("account: ") }
        connection.reply(200, "\(request.prefix { $0 != "\r\n" }) \(account ?? "")")
      }
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    var wrong = 0
    // Some are always under way, also when what is kept is forgotten.
    for number in 1...2500 {
      let account = HTTPHeader(name: "account", value: "a\(number)")
      client.start(HTTPRequest(url: server.url + "/\(number)", headers: [account])) { outcome in
        if text(outcome) != "200 GET /\(number) HTTP/1.1 account: a\(number)" { wrong += 1 }
      }
      while client.inFlight > 8 { client.poll(timeout: patience) }
    }
    client.pollUntilDone()
    #expect(wrong == 0)
    #expect(server.requests.count == 2500)
  }
}
