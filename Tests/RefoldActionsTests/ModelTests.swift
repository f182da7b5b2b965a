import RefoldActions
import Testing

@Suite struct ModelTests {
  @Test(arguments: [
    #"[{"action_id":"get_contact","name":"Get","description":"d","tag":"v2"},{"action_id":"b"}]"#,
    #"{"actions":[{"action_id":"get_contact","name":"Get","description":"d","tag":"v2","x":[{}]},{"action_id":"b"}]}"#,
    #"{"success":true,"data":[{"name":"Get","tag":"v2","description":"d","action_id":"get_contact"},{"action_id":"b","tag":null}]}"#,
    #"[{"action_id":"get_contact","name":"Get","description":"d","tag":"v2"},{"name":"no id"},7,null,"x",{"action_id":"b"}]"#,
  ])
  func `a list of actions may come bare or wrapped`(body: String) throws {
    #expect(
      try ActionSummary.list(in: Array(body.utf8)) == [
        ActionSummary(actionID: "get_contact", name: "Get", description: "d", tag: "v2"),
        ActionSummary(actionID: "b", name: "b"),
      ])
  }

  @Test(arguments: [
    #"[{"name":"email","label":"Email","required":true,"type":"text"},{"name":"limit"}]"#,
    #"{"parameters":[{"name":"email","label":"Email","required":"true","type":"text"},{"name":"limit","required":null,"type":7}]}"#,
    #"{"data":[{"name":"email","label":"Email","required":true,"type":"text","options":[{"a":1}]},{"name":"limit","required":"no"},{}]}"#,
  ])
  func `a parameter is optional text unless it says otherwise`(body: String) throws {
    #expect(
      try ActionParameter.list(in: Array(body.utf8)) == [
        ActionParameter(name: "email", label: "Email", required: true, type: "text"),
        ActionParameter(name: "limit", label: "limit", required: false, type: "text"),
      ])
  }

  @Test func `unknown parameter types pass through`() throws {
    let body = Array(#"[{"name":"a","type":"lookup"}]"#.utf8)
    #expect(try ActionParameter.list(in: body) == [ActionParameter(name: "a", type: "lookup")])
  }

  @Test(arguments: ["[]", #"{"actions":[]}"#, #"{"data":[]}"#, #"{"actions":7,"data":[]}"#])
  func `a list may be empty`(body: String) throws {
    #expect(try ActionSummary.list(in: Array(body.utf8)) == [])
  }

  @Test(arguments: [
    ("{}", "expected an array, or an object with 'actions' at byte 0"),
    (#"{"actions":{}}"#, "expected an array, or an object with 'actions' at byte 0"),
    ("7", "expected an array, or an object with 'actions' at byte 0"),
    ("", "expected a value, found the end at byte 0"),
    (#"[{"action_id":"a"}"#, "expected ',' or ']', found the end at byte 18"),
    ("[] x", "text after the end of the document at byte 3"),
  ])
  func `a body without a list says what is missing`(body: String, message: String) {
    let error = #expect(throws: JSONScanError.self) {
      try ActionSummary.list(in: Array(body.utf8))
    }
    #expect(error?.description == message)
  }

  @Test(arguments: [
    (#"{"slug":"hubspot"}"#, ApplicationStatus.Connection.notConnected),
    (#"{"slug":"hubspot","connected":false,"reauth_required":true}"#, .notConnected),
    (#"{"slug":"hubspot","connected":true,"reauth_required":false}"#, .connected),
    (#"{"slug":"hubspot","connected":true}"#, .connected),
    (#"{"slug":"hubspot","connected":true,"reauth_required":true}"#, .reauthRequired),
    (#"[{"slug":"hubspot","connected":true},{"slug":"slack"}]"#, .connected),
    (
      #"{"slug":"hubspot","connected":true,"connected_accounts":[{"identifier":{"portalId":1}}]}"#,
      .connected
    ),
  ])
  func `the connection of an app follows from two facts`(
    body: String, connection: ApplicationStatus.Connection
  ) throws {
    let application = try ApplicationStatus.one(in: Array(body.utf8))
    #expect(application.slug == "hubspot")
    #expect(application.name == "hubspot")
    #expect(application.connection == connection)
  }

  @Test func `apps are listed in order`() throws {
    let body = Array(#"[{"slug":"b","name":"B","connected":true},{"x":1},{"slug":"a"}]"#.utf8)
    #expect(
      try ApplicationStatus.list(in: body) == [
        ApplicationStatus(slug: "b", name: "B", connected: true, reauthRequired: false),
        ApplicationStatus(slug: "a", name: "a", connected: false, reauthRequired: false),
      ])
  }

  @Test(arguments: ["{}", "[]", #"{"name":"x"}"#])
  func `a body without an app is an error`(body: String) {
    #expect(throws: JSONScanError.self) { try ApplicationStatus.one(in: Array(body.utf8)) }
  }
}
