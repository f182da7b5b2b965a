import RefoldActions
import Testing

@Suite struct ReplyClassifierTests {
  static let read = ActionCall(
    operation: .execute(app: "hubspot", action: "get_contact"), account: "demo-user-1")
  static let write = ActionCall(
    operation: .execute(app: "hubspot", action: "create_contact"), account: "demo-user-1",
    effect: .write)

  static func reply(_ status: Int, _ body: String) -> Reply {
    Reply(status: status, body: Array(body.utf8), traceID: "t-1", retryAfter: nil)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var status: Int
    var body: String
    var kind: ActionError.Kind
    var writeKind: ActionError.Kind?
    var code: String
    var message: String
    var testDescription: String { "\(status) \(body)" }
  }

  static let rows = [
    Row(
      status: 400,
      body:
        #"{"status_code":400,"http_error_type":"BAD_REQUEST","error_code":"VALIDATION_ERROR","message":"Required parameter 'email' is missing"}"#,
      kind: .permanent, code: "VALIDATION_ERROR",
      message: "the API rejected the request: Required parameter 'email' is missing"),
    Row(
      status: 401,
      body:
        #"{"status_code":401,"http_error_type":"UNAUTHORIZED","error":"SERVER_ERROR","message":"Invalid Credentials"}"#,
      kind: .auth, code: "SERVER_ERROR", message: "the API refused the key: Invalid Credentials"),
    Row(
      status: 403, body: #"{"http_error_type":"FORBIDDEN","message":"no."}"#,
      kind: .auth, code: "FORBIDDEN", message: "the API does not allow this: no"),
    Row(
      status: 404,
      body:
        #"{"status_code":404,"http_error_type":"NOT_FOUND","error_code":"SERVER_ERROR","message":"Action x not found in Application hubspot"}"#,
      kind: .permanent, code: "SERVER_ERROR",
      message: "the API did not find it: Action x not found in Application hubspot"),
    Row(
      status: 404, body: #"{"error":"MISSING_REQUIRED_FIELD","message":"Missing API Key"}"#,
      kind: .auth, code: "MISSING_REQUIRED_FIELD",
      message: "the API refused the key: Missing API Key"),
    Row(
      status: 404, body: #"{"error":"SERVER_ERROR","message":"Missing API Key"}"#,
      kind: .auth, code: "SERVER_ERROR", message: "the API refused the key: Missing API Key"),
    Row(
      status: 404,
      body:
        #"{"error":"MISSING_REQUIRED_FIELD","message":"Linked account id is required with API Key, for this resource"}"#,
      kind: .auth, code: "MISSING_REQUIRED_FIELD",
      message:
        "the API misses the linked account: Linked account id is required with API Key, for this resource"
    ),
    Row(
      status: 400, body: #"{"error_code":"INVALID_LINKED_ACCOUNT_ID","message":"unknown"}"#,
      kind: .permanent, code: "INVALID_LINKED_ACCOUNT_ID",
      message: "the API does not know the linked account: unknown"),
    Row(
      status: 409, body: #"{"message":"duplicate"}"#, kind: .permanent, code: "http_409",
      message: "the API reports a conflict: duplicate"),
    Row(
      status: 413, body: "", kind: .permanent, code: "http_413",
      message: "the API takes no request that large (empty answer)"),
    Row(
      status: 418, body: "{}", kind: .permanent, code: "http_418",
      message: "the API answered with status 418 (no explanation)"),
    Row(
      status: 422, body: #"{"message":["email is bad","phone is bad"]}"#, kind: .permanent,
      code: "http_422", message: "the API rejected the request: email is bad; phone is bad"),
    Row(
      status: 425, body: "", kind: .transient, writeKind: .transient, code: "http_425",
      message: "the API is not ready yet (empty answer)"),
    Row(
      status: 429, body: #"{"message":"Too Many Requests"}"#, kind: .transient,
      writeKind: .transient, code: "http_429",
      message: "the API takes no more requests for now: Too Many Requests"),
    Row(
      status: 500,
      body: #"{"error_code":"SERVER_ERROR","message":"Failed to verify credentials: x"}"#,
      kind: .auth, code: "SERVER_ERROR",
      message: "the API could not use the stored credentials: Failed to verify credentials: x"),
    Row(
      status: 500, body: #"{"message":"Server Error","error":"pool exhausted"}"#, kind: .transient,
      writeKind: .unknownOutcome, code: "http_500",
      message: "the API failed: Server Error: pool exhausted"),
    Row(
      status: 500, body: #"{"error":{"code":"E_DB","message":"down","x":[1]}}"#, kind: .transient,
      writeKind: .unknownOutcome, code: "E_DB", message: "the API failed: down"),
    Row(
      status: 501, body: #"{"http_error_type":"NOT_IMPLEMENTED"}"#, kind: .permanent,
      code: "NOT_IMPLEMENTED", message: "the API does not support this (no explanation)"),
    Row(
      status: 502, body: "<html><head><TITLE>502 Bad\nGateway</TITLE></head></html>",
      kind: .transient, writeKind: .unknownOutcome, code: "http_502",
      message: "the API failed (HTML page titled '502 Bad Gateway')"),
    Row(
      status: 503, body: "upstream connect error\r\n\u{1B}[31mreset", kind: .transient,
      writeKind: .unknownOutcome, code: "http_503",
      message: "the API failed: upstream connect error [31mreset"),
    Row(
      status: 504, body: "  ", kind: .transient, writeKind: .unknownOutcome, code: "http_504",
      message: "the API failed (empty answer)"),
    Row(
      status: 500, body: #"{"error_code":"SERVER_ERROR","message":"half","a":["#, kind: .transient,
      writeKind: .unknownOutcome, code: "SERVER_ERROR", message: "the API failed: half"),
    Row(
      status: 408, body: "", kind: .transient, writeKind: .unknownOutcome, code: "http_408",
      message: "the API failed (empty answer)"),
    Row(
      status: 302, body: "<a>", kind: .permanent, code: "http_302",
      message: "the API redirects elsewhere (HTML page)"),
    Row(
      status: 700, body: "", kind: .transient, writeKind: .unknownOutcome, code: "http_700",
      message: "the API failed (empty answer)"),
  ]

  @Test(arguments: rows)
  func `a status decides what a failed read is`(row: Row) throws {
    let failure = ReplyClassifier.failure(of: Self.reply(row.status, row.body), to: Self.read)
    let error = try #require(failure)
    #expect(error.kind == row.kind)
    #expect(error.code == row.code)
    #expect(error.message == row.message)
    #expect(error.status == row.status)
    #expect(error.retryable == (row.kind == .transient))
    #expect(error.traceID == "t-1")
    #expect(error.app == "hubspot")
    #expect(error.action == "get_contact")
    #expect(error.account == "demo-user-1")
  }

  @Test(arguments: rows)
  func `a failed write is retryable only when it was certainly not applied`(row: Row) throws {
    let failure = ReplyClassifier.failure(of: Self.reply(row.status, row.body), to: Self.write)
    let error = try #require(failure)
    let kind = row.writeKind ?? row.kind
    #expect(error.kind == kind)
    #expect(error.retryable == (kind == .transient))
    let tail = kind == .unknownOutcome ? ", so the write may have been applied" : ""
    #expect(error.message == row.message + tail)
    if kind == .unknownOutcome {
      #expect(
        error.hint == "look in 'hubspot' whether it was applied before sending it again")
    }
  }

  @Test(arguments: [
    (401, "", "check REFOLD_API_KEY: keys begin with 'pk' (production) or 'tk' (test)" as String?),
    (
      403, "",
      "check that the key may do this, and that account 'demo-user-1' is in its environment"
    ),
    (400, "{}", "see the parameters with 'refold actions hubspot get_contact'"),
    (404, "{}", "list the actions with 'refold actions hubspot'"),
    (
      404, "<html>",
      "check REFOLD_BASE_URL: a login page or a proxy may answer there instead of the API"
    ),
    (
      404, #"{"message":"Linked account id is required with API Key, for this resource"}"#,
      "check the linked account id 'demo-user-1' and that it is in the key's environment"
    ),
    (500, "", "try again; if it stays, ask support and name the trace id"),
    (
      500, #"{"message":"Failed to verify credentials: bad"}"#,
      "reconnect 'hubspot' for account 'demo-user-1', then run again"
    ),
    (429, "", "wait, and send fewer calls at once"),
    (413, "", "send less at once"),
    (
      301, "", "check REFOLD_BASE_URL: a login page or a proxy may answer there instead of the API"
    ),
    (409, "", nil),
  ])
  func `a hint says what to do`(status: Int, body: String, hint: String?) {
    let error = ReplyClassifier.failure(of: Self.reply(status, body), to: Self.read)
    #expect(error?.hint == hint)
  }

  @Test func `the wait that a reply asks for is kept`() {
    var reply = Self.reply(429, "")
    reply.retryAfter = .milliseconds(2500)
    let error = ReplyClassifier.failure(of: reply, to: Self.write)
    #expect(error?.retryAfter == .milliseconds(2500))
    #expect(error?.hint == "wait 3 s, and send fewer calls at once")
  }

  @Test func `a list of apps that fails is about no app`() {
    let call = ActionCall(operation: .applications, account: "")
    let error = ReplyClassifier.failure(
      of: Self.reply(404, #"{"error":"MISSING_LINKED_ACCOUNT_ID"}"#), to: call)
    #expect(
      error?.description == """
        the API misses the linked account (no explanation)
          fix: name the linked account with '--account ID'
          status 404, code MISSING_LINKED_ACCOUNT_ID, trace id t-1
        """)
  }

  @Test(arguments: ["{}", " {\"a\":", "[]", "\"x\"", "-1", "0", "true", "null", "\n\n[1"])
  func `a 2xx reply that may be JSON is no failure yet`(body: String) {
    #expect(ReplyClassifier.failure(of: Self.reply(200, body), to: Self.write) == nil)
  }

  @Test(arguments: [
    ("", "empty_answer", "the answer is empty", ActionError.Kind.transient),
    (" \r\n", "empty_answer", "the answer is empty", .transient),
    (
      "<!doctype html><title>Sign in</title>", "html_answer",
      "the answer is an HTML page titled 'Sign in', not JSON", .permanent
    ),
    ("<p>", "html_answer", "the answer is an HTML page, not JSON", .permanent),
    ("OK", "malformed_answer", "the answer is not JSON", .permanent),
  ])
  func `a 2xx reply without JSON is a failure`(
    body: String, code: String, message: String, kind: ActionError.Kind
  ) throws {
    let reply = Self.reply(200, body)
    let read = try #require(ReplyClassifier.failure(of: reply, to: Self.read))
    #expect(read.kind == kind)
    #expect(read.code == code)
    #expect(read.message == message)
    #expect(read.retryable == (kind == .transient))
    let write = try #require(ReplyClassifier.failure(of: reply, to: Self.write))
    #expect(write.kind == .unknownOutcome)
    #expect(write.code == code)
    #expect(write.message == message + ", so the write may have been applied")
    #expect(!write.retryable)
  }

  @Test func `a body that cannot be decoded is told from a write that may be lost`() {
    let reply = Self.reply(200, "{")
    let reason = "expected a name in quotes, found the end at byte 1"
    #expect(
      ReplyClassifier.unusable(reply, to: Self.read, because: reason).description == """
        hubspot.get_contact: the answer is not usable JSON: \(reason)
          fix: try again; if it stays, ask support and name the trace id
          status 200, code malformed_answer, trace id t-1
        """)
    #expect(
      ReplyClassifier.unusable(reply, to: Self.write, because: reason).description == """
        hubspot.create_contact: the answer is not usable JSON: \(reason), so the write may have been applied
          fix: look in 'hubspot' whether it was applied before sending it again
          status 200, code malformed_answer, trace id t-1
        """)
  }

  @Test(arguments: [
    (#"{"data":{"a":[1,2"#, ActionError.Kind.transient),
    (#"{"data":{"message":"bad gateway"},"http_status":502,"node_status":"Failed"}"#, .transient),
    (#"{"success":false,"message":"no"}"#, .permanent), (#"{"data":[1 2]}"#, .transient),
    (#"{"node_status":"Success","data":{}}"#, nil), (#"{"data":{},"node_status":"Success"} "#, nil),
    (#"{"success":true,"data":[1]}"#, nil), (#"{"data":[1]}"#, nil), ("[1,2]\n", nil),
  ])
  func `the body of a reply to a read tells whether to read again`(
    body: String, kind: ActionError.Kind?
  ) {
    let reply = Self.reply(200, body)
    let found = ReplyClassifier.failureInBody(of: reply, to: Self.read)
    #expect(found?.kind == kind)
    #expect(ReplyClassifier.failureInBody(of: reply, to: Self.write) == nil)
  }

  @Test func `a list is decoded, or the error says why not`() throws {
    let call = ActionCall(operation: .actions(app: "hubspot"), account: "a")
    let list = #"[{"action_id":"get_contact"}]"#
    #expect(
      try ReplyClassifier.decoded(Self.reply(200, list), to: call, by: ActionSummary.list(in:))
        == [ActionSummary(actionID: "get_contact", name: "get_contact")])
    let failed = #expect(throws: ActionError.self) {
      try ReplyClassifier.decoded(Self.reply(401, ""), to: call, by: ActionSummary.list(in:))
    }
    #expect(failed?.kind == .auth)
    let wrong = #expect(throws: ActionError.self) {
      try ReplyClassifier.decoded(Self.reply(200, "{}"), to: call, by: ActionSummary.list(in:))
    }
    #expect(
      wrong?.description == """
        hubspot: the answer is not usable JSON: expected an array, or an object with 'actions' at byte 0
          fix: try again; if it stays, ask support and name the trace id
          status 200, code malformed_answer, trace id t-1
        """)
  }
}
