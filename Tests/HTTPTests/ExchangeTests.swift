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
}
