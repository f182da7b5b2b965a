import Dispatch
import HTTP
import RefoldTesting
import Synchronization
import Testing

@Suite struct ServerTests {
  @Test func `the handler sees the whole request`() throws {
    let seen = Mutex<HTTPServerRequest?>(nil)
    let server = try HTTPServer { request in
      seen.withLock { $0 = request }
      return HTTPServerResponse(status: 204)
    }
    let client = try RawClient(port: server.port)
    client.send("POST /a%2fb/%C3%A4?x=1&y=a%20b+c&z&e=&bad=%zz HTTP/1.1\r\nHost: h\r\n")
    client.send("X-Key: v 1\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbo")
    client.send("dy")
    #expect(client.readToEnd().hasPrefix("HTTP/1.1 204 No Content\r\n"))
    let expected = HTTPServerRequest(
      method: "POST", path: "/a%2fb/%C3%A4",
      query: [
        .init(name: "x", value: "1"), .init(name: "y", value: "a b c"),
        .init(name: "z", value: nil), .init(name: "e", value: ""),
        .init(name: "bad", value: "%zz"),
      ],
      headers: [
        HTTPHeader(name: "Host", value: "h"), HTTPHeader(name: "X-Key", value: "v 1"),
        HTTPHeader(name: "Connection", value: "close"),
        HTTPHeader(name: "Content-Length", value: "4"),
      ],
      body: Array("body".utf8), remoteAddress: "127.0.0.1")
    #expect(seen.withLock { $0 } == expected)
    #expect(expected.header("x-KEY") == "v 1")
  }

  @Test func `a body may be as large as the limit and not a byte larger`() throws {
    let server = try HTTPServer(configuration: .init(maximumBodyBytes: 1000)) { request in
      HTTPServerResponse(status: 200, body: Array("\(request.body.count)".utf8))
    }
    let client = try HTTPClient(userAgent: "test/1")
    var request = HTTPRequest(
      method: .post, url: server.url, body: [UInt8](repeating: 0x61, count: 1000))
    #expect(text(client.send(request)) == "200 1000")
    request.body?.append(0x61)
    #expect(text(client.send(request)) == "413 the body is larger than 1000 bytes\n")
  }

  @Test func `a body that announces too much is refused before it comes`() throws {
    let server = try HTTPServer(configuration: .init(maximumBodyBytes: 1000)) { _ in
      HTTPServerResponse(status: 200)
    }
    let client = try RawClient(port: server.port)
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n")
    #expect(client.read(until: "bytes\n").hasPrefix("HTTP/1.1 413 "))
  }

  @Test func `a chunked body is limited too`() throws {
    let server = try HTTPServer(configuration: .init(maximumBodyBytes: 8)) { request in
      HTTPServerResponse(status: 200, body: request.body)
    }
    let head =
      "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    let client = try RawClient(port: server.port)
    client.send(head + "4\r\nabcd\r\n4\r\nefgh\r\n0\r\n\r\n")
    #expect(client.readToEnd().hasSuffix("\r\n\r\nabcdefgh"))
    let greedy = try RawClient(port: server.port)
    greedy.send(head + "4\r\nabcd\r\n4\r\nefgh\r\n1\r\ni\r\n0\r\n\r\n")
    let answer = greedy.readToEnd()
    #expect(answer.hasPrefix("HTTP/1.1 413 "))
    #expect(answer.hasSuffix("the body is larger than 8 bytes\n"))
  }

  @Test(arguments: [
    "\u{1}\u{2}\u{3}\r\n\r\n", "GET\r\n\r\n", "hello\r\n\r\n",
    "GET / HTTP/1.1\r\nno colon here\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 70_000) + "\r\n\r\n",
  ])
  func `garbage never reaches the handler, and the server goes on`(sent: String) throws {
    let calls = Mutex(0)
    let server = try HTTPServer { _ in
      calls.withLock { $0 += 1 }
      return HTTPServerResponse(status: 200)
    }
    do {
      let client = try RawClient(port: server.port)
      client.send(sent)
      let answer = client.read(until: "\r\n\r\n")
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 5"))
    }
    #expect(calls.withLock { $0 } == 0)
    let client = try HTTPClient(userAgent: "test/1")
    #expect(text(client.send(HTTPRequest(url: server.url))) == "200 ")
  }

  @Test(arguments: ["GET / HT", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf"])
  func `half a request harms nobody`(sent: String) throws {
    let server = try echoServer()
    do {
      let client = try RawClient(port: server.port)
      client.send(sent)
    }
    let client = try HTTPClient(userAgent: "test/1")
    #expect(text(client.send(HTTPRequest(url: server.url))) == "200 GET / ")
  }

  @Test func `a silent client is let go after the idle timeout`() throws {
    let server = try echoServer(.init(idleTimeout: .milliseconds(900)))
    let silent = try RawClient(port: server.port)
    let other = try HTTPClient(userAgent: "test/1")
    #expect(text(other.send(HTTPRequest(url: server.url))) == "200 GET / ")
    #expect(silent.readToEnd() == "")
  }

  @Test(arguments: [
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n", "GET / HTTP/1.1\r\nX: ",
  ])
  func `a client that sends byte by byte is cut off at the deadline`(head: String) throws {
    let server = try echoServer(.init(requestTimeout: .milliseconds(200)))
    let client = try RawClient(port: server.port)
    let start = ContinuousClock.now
    client.send(head)
    while client.isOpen(after: .milliseconds(5)) && .now - start < patience { client.send("x") }
    #expect(ContinuousClock.now - start < patience / 2)
  }

  @Test func `stop lets a request finish that has begun`() throws {
    let begun = DispatchSemaphore(value: 0)
    let server = try HTTPServer { request in
      begun.signal()
      return HTTPServerResponse(status: 200, body: request.body)
    }
    let slow = try RawClient(port: server.port)
    slow.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbo")
    let probe = try HTTPClient(userAgent: "test/1")
    #expect(text(probe.send(HTTPRequest(url: server.url))) == "200 ")
    begun.wait()
    let isStopped = DispatchSemaphore(value: 0)
    let stopper = DispatchQueue(label: "stopper")
    stopper.async {
      server.stop()
      isStopped.signal()
    }
    // The port closes first, while the request is still on its way.
    while probe.send(HTTPRequest(url: server.url)).response != nil {}
    slow.send("dy")
    #expect(slow.readToEnd().hasSuffix("body"))
    isStopped.wait()
  }

  @Test func `a handler may stop its server`() throws {
    let holder = Mutex<HTTPServer?>(nil)
    let server = try HTTPServer { _ in
      holder.withLock { $0 }?.stop()
      return HTTPServerResponse(status: 200, body: Array("bye".utf8))
    }
    holder.withLock { $0 = server }
    let client = try HTTPClient(userAgent: "test/1")
    #expect(text(client.send(HTTPRequest(url: server.url))) == "200 bye")
    while client.send(HTTPRequest(url: server.url)).error?.code != .connectionFailed {}
    holder.withLock { $0 = nil }
  }

  @Test func `a header that can't be sent becomes a server error`() throws {
    let server = try HTTPServer { _ in
      HTTPServerResponse(status: 200, headers: [HTTPHeader(name: "X", value: "a\r\nY: b")])
    }
    let client = try HTTPClient(userAgent: "test/1")
    let outcome = client.send(HTTPRequest(url: server.url))
    #expect(text(outcome) == "500 the answer has a header that can't be sent\n")
  }

  @Test func `connections over the limit wait for their turn`() throws {
    let server = try echoServer(.init(maximumConnections: 2))
    let client = try HTTPClient(userAgent: "test/1")
    do {
      let first = try RawClient(port: server.port)
      let second = try RawClient(port: server.port)
      let request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
      first.send(request)
      second.send(request)
      #expect(first.read(until: "GET / ").hasSuffix("GET / "))
      #expect(second.read(until: "GET / ").hasSuffix("GET / "))
      let third = HTTPRequest(url: server.url, totalTimeout: .milliseconds(100))
      #expect(client.send(third).error?.code == .timeout)
    }
    #expect(text(client.send(HTTPRequest(url: server.url))) == "200 GET / ")
  }

  @Test func `an address that can't be had`() throws {
    let server = try echoServer()
    let expected = [
      (
        "127.0.0.1", server.port, "can't listen on 127.0.0.1:\(server.port): address already in use"
      ),
      ("localhost", 1, "can't listen on localhost:1: not a numeric address"),
      ("127.0.0.1", 70000, "can't listen on 127.0.0.1:70000: a port is a number up to 65535"),
      ("192.0.2.1", 0, "can't listen on 192.0.2.1:0: cannot assign requested address"),
    ]
    for (address, port, message) in expected {
      #expect(throws: HTTPError(.listenFailed, message)) {
        try echoServer(.init(address: address, port: port))
      }
    }
  }
}
