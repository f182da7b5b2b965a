import HTTP
import RefoldActions
import RefoldTesting
import Testing

@testable import RefoldSandbox

/// The API's paths, headers, status codes and error bodies.
@Suite struct SandboxRouterTests {
  private let folder: TemporaryFolder
  private let router: SandboxRouter

  init() throws {
    folder = try TemporaryFolder()
    let engine = try SandboxEngine(databasePath: folder.file("sandbox.db")) {
      "2026-02-01T12:00:00.000Z"
    }
    router = SandboxRouter(engine: engine, apiKey: SecretString("tk_right")) { "trace" }
  }

  private func send(
    _ method: String, _ path: String, body: String = "", account: String? = "demo-user-1",
    key: String? = "tk_right", query: [HTTPServerRequest.QueryItem] = []
  ) -> HTTPServerResponse {
    var headers: [HTTPHeader] = []
    if let key { headers.append(HTTPHeader(name: "X-API-Key", value: key)) }
    if let account { headers.append(HTTPHeader(name: "linked_account_id", value: account)) }
    return router.response(
      to: HTTPServerRequest(
        method: method, path: path, query: query, headers: headers, body: Array(body.utf8)))
  }

  private static let actions = "/api/v2/integration-schema/hubspot/actions"
  private static let accounts = "/api/v2/public/linked-account"
  private static let applications = "/api/v2/public/application"

  @Test func `an answer has its type and a trace id`() {
    let response = send("GET", Self.actions)
    #expect(response.status == 200)
    #expect(response.headers.value(of: "Content-Type") == "application/json; charset=utf-8")
    #expect(response.headers.value(of: "X-Trace-ID") == "trace")
  }

  @Test func `a config is made, changed, read and deleted`() {
    let (configs, config) = ("/api/v2/public/config", "/api/v2/public/slug/hubspot/config")
    #expect(send("GET", config).status == 404)
    #expect(send("POST", configs, body: #"{"slug":"hubspot"}"#).status == 200)
    #expect(send("PUT", configs, body: #"{"slug":"hubspot","fields":{"a":[1]}}"#).status == 200)
    #expect(
      send("GET", config).text
        == #"{"slug":"hubspot","config_id":"demo-user-1","fields":[{"id":"a","name":"a","field_type":"text","#
        + #""required":false,"value":[1]}],"workflows":[],"field_errors":[]}"#)
    #expect(send("PUT", configs, body: "{").status == 400)
    #expect(send("PUT", configs, body: "{}").status == 400)
    #expect(send("PUT", configs, body: #"{"slug":"hubspt"}"#).status == 404)
    #expect(send("PUT", configs, body: #"{"slug":"hubspot"}"#, account: "nobody").status == 404)
    #expect(send("PUT", configs, body: "{}", account: nil).status == 404)
    #expect(send("GET", configs).status == 405)
    #expect(send("DELETE", config).text == #"{"message":"Installation Deleted Success"}"#)
    #expect(send("DELETE", config).status == 404)
  }

  @Test(arguments: [nil, "", "tk_wrong", "tk_righ", "tk_rightt", "tk_righttk_right"])
  func `a wrong key is refused`(key: String?) {
    let response = send("GET", Self.actions, key: key)
    #expect(response.status == 401)
    #expect(
      response.text
        == #"{"status_code":401,"http_error_type":"UNAUTHORIZED","error":"SERVER_ERROR","#
        + #""message":"Invalid Credentials"}"#)
  }

  @Test func `without a key of its own the sandbox takes any, but not none`() throws {
    let engine = try SandboxEngine(databasePath: folder.file("sandbox.db"))
    let open = SandboxRouter(engine: engine, apiKey: nil)
    func status(_ headers: [HTTPHeader]) -> Int {
      open.response(
        to: HTTPServerRequest(method: "GET", path: Self.accounts, headers: headers)
      ).status
    }
    #expect(status([HTTPHeader(name: "x-api-key", value: "anything")]) == 200)
    #expect(status([HTTPHeader(name: "x-api-key", value: "")]) == 401)
    #expect(status([]) == 401)
  }

  @Test(arguments: [Self.actions, Self.actions + "/get_contact", Self.applications])
  func `a call needs an account`(path: String) {
    let response = send("GET", path, account: nil)
    #expect(response.status == 404)
    #expect(
      response.text
        == #"{"status_code":404,"http_error_type":"NOT_FOUND","error":"MISSING_REQUIRED_FIELD","#
        + #""message":"Linked account id is required with API Key, for this resource"}"#)
  }

  @Test func `the account of an app's state may be in the query, and the header wins`() {
    let query = [HTTPServerRequest.QueryItem(name: "linked_account_id", value: "globex")]
    let path = Self.applications + "/hubspot"
    let fromQuery = send("GET", path, account: nil, query: query)
    #expect(fromQuery.text.contains(#""reauth_required":true"#))
    let fromHeader = send("GET", path, query: query)
    #expect(fromHeader.text.contains(#""reauth_required":false"#))
  }

  @Test(arguments: [
    ("GET", "/", 404), ("GET", "/api/v2/public/applications", 404),
    ("GET", "/api/v2/integration-schema//actions", 404),
    ("GET", "/api/v2/integration-schema/%ZZ/actions", 404),
    ("GET", "/api/v1/integration-schema/hubspot/actions", 404),
    ("GET", Self.actions + "/", 200), ("HEAD", Self.actions, 200),
    ("GET", Self.actions + "/get%5Fcontact", 200),
    ("POST", Self.actions + "/get_contact/execute/", 200),
    ("POST", Self.actions + "/get_contact/execute/more", 404),
  ])
  func `paths are found as they are written`(method: String, path: String, status: Int) {
    #expect(send(method, path).status == status)
  }

  @Test func `nothing at a path is said in the platform's words`() {
    #expect(
      send("GET", "/nowhere").text
        == #"{"status_code":404,"http_error_type":"NOT_FOUND","error":"RESOURCE_NOT_FOUND","#
        + #""message":"Cannot GET /nowhere"}"#)
  }

  @Test(arguments: [
    ("POST", Self.actions, "GET, HEAD"), ("DELETE", Self.applications, "GET, HEAD"),
    ("GET", Self.actions + "/get_contact/execute", "POST"),
    ("PATCH", Self.accounts, "GET, HEAD, POST, PUT"),
    ("PUT", Self.accounts + "/acme", "GET, HEAD, DELETE"),
  ])
  func `a wrong method is told the right ones`(method: String, path: String, allowed: String) {
    let response = send(method, path)
    #expect(response.status == 405)
    #expect(response.headers.value(of: "Allow") == allowed)
    #expect(response.text.contains(#""message":"Cannot \#(method) \#(path)""#))
  }

  @Test(arguments: [
    ("{", "the body is not JSON"), ("[1]", "the body must be a JSON object"),
    ("nonsense", "the body is not JSON"), ("{} {}", "the body is not JSON"),
    ("\u{1}", "the body is not JSON"),
  ])
  func `a body that is no JSON object is refused`(body: String, message: String) {
    let response = send("POST", Self.actions + "/get_contact/execute", body: body)
    #expect(response.status == 400)
    #expect(response.text.contains(#""error_code":"VALIDATION_ERROR""#))
    #expect(response.text.contains(message))
  }

  @Test func `an empty body is an empty object`() {
    let response = send("POST", Self.actions + "/get_contact/execute")
    #expect(response.status == 200)
    #expect(response.text.contains(#""node_status":"Success""#))
  }

  @Test(arguments: [
    ("slug", "salesforce", ["salesforce"]), ("slug", "nothing", []), ("auth_type", "nothing", []),
    ("tags", "nothing,Marketing", ["hubspot"]), ("ecosystem", "true", []),
  ])
  func `the list of apps is filtered`(name: String, value: String, slugs: [String]) throws {
    let query = [HTTPServerRequest.QueryItem(name: name, value: value)]
    let response = send("GET", Self.applications, query: query)
    #expect(try ApplicationStatus.list(in: response.body).map(\.slug) == slugs)
  }

  // MARK: - Linked accounts

  @Test func `an account is created, read, changed and deleted`() {
    let stamps =
      #""createdAt":"2026-02-01T12:00:00.000Z","updatedAt":"2026-02-01T12:00:00.000Z""#
    let created = send(
      "POST", Self.accounts, body: #"{"account_id":"n/1","name":"New","udf":{"tier":"gold"}}"#)
    let fields = #""udf":[{"key_name":"tier","key_value":"gold"}],"#
    #expect(created.status == 200)
    #expect(
      created.text.hasSuffix(
        #""name":"New","environment":"test","# + fields + #""integrations":null,"# + stamps + "}"))

    let read = send("GET", Self.accounts + "/n%2F1")
    #expect(read.text.contains(#""integrations":[{"#))
    #expect(read.text.contains(#""type":"hubspot""#))
    #expect(read.text.contains(fields))

    let changed = send(
      "PUT", Self.accounts,
      body: #"{"name":"no","payload":{"linked_account_id":"n/1","name":"Newer"}}"#)
    #expect(changed.text.contains(#""name":"Newer""#))
    #expect(changed.text.hasSuffix(#""new_account":false}"#))
    #expect(changed.text.contains(fields))

    let deleted = send("DELETE", Self.accounts + "/n%2F1")
    #expect(deleted.text == #"{"message":"User deleted successfully"}"#)
    #expect(send("DELETE", Self.accounts + "/n%2F1").status == 404)
    #expect(
      send("GET", Self.accounts + "/n%2F1").text
        == #"{"status_code":404,"http_error_type":"NOT_FOUND","error":"INVALID_LINKED_ACCOUNT_ID","#
        + #""message":"Linked account n/1 not found"}"#)
  }

  @Test func `an upsert makes an account that is not there, named in the body or the header`() {
    let named = send("PUT", Self.accounts, body: #"{"account_id":"a1"}"#, account: nil)
    #expect(named.text.contains(#""account_id":"a1""#))
    #expect(named.text.hasSuffix(#""new_account":true}"#))
    let fromHeader = send("PUT", Self.accounts, body: "{}", account: "a2")
    #expect(fromHeader.text.contains(#""account_id":"a2""#))
  }

  @Test func `deleting an account takes its records along`() {
    let path = Self.actions + "/create_contact/execute"
    #expect(send("POST", path, body: #"{"email":"x@example.com"}"#, account: "acme").status == 200)
    #expect(send("DELETE", Self.accounts + "/acme").status == 200)
    #expect(send("PUT", Self.accounts, body: #"{"account_id":"acme"}"#).status == 200)
    let listed = send("POST", Self.actions + "/get_contact/execute", account: "acme")
    #expect(listed.text.contains(#""results":[]"#))
  }

  @Test(arguments: [
    ("POST", "{}", "INVALID_LINKED_ACCOUNT_ID", "linked_account_id required"),
    ("POST", #"{"account_id":""}"#, "INVALID_LINKED_ACCOUNT_ID", "linked_account_id required"),
    (
      "POST", #"{"account_id":"acme"}"#, "INVALID_LINKED_ACCOUNT_ID",
      "linked_account_id 'acme' already exists in the test environment"
    ),
    ("POST", "[]", "VALIDATION_ERROR", "the body is not a JSON object: an object is needed"),
    ("PUT", "{", "VALIDATION_ERROR", "the body is not a JSON object: "),
    ("PUT", #"{"account_id":"acme","your_app":{}}"#, "VALIDATION_ERROR", "your_app is empty"),
  ])
  func `a bad account is refused`(method: String, body: String, code: String, message: String) {
    let response = send(method, Self.accounts, body: body, account: nil)
    #expect(response.status == 400)
    #expect(response.text.contains(#""\#(code)""#))
    #expect(response.text.contains(message))
  }

  @Test func `accounts are listed page by page`() {
    func items(_ pairs: KeyValuePairs<String, String>) -> [HTTPServerRequest.QueryItem] {
      pairs.map { HTTPServerRequest.QueryItem(name: $0.key, value: $0.value) }
    }
    let first = send("GET", Self.accounts, query: items(["limit": "3"]))
    #expect(
      first.text.hasSuffix(
        #""totalDocs":4,"limit":3,"totalPages":2,"page":1,"pagingCounter":1,"#
          + #""hasPrevPage":false,"hasNextPage":true,"prevPage":null,"nextPage":2}"#))
    let last = send("GET", Self.accounts, query: items(["limit": "3", "page": "2"]))
    #expect(last.text.contains(#""account_id":"globex""#))
    #expect(last.text.hasSuffix(#""hasNextPage":false,"prevPage":1,"nextPage":null}"#))
    let found = send("GET", Self.accounts, query: items(["search": "ACM"]))
    #expect(found.text.contains(#""totalDocs":1,"#))
    for bad in ["0", "-1", "x", "", "99999999999999999999"] {
      #expect(send("GET", Self.accounts, query: items(["page": bad])).status == 400)
    }
  }
}

extension HTTPServerResponse {
  fileprivate var text: String { String(decoding: body, as: UTF8.self) }
}
