import HTTP
import RefoldActions
import RefoldTesting
import Testing

@testable import RefoldSandbox

/// The sandbox on a real socket, and clients that behave badly.
@Suite struct SandboxServerTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func serve(
    maximumBodyBytes: Int = 1 << 20
  ) throws -> (server: SandboxServer, port: Int) {
    var configuration = SandboxServer.Configuration(databasePath: folder.file("sandbox.db"))
    configuration.maximumBodyBytes = maximumBodyBytes
    let server = try SandboxServer(configuration)
    let port = try #require(server.url.split(separator: ":").last.flatMap { Int($0) })
    return (server, port)
  }

  private static let get = """
    GET /api/v2/integration-schema/hubspot/actions HTTP/1.1\r
    Host: x\r
    x-api-key: k\r
    linked_account_id: demo-user-1\r
    Connection: close\r
    \r

    """

  private func answersAsUsual(_ port: Int) throws -> Bool {
    let client = try RawClient(port: port)
    client.send(Self.get)
    return client.readToEnd().hasPrefix("HTTP/1.1 200 OK\r\n")
  }

  @Test func `clients that send garbage, half a request or nothing harm nobody`() throws {
    let (server, port) = try serve()
    defer { server.stop() }
    let garbage = try RawClient(port: port)
    garbage.send("\u{0}\u{1}\u{2} nonsense \r\n\r\n\r\n")
    let half = try RawClient(port: port)
    half.send("POST /api/v2/integration-schema/hubspot/actions/create_contact/execute HTTP/1.1\r\n")
    let silent = try RawClient(port: port)
    let cutShort = try RawClient(port: port)
    cutShort.send("POST / HTTP/1.1\r\nHost: x\r\nx-api-key: k\r\nContent-Length: 100\r\n\r\n{")
    #expect(try answersAsUsual(port))
    let areOpen = [
      garbage.isOpen(after: .milliseconds(1)), silent.isOpen(after: .milliseconds(1)),
      half.isOpen(after: .milliseconds(1)),
      cutShort.isOpen(after: .milliseconds(1)),
    ]
    #expect(areOpen == [true, true, true, true])
    #expect(try answersAsUsual(port))
  }

  @Test func `a body that is too large gets 413 and nothing is written`() throws {
    let (server, port) = try serve(maximumBodyBytes: 1000)
    defer { server.stop() }
    let client = try RawClient(port: port)
    let body = #"{"account_id":"big","name":""# + String(repeating: "x", count: 2000) + #""}"#
    client.send(
      "POST /api/v2/public/linked-account HTTP/1.1\r\nHost: x\r\nx-api-key: k\r\n"
        + "Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    let answer = client.readToEnd()
    #expect(answer.hasPrefix("HTTP/1.1 413 "))
    #expect(
      answer.hasSuffix(
        #"{"status_code":413,"http_error_type":"PAYLOAD_TOO_LARGE","error":"SERVER_ERROR","#
          + #""message":"the body is larger than 1000 bytes"}"#))
    #expect(try answersAsUsual(port))
  }

  @Test func `a port that is taken is an error that names it`() throws {
    let (server, port) = try serve()
    defer { server.stop() }
    var configuration = SandboxServer.Configuration(databasePath: folder.file("other.db"))
    configuration.port = port
    let taken = configuration
    let error = #expect(throws: HTTPError.self) { try SandboxServer(taken) }
    #expect(error?.code == .listenFailed)
    #expect(error?.message == "can't listen on 127.0.0.1:\(port): address already in use")
  }

  @Test func `a database that cannot be used is an error at the start`() throws {
    let path = folder.file("no/such/folder/sandbox.db")
    let error = #expect(throws: ActionError.self) {
      try SandboxServer(.init(databasePath: path))
    }
    #expect(error?.message == "the sandbox database '\(path)' cannot be opened")
  }
}
