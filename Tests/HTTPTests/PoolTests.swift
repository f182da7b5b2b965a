import Dispatch
import HTTP
import RefoldTesting
import Testing

/// Requests by the hundred, which share several multi handles, and connections that nobody waits for.
@Suite struct PoolTests {
  private static let count = 300

  @Test func `hundreds at once get their own answers, and the next ones their connections`() throws
  {
    let gate = Gate(Self.count)
    let server = try RawServer { connection in
      var isFirst = true
      while true {
        let request = connection.readRequest()
        if request.isEmpty { return }
        // None of the first wave is answered before all have arrived.
        if isFirst { gate.arrive() }
        isFirst = false
        connection.reply(200, String(request.split(separator: " ")[1]))
      }
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    for wave in 1...2 {
      let answers = Answers()
      for number in 0..<Self.count {
        client.start(HTTPRequest(url: "\(server.url)/\(wave)/\(number)")) { outcome in
          answers.byNumber[number] = text(outcome)
        }
      }
      client.pollUntilDone()
      for number in 0..<Self.count {
        #expect(answers.byNumber[number] == "200 /\(wave)/\(number)")
      }
    }
    #expect(server.connectionCount == Self.count)
  }

  private final class Answers {
    var byNumber: [Int: String] = [:]
  }

  @Test func `a connection that is closed while it is idle keeps no poll busy`() throws {
    let isClosed = DispatchSemaphore(value: 0)
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.reply(200, "first")
      connection.close()
      isClosed.signal()
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    #expect(text(client.send(HTTPRequest(url: server.url))) == "200 first")
    isClosed.wait()
    client.poll(timeout: .milliseconds(30))
    let start = ContinuousClock.now
    client.poll(timeout: .milliseconds(30))
    #expect(ContinuousClock.now - start >= .milliseconds(29))
    #expect(text(client.send(HTTPRequest(url: server.url))) == "200 first")
    #expect(server.connectionCount == 2)
  }
}
