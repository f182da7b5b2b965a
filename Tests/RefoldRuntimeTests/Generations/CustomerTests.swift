import RefoldActions
import RefoldTesting
import Testing

@testable import RefoldRuntime

/// What scripts see of a customer's data and of the platform's config.
@Suite struct CustomerTests {
  private func result(_ code: String, config: String? = nil, platform: String? = nil) throws
    -> String
  {
    let project = try TestProject(["scripts/main.lua": code])
    if let config { try project.write(config, "scripts/customers/acme/config.lua") }
    let backend = ScriptedBackend { call in
      guard case .config = call.operation else { return nil }
      guard let platform else {
        return .success(
          Reply(
            status: 404,
            body: Array(
              #"{"status_code":404,"error_code":"SERVER_ERROR","message":"Config with config id acme not found"}"#
                .utf8)))
      }
      return .success(Reply(status: 200, body: Array(platform.utf8)))
    }
    return Lane(backend: backend).run(try project.current(), RunOptions(account: "acme")).text
  }

  private static let platform = #"""
    {"slug":"crm","config_id":"acme","fields":[
      {"id":"region","name":"Region","field_type":"select","value":"us"},
      {"id":"map","name":"Fields","field_type":"map","value":{"email":"mail","phone":"tel"}},
      {"id":"list","value":["a","b"]},{"id":"size","defaultValue":50},{"id":"empty","value":null},
      {"id":"none"},{"name":"no id","value":1}],
     "workflows":[{"id":"w1","name":"Sync","enabled":true,"fields":[{"id":"hour","value":3}]}]}
    """#

  @Test func `the platform's config is a table of values by the ids of fields`() throws {
    #expect(
      try result("return refold.config('crm')", platform: Self.platform)
        == #"{"config_id":"acme","fields":{"list":["a","b"],"map":{"email":"mail","phone":"tel"},"region":"us","size":50},"#
        + #""workflows":{"w1":{"enabled":true,"fields":{"hour":3}}}}"#)
  }

  @Test func `what the customer's file says lies over what the platform says`() throws {
    let config = """
      return { note = "all", fields = { region = "eu", map = { phone = "mobile" } }, apps = {
        crm = { note = "crm", fields = { list = { "c" } } }, mail = { note = "mail" } } }
      """
    #expect(
      try result("return refold.config('crm')", config: config, platform: Self.platform)
        == #"{"config_id":"acme","fields":{"list":["c"],"map":{"email":"mail","phone":"mobile"},"region":"eu","size":50},"#
        + #""note":"crm","workflows":{"w1":{"enabled":true,"fields":{"hour":3}}}}"#)
  }

  @Test func `without a config on the platform the file's data is all`() throws {
    #expect(
      try result(
        "return refold.config('crm')", config: "return { a = 1, apps = { crm = { b = 2 } } }")
        == #"{"a":1,"b":2}"#)
    #expect(try result("return refold.config('crm')") == "{}")
  }

  @Test func `each call gives a table of its own`() throws {
    #expect(
      try result(
        "local a = refold.config() a.x = 2 return refold.config().x", config: "return { x = 1 }")
        == "1")
  }

  @Test func `an app that there is not is named`() throws {
    #expect(try result("return refold.config('crn')") == "unknown_app: no app 'crn'")
  }

  @Test func `a platform that answers something else is an error, not an empty config`() throws {
    for platform in ["[1]", "7", "<html>"] {
      let text = try result("return refold.config('crm')", platform: platform)
      #expect(text.contains("_answer: the answer is "), "\(platform): \(text)")
    }
  }

  @Test(arguments: [
    ("acme", "acme"), ("a.b-c_d@e+f", "a.b-c_d@e+f"), ("a/b", "a%2Fb"), (".", "%2E"),
    ("..", "%2E."), ("x y", "x%20y"), ("zoë", "zo%C3%AB"), ("100%", "100%25"),
    ("%2E", "%252E"), ("a\\b\u{0}", "a%5Cb%00"),
  ])
  func `an account's folder has a name of its own`(account: String, folder: String) {
    #expect(AccountFolder.name(of: account) == folder)
  }

  @Test func `an id that can name no folder is refused`() throws {
    #expect(AccountFolder.name(of: "") == nil)
    #expect(AccountFolder.name(of: String(repeating: "a", count: 255))?.count == 255)
    #expect(AccountFolder.name(of: String(repeating: "a", count: 256)) == nil)
    let project = try TestProject(["scripts/main.lua": "return 1"])
    #expect {
      try project.current(account: String(repeating: "é", count: 50))
    } throws: { error in
      (error as? RunFailure)?.message
        == "the account's id is too long for a folder's name: 100 bytes"
    }
  }
}
