import Dispatch
import Glibc
import HTTP
import Posix
import RefoldTesting
import Testing

/// Starting, cancelling, waking, and letting go.
@Suite struct ControlTests {
  @Test(arguments: [
    ("ftp://host/", [], "GET", "the URL must begin with http:// or https://"),
    ("", [], "GET", "the URL must begin with http:// or https://"),
    ("http://host/a b", [], "GET", notEncoded), ("http://host/ä", [], "GET", notEncoded),
    ("http://host/\r\nX: y", [], "GET", notEncoded), ("http://host/\0", [], "GET", notEncoded),
    ("http://host/", [], "GE T", "the method is not an HTTP token"),
    ("http://host/", [("X", "a\r\nY: b")], "GET", lineBreak),
    ("http://host/", [("X", "a\nb")], "GET", lineBreak),
    ("http://host/", [("X", "a\0b")], "GET", lineBreak),
    ("http://host/", [("X\r\nY", "b")], "GET", "a header's name is not an HTTP token"),
    ("http://host/", [("", "b")], "GET", "a header's name is not an HTTP token"),
    (
      "http://host/", [("content-length", "3")], "GET",
      "header 'content-length' is set by the client itself"
    ),
  ])
  func `a request that must not be sent`(
    url: String, headers: [(String, String)], method: String, message: String
  ) throws {
    let client = try HTTPClient(userAgent: "test/1")
    let request = HTTPRequest(
      method: HTTPMethod(method), url: url,
      headers: headers.map { HTTPHeader(name: $0.0, value: $0.1) })
    #expect(client.send(request).error == HTTPError(.invalidRequest, message))
  }

  static let notEncoded =
    "the URL holds a space, a control character, or text that is not encoded"
  static let lineBreak = "the value of header 'X' holds a line break or a control character"

  @Test func `a URL that libcurl can't read`() throws {
    let client = try HTTPClient(userAgent: "test/1")
    let error = client.send(HTTPRequest(url: "http://host:99999/")).error
    #expect(error?.code == .invalidRequest)
    #expect(error?.wasSent == false)
  }

  @Test func `no completion runs before poll`() throws {
    let client = try HTTPClient(userAgent: "test/1")
    let outcomes = Outcomes()
    client.start(HTTPRequest(url: "ftp://host/"), outcomes.add)
    #expect(outcomes.all.isEmpty)
    #expect(client.inFlight == 1)
    client.poll(timeout: .zero)
    #expect(outcomes.all.count == 1)
    #expect(client.inFlight == 0)
  }

  @Test func `a cancelled request ends with the next poll and closes its connection`() throws {
    let hasEnded = DispatchSemaphore(value: 0)
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.waitForEnd()
      hasEnded.signal()
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    let outcomes = Outcomes()
    let id = client.start(HTTPRequest(method: .post, url: server.url), outcomes.add)
    while server.requests.isEmpty { client.poll(timeout: .milliseconds(5)) }
    client.cancel(id)
    client.cancel(id)
    #expect(outcomes.all.isEmpty)
    client.poll(timeout: patience)
    #expect(outcomes.all == [.failure(HTTPError(.cancelled, "cancelled", wasSent: true))])
    #expect(client.inFlight == 0)
    hasEnded.wait()
  }

  @Test func `a request cancelled before the first poll was not sent`() throws {
    let server = try echoServer()
    let client = try HTTPClient(userAgent: "test/1")
    let outcomes = Outcomes()
    client.cancel(client.start(HTTPRequest(url: server.url), outcomes.add))
    client.pollUntilDone()
    #expect(outcomes.all == [.failure(HTTPError(.cancelled, "cancelled"))])
  }

  @Test func `completions may start and cancel requests`() throws {
    let server = try echoServer()
    let silent = try RawServer { connection in connection.waitForEnd() }
    defer { silent.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    let outcomes = Outcomes()
    let waiting = client.start(HTTPRequest(url: silent.url), outcomes.add)
    client.start(HTTPRequest(url: server.url + "/1")) { first in
      outcomes.add(first)
      client.start(HTTPRequest(url: server.url + "/2")) { second in
        outcomes.add(second)
        client.cancel(waiting)
      }
    }
    client.pollUntilDone()
    #expect(
      outcomes.all.map(text).prefix(2) == ["200 GET /1 ", "200 GET /2 "])
    #expect(outcomes.all.last?.error?.code == .cancelled)
    #expect(outcomes.all.count == 3)
  }

  @Test func `another thread can wake a poll, before it and during it`() throws {
    let client = try HTTPClient(userAgent: "test/1")
    let waker = client.waker
    let start = ContinuousClock.now
    waker.wake()
    client.poll(timeout: patience)
    try Threads.start { waker.wake() }
    client.poll(timeout: patience)
    #expect(ContinuousClock.now - start < patience / 2)
  }

  @Test func `a poll without work lasts as long as it should`() throws {
    let client = try HTTPClient(userAgent: "test/1")
    let start = ContinuousClock.now
    client.poll(timeout: .milliseconds(30))
    #expect(ContinuousClock.now - start >= .milliseconds(29))
  }

  @Test func `a signal ends a poll`() throws {
    signal(SIGUSR1) { _ in }
    // Threads of a pool have all signals blocked.
    var signals = sigset_t()
    var before = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGUSR1)
    pthread_sigmask(SIG_UNBLOCK, &signals, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let client = try HTTPClient(userAgent: "test/1")
    let poller = pthread_self()
    let start = ContinuousClock.now
    let signaller = try Signaller(of: poller)
    client.poll(timeout: patience)
    signaller.stop()
    #expect(ContinuousClock.now - start < patience / 2)
  }

  @Test func `letting go of a client drops its requests and leaves its waker harmless`() throws {
    let server = try RawServer { connection in connection.waitForEnd() }
    defer { server.stop() }
    let outcomes = Outcomes()
    var client: HTTPClient? = try HTTPClient(userAgent: "test/1")
    let waker = client?.waker
    client?.start(HTTPRequest(url: server.url), outcomes.add)
    client?.poll(timeout: .zero)
    weak let remains = client
    client = nil
    waker?.wake()
    #expect(remains == nil)
    #expect(outcomes.all.isEmpty)
  }

  @Test func `a thousand requests leave no descriptor behind`() throws {
    let server = try echoServer()
    let before = openDescriptors()
    do {
      let client = try HTTPClient(userAgent: "test/1")
      for number in 1...1000 {
        let outcome = client.send(HTTPRequest(method: .post, url: server.url + "/\(number)"))
        #expect(text(outcome) == "200 POST /\(number) ")
      }
    }
    server.stop()
    #expect(openDescriptors() <= before + 64)
  }
}
