import RefoldActions
import Testing

@Suite struct EnvelopeTests {
  static func failure(_ body: String, _ call: ActionCall) throws -> ActionError? {
    let reply = ReplyClassifierTests.reply(200, body)
    return ReplyClassifier.failure(
      ofEnvelope: try Envelope.read(from: reply.body), reply: reply, call: call)
  }

  @Test(arguments: [
    #"{"node_status":"Success","data":{"id":"51"}}"#,
    #"{"data":{"success":false},"node_status":"Success","http_status":200}"#,
    #"{"success":true,"data":{"node_status":"Failed"}}"#,
    #"{"node_status":"success","http_status":"201"}"#,
    #"{"node_status":null,"success":null,"http_status":null,"data":[]}"#,
    "{}",
  ])
  func `each documented envelope of success is one`(body: String) throws {
    #expect(try Self.failure(body, ReplyClassifierTests.read) == nil)
    #expect(try Self.failure(body, ReplyClassifierTests.write) == nil)
  }

  @Test(arguments: [
    (#"{"message":"Contact already exists"}"#, "Contact already exists"),
    (#"[{"errorCode":"NOT_FOUND","message":"no such id"},{"message":"second"}]"#, "no such id"),
    (#"{"ok":false,"error":"channel_not_found"}"#, "channel_not_found"),
    (#"{"title":"Bad Request","o:errorDetails":[{"detail":"bad query"}]}"#, "bad query"),
    (#"{"title":"Not Found","status":404}"#, "Not Found"),
    (#"{"message":{"nested":1}}"#, nil), ("[]", nil), ("[1]", nil), (#""text""#, nil), ("3", nil),
  ])
  func `what the app itself says is taken from the data`(data: String, said: String?) throws {
    let body = #"{"node_status":"Failed","http_status":400,"data":\#(data)}"#
    #expect(try Envelope.read(from: Array(body.utf8)).message == said)
    let told = #"{"data":\#(data),"message":"the platform's words","success":false}"#
    #expect(try Envelope.read(from: Array(told.utf8)).message == "the platform's words")
  }

  @Test(arguments: [
    (
      #"{"node_status":"Failed","data":{}}"#, ActionError.Kind.permanent, 200, "call_failed",
      "'hubspot' failed: node_status is 'Failed'"
    ),
    (
      #"{"node_status":"Errored","message":"no such\nproperty","error_code":"BAD"}"#, .permanent,
      200, "BAD", "'hubspot' failed: no such property"
    ),
    (#"{"success":false}"#, .permanent, 200, "call_failed", "'hubspot' failed"),
    (
      #"{"success":false,"error":"quota","message":"Server Error"}"#, .permanent, 200,
      "call_failed", "'hubspot' failed: Server Error: quota"
    ),
    (
      #"{"node_status":"Success","http_status":404}"#, .permanent, 404, "http_404",
      "'hubspot' did not find it"
    ),
    (
      #"{"node_status":"Failed","http_status":401,"message":"expired"}"#, .auth, 401, "http_401",
      "'hubspot' refused the key: expired"
    ),
    (
      #"{"node_status":"Failed","http_status":429}"#, .transient, 429, "http_429",
      "'hubspot' takes no more requests for now"
    ),
  ])
  func `any part that says failure makes the reply one`(
    body: String, kind: ActionError.Kind, status: Int, code: String, message: String
  ) throws {
    for call in [ReplyClassifierTests.read, ReplyClassifierTests.write] {
      let error = try #require(try Self.failure(body, call))
      #expect(error.kind == kind)
      #expect(error.status == status)
      #expect(error.code == code)
      #expect(error.message == message)
      #expect(error.retryable == (kind == .transient))
    }
  }

  @Test func `an app that fails during a write leaves the outcome unknown`() throws {
    let body = #"{"node_status":"Failed","http_status":502}"#
    #expect(
      try Self.failure(body, ReplyClassifierTests.read)?.description == """
        hubspot.get_contact: 'hubspot' failed
          fix: try again; if it stays, ask support and name the trace id
          status 502, code http_502, trace id t-1
        """)
    #expect(
      try Self.failure(body, ReplyClassifierTests.write)?.description == """
        hubspot.create_contact: 'hubspot' failed, so the write may have been applied
          fix: look in 'hubspot' whether it was applied before sending it again
          status 502, code http_502, trace id t-1
        """)
  }

  @Test func `an app that refuses has to be reconnected`() throws {
    let error = try Self.failure(#"{"http_status":401}"#, ReplyClassifierTests.read)
    #expect(error?.hint == "reconnect 'hubspot' for account 'demo-user-1', then run again")
  }

  @Test(arguments: [
    ("[]", "expected an object at byte 0"), ("7", "expected an object at byte 0"),
    ("{} x", "text after the end of the document at byte 3"),
    (#"{"data":"#, "expected a value, found the end at byte 8"),
  ])
  func `a body without an envelope is an error`(body: String, message: String) {
    let error = #expect(throws: JSONScanError.self) { try Envelope.read(from: Array(body.utf8)) }
    #expect(error?.description == message)
  }
}
