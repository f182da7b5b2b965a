import Foundation
import Glibc
import Testing

@testable import HTTP

@Suite struct TLSTests {
  @Test func `a server that does not speak TLS`() throws {
    let server = try echoServer()
    let client = try HTTPClient(userAgent: "test/1")
    let error = client.send(
      HTTPRequest(method: .post, url: "https://127.0.0.1:\(server.port)/", body: [0x61])
    ).error
    #expect(error?.code == .tls)
    #expect(error?.message.hasPrefix("no secure connection to 127.0.0.1:\(server.port): ") == true)
    #expect(error?.wasSent == false)
  }

  @Test(.enabled(if: SecureServer.isPossible)) func `a certificate that nobody signed`() throws {
    let server = try SecureServer()
    let client = try HTTPClient(userAgent: "test/1")
    let error = client.send(HTTPRequest(url: "https://localhost:\(server.port)/")).error
    #expect(
      error
        == HTTPError(
          .tls,
          "the certificate of localhost:\(server.port) is not trusted: "
            + "SSL certificate problem: self-signed certificate"))
  }

  @Test(.enabled(if: SecureServer.isPossible), arguments: ["CURL_CA_BUNDLE", "SSL_CERT_FILE"])
  func `a certificate that the environment trusts`(variable: String) throws {
    let server = try SecureServer()
    let identity = ClientIdentity(userAgent: "test/1") { $0 == variable ? server.certificate : nil }
    let client = try HTTPClient(identity: identity)
    let response = client.send(HTTPRequest(url: "https://localhost:\(server.port)/")).response
    #expect(response?.status == 200)
  }

  @Test(.enabled(if: SecureServer.isPossible)) func `a trusted certificate of another host`() throws
  {
    let server = try SecureServer()
    let identity = ClientIdentity(userAgent: "test/1") {
      $0 == "SSL_CERT_FILE" ? server.certificate : nil
    }
    let client = try HTTPClient(identity: identity)
    let error = client.send(HTTPRequest(url: "https://127.0.0.1:\(server.port)/")).error
    #expect(
      error
        == HTTPError(
          .tls,
          "the certificate of 127.0.0.1:\(server.port) is not trusted: SSL: no alternative "
            + "certificate subject name matches target host name '127.0.0.1'"))
  }

  @Test(.enabled(if: SecureServer.isPossible)) func `a file of certificates that is not there`()
    throws
  {
    let server = try SecureServer()
    let identity = ClientIdentity(userAgent: "test/1") {
      $0 == "SSL_CERT_FILE" ? "/nonexistent/ca.pem" : nil
    }
    let client = try HTTPClient(identity: identity)
    let error = client.send(HTTPRequest(url: "https://localhost:\(server.port)/")).error
    #expect(error?.code == .tls)
    #expect(error?.message.contains("/nonexistent/ca.pem") == true)
    #expect(error?.wasSent == false)
  }
}

/// A TLS server of the `openssl` command with a certificate of its own for `localhost`.
private final class SecureServer {
  static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

  let port: UInt16
  let certificate: String
  private let folder: URL
  private let process: Process

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    certificate = folder.appending(path: "cert.pem").path
    let key = folder.appending(path: "key.pem").path
    let maker = try SecureServer.openssl([
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
      "2",
      "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
      certificate,
    ])
    maker.process.waitUntilExit()
    // Port 0 lets the system choose; the server says which one it got.
    let server = try SecureServer.openssl([
      "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificate, "-key", key,
    ])
    process = server.process
    var output = ""
    var found: UInt16?
    while found == nil {
      let chunk = server.output.availableData
      if chunk.isEmpty { throw CocoaError(.executableLoad) }
      output += String(decoding: chunk, as: UTF8.self)
      if let match = output.firstMatch(of: /ACCEPT [^\n]*:([0-9]+)\n/) { found = UInt16(match.1) }
    }
    port = try #require(found)
  }

  deinit {
    // Children of a pool's thread inherit its mask, which blocks every signal that can be blocked.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    // What stays behind is in a temporary folder.
    try? FileManager.default.removeItem(at: folder)
  }

  private static func openssl(
    _ arguments: [String]
  ) throws -> (process: Process, output: FileHandle) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return (process, output.fileHandleForReading)
  }
}
