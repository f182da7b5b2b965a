import Glibc
import HTTP
import RefoldTesting
import Testing

/// In processes of their own: the environment belongs to the whole process.
@Suite struct ProxyTests {
  @Test func `the proxy of the environment is used`() async {
    await #expect(processExitsWith: .success) {
      let proxy = try RawServer { connection in
        _ = connection.readRequest()
        connection.reply(200, "from the proxy")
      }
      setenv("http_proxy", proxy.url, 1)
      unsetenv("no_proxy")
      unsetenv("NO_PROXY")
      let client = try HTTPClient(userAgent: "test/1")
      let outcome = client.send(HTTPRequest(url: "http://nosuch.invalid/x"))
      #expect(text(outcome) == "200 from the proxy")
      #expect(proxy.requests.first?.hasPrefix("GET http://nosuch.invalid/x HTTP/1.1\r\n") == true)
    }
  }

  @Test func `a proxy that refuses the tunnel got none of the request`() async {
    await #expect(processExitsWith: .success) {
      let proxy = try RawServer { connection in
        _ = connection.readRequest()
        connection.reply(403, "no")
      }
      setenv("https_proxy", proxy.url, 1)
      unsetenv("no_proxy")
      unsetenv("NO_PROXY")
      let client = try HTTPClient(userAgent: "test/1")
      let key = HTTPHeader(name: "x-api-key", value: "secret")
      let error = client.send(
        HTTPRequest(method: .post, url: "https://nosuch.invalid/x", headers: [key])
      ).error
      #expect(error?.code == .connectionFailed)
      #expect(error?.message == "no way to nosuch.invalid:443: CONNECT tunnel failed, response 403")
      #expect(error?.wasSent == false)
      #expect(proxy.requests.first?.contains("\r\nUser-Agent: test/1\r\n") == true)
      #expect(proxy.requests.first?.contains("secret") == false)
    }
  }

  @Test func `a proxy that is not there is not mistaken for the server`() async {
    await #expect(processExitsWith: .success) {
      let port = try RawServer.unusedPort()
      setenv("http_proxy", "http://127.0.0.1:\(port)", 1)
      unsetenv("no_proxy")
      unsetenv("NO_PROXY")
      let client = try HTTPClient(userAgent: "test/1")
      let error = client.send(HTTPRequest(url: "http://nosuch.invalid/x")).error
      #expect(error?.code == .connectionFailed)
      #expect(
        error?.message.hasPrefix(
          "no way to nosuch.invalid:80: Failed to connect to 127.0.0.1 port \(port)") == true)
      #expect(error?.wasSent == false)
    }
  }

  @Test func `this machine is reached without a proxy`() async {
    await #expect(processExitsWith: .success) {
      let proxy = try RawServer { connection in
        _ = connection.readRequest()
        connection.reply(200, "from the proxy")
      }
      let server = try RawServer { connection in
        _ = connection.readRequest()
        connection.reply(200, "from the server")
      }
      setenv("http_proxy", proxy.url, 1)
      setenv("no_proxy", "other.example.com", 1)
      let client = try HTTPClient(userAgent: "test/1")
      #expect(text(client.send(HTTPRequest(url: server.url))) == "200 from the server")
      #expect(proxy.requests.isEmpty)
    }
  }
}
