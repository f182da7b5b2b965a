import HTTP
import RefoldSandbox
import RefoldTesting

/// What answers under the base URL of a case: the sandbox, or one of the ways in which an API can fail.
///
/// `NAME on execute` fails in that way only when an action is executed.
final class SpecServer {
  /// The key that the program is given, and must never show.
  static let key = "tk_secret_5f1d7c2e9b"

  let url: String
  private let stopServer: () -> Void

  struct Unknown: Error {
    var name: String
  }

  init(_ name: String) throws {
    if name == "sandbox" {
      let folder = try TemporaryFolder()
      let server = try SandboxServer(.init(databasePath: folder.file("sandbox.db")))
      url = server.url
      stopServer = {
        server.stop()
        _ = folder
      }
      return
    }
    if name == "refused" {
      url = "http://127.0.0.1:\(try RawServer.unusedPort())"
      stopServer = {}
      return
    }
    let parts = name.components(separatedBy: " on ")
    let isExecuteOnly = parts.count == 2
    guard let fault = Self.faults[parts[0]] else { throw Unknown(name: name) }
    let isHandshakeFault = parts[0] == "no-tls"
    let server = try RawServer { connection in
      if isHandshakeFault { return fault(connection) }
      // One connection carries many requests until the fault ends it.
      while true {
        let request = connection.readRequest()
        if request.isEmpty { return }
        if isExecuteOnly && !request.contains("/execute ") {
          connection.reply(200, Self.schema(request))
        } else {
          fault(connection)
        }
      }
    }
    url = isHandshakeFault ? "https://127.0.0.1:\(server.port)" : server.url
    stopServer = { server.stop() }
  }

  func stop() { stopServer() }

  private static func schema(_ request: String) -> String {
    request.contains("/actions ")
      ? #"[{"action_id":"get_contact","name":"Get"},{"action_id":"create_contact","name":"Create"}]"#
      : #"[{"name":"limit","type":"text"},{"name":"email","type":"text"}]"#
  }

  private static func error(_ status: Int, _ type: String, _ code: String, _ message: String)
    -> String
  {
    #"{"status_code":\#(status),"http_error_type":"\#(type)","error":"\#(code)","message":"\#(message)"}"#
  }

  private typealias Fault = @Sendable (RawConnection) -> Void

  private static let faults: [String: Fault] = [
    "401": { $0.reply(401, error(401, "UNAUTHORIZED", "SERVER_ERROR", "Invalid Credentials")) },
    // A server that repeats the key must not make the program repeat it.
    "401-with-key": {
      $0.reply(401, error(401, "UNAUTHORIZED", "SERVER_ERROR", "Invalid key \(key)"))
    },
    "404": {
      $0.reply(
        404, error(404, "NOT_FOUND", "SERVER_ERROR", "Application app_type 'hubspot' not found"))
    },
    "429": {
      $0.reply(
        429, error(429, "TOO_MANY_REQUESTS", "SERVER_ERROR", "Too many requests"),
        headers: "Retry-After: 1\r\n")
    },
    "500": {
      $0.reply(500, error(500, "INTERNAL_SERVER_ERROR", "SERVER_ERROR", "Something went wrong"))
    },
    "html": {
      let page = "<!doctype html><html><head><title>Sign in</title></head></html>"
      $0.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: \(page.utf8.count)\r\n\r\n\(page)"
      )
    },
    "truncated": { $0.reply(200, #"{"node_status":"Success","data":{"results":[{"id":"5"#) },
    "empty": { $0.reply(200, "") },
    "cut-off": { connection in
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"node_status\":")
      connection.close()
    },
    "hung-up": { $0.close() },
    "huge": { connection in
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n\"")
      let megabyte = [UInt8](repeating: 0x61, count: 1 << 20)
      for _ in 0..<100 { connection.send(megabyte) }
      connection.close()
    },
    "silent": { $0.waitForEnd() },
    "no-tls": { $0.reply(400, "{}") },
  ]
}
