import HTTP
import RefoldTesting
import Testing

@Suite struct ResponseLimitTests {
  static let compressed = Array(
    """
    HTTP/1.1 200 OK\r
    Content-Encoding: gzip\r
    Content-Length: \(Compressed.letters.count)\r
    \r

    """.utf8)

  static let plain = Array("HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n".utf8)

  static let chunked = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n".utf8)

  static let letters = [UInt8](repeating: 0x61, count: 4096)

  @Test(arguments: [
    plain + letters, chunked + letters + Array("\r\n0\r\n\r\n".utf8),
    compressed + Compressed.letters,
  ])
  func `an answer may be as large as the limit and not a byte larger`(sent: [UInt8]) throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.send(sent)
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    var request = HTTPRequest(url: server.url, maximumResponseBytes: 4096)
    #expect(client.send(request).response?.body == ResponseLimitTests.letters)
    request.maximumResponseBytes = 4095
    #expect(
      client.send(request).error
        == HTTPError(.responseTooLarge, "the answer is larger than 4095 bytes", wasSent: true))
  }

  @Test func `an answer that announces too much is refused before it comes`() throws {
    let server = try RawServer { connection in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
      connection.waitForEnd()
    }
    defer { server.stop() }
    let client = try HTTPClient(userAgent: "test/1")
    #expect(
      client.send(HTTPRequest(url: server.url)).error
        == HTTPError(.responseTooLarge, "the answer is larger than 64 MiB", wasSent: true))
  }
}
