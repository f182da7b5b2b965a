import HTTP
import RefoldTesting
import Testing

@Suite struct ExchangeTests {
  @Test(arguments: [
    (HTTPMethod.get, nil), (.get, "b"), (.post, nil), (.post, "b"), (.put, "b"), (.patch, "b"),
    (.delete, nil), (.delete, "b"), (HTTPMethod("OPTIONS"), nil),
  ])
  func `every method arrives with its body`(method: HTTPMethod, body: String?) throws {
    let server = try echoServer()
    let client = try HTTPClient(userAgent: "test/1")
    let outcome = client.send(
      HTTPRequest(method: method, url: server.url + "/a%2Fb?q=1", body: body.map { Array($0.utf8) })
    )
    #expect(text(outcome) == "200 \(method) /a%2Fb \(body ?? "")")
    #expect(outcome.response?.header("x-trace-id") == "t-1")
  }

  @Test func `a head request gets headers and no body`() throws {
    let server = try echoServer()
    let client = try HTTPClient(userAgent: "test/1")
    let outcome = client.send(HTTPRequest(method: .head, url: server.url + "/x"))
    #expect(outcome.response?.header("Content-Length") == "8")
    #expect(text(outcome) == "200 ")
  }

  @Test func `a request carries exactly the headers it should`() throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.reply(200, "{}")
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "refold/9")
    let headers = [
      HTTPHeader(name: "x-api-key", value: "k"), HTTPHeader(name: "X-Empty", value: ""),
      HTTPHeader(name: "Content-Type", value: "application/json"),
    ]
    let body = Array(#"{"a":1}"#.utf8)
    let outcome = client.send(
      HTTPRequest(method: .post, url: server.url + "/p/../q", headers: headers, body: body))
    #expect(text(outcome) == "200 {}")
    let sent = server.requests.first?.split(separator: "\r\n", omittingEmptySubsequences: false)
    let lines = (sent ?? []).filter { !$0.hasPrefix("Accept-Encoding: ") }
    #expect(
      lines == [
        "POST /p/../q HTTP/1.1", "Host: 127.0.0.1:\(server.port)", "User-Agent: refold/9",
        "Accept: */*", "x-api-key: k", "X-Empty:", "Content-Type: application/json",
        "Content-Length: 7", "", #"{"a":1}"#,
      ])
    #expect(sent?.contains { $0.hasPrefix("Accept-Encoding: ") && $0.contains("gzip") } == true)
  }

  @Test func `the headers of the final answer arrive, trimmed and in order`() throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n")
      connection.send(
        "HTTP/1.1 404 Not Found\r\nRetry-After:  7 \r\nX-A:\r\nContent-Length: 0\r\n\r\n")
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    let response = client.send(HTTPRequest(url: server.url)).response
    #expect(
      response
        == HTTPResponse(
          status: 404,
          headers: [
            HTTPHeader(name: "Retry-After", value: "7"), HTTPHeader(name: "X-A", value: ""),
            HTTPHeader(name: "Content-Length", value: "0"),
          ]))
    #expect(response?.header("retry-AFTER") == "7")
    #expect(response?.header("X-Early") == nil)
  }

  @Test func `redirects are answers like any other`() throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.reply(302, "", headers: "Location: http://127.0.0.1:1/\r\n")
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    #expect(text(client.send(HTTPRequest(url: server.url))) == "302 ")
  }

  @Test func `compressed answers arrive decompressed`() throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.send(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(Compressed.hello.count)\r\n\r\n"
      )
      connection.send(Compressed.hello)
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    #expect(text(client.send(HTTPRequest(url: server.url))) == #"200 {"hello":"world"}"#)
  }

  @Test func `requests one after the other share a connection`() throws {
    let server = try RawServer { connection in
      while !connection.readRequest().isEmpty { connection.reply(200, "{}") }
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    for _ in 1...20 {
      #expect(text(client.send(HTTPRequest(method: .post, url: server.url))) == "200 {}")
    }
    #expect(server.connectionCount == 1)
    #expect(server.requests.count == 20)
  }

  @Test func `64 requests are under way at once and each gets its own answer`() throws {
    // No connection is answered before all 64 are there.
    let everyone = Gate(64)
    let server = try RawServer { connection in
      let request = connection.readRequest()
      everyone.arrive()
      connection.reply(200, String(request.prefix { $0 != "\r\n" }))
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    var answers: [Int: String] = [:]
    for number in 1...64 {
      client.start(HTTPRequest(url: server.url + "/\(number)")) { answers[number] = text($0) }
    }
    #expect(client.inFlight == 64)
    client.pollUntilDone()
    let expected = (1...64).map { ($0, "200 GET /\($0) HTTP/1.1") }
    #expect(answers == Dictionary(uniqueKeysWithValues: expected))
  }

  @Test func `a body of many megabytes goes there and back`() throws {
    let server = try HTTPServer { HTTPServerResponse(status: 200, body: $0.body) }
    let client = try HTTPClient(userAgent: "test/1")
    let body = (0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let outcome = client.send(HTTPRequest(method: .post, url: server.url, body: body))
    #expect(outcome.response?.body == body)
  }
}
