import RefoldActions
import Testing

@testable import RefoldSandbox

/// What holds for every app of the sandbox.
@Suite struct ConnectorTests {
  private static let apps = ["hubspot", "netsuite", "salesforce", "slack"]

  private static func actions(of app: String, _ engine: SandboxEngine) throws -> [String] {
    let call = ActionCall(operation: .actions(app: app), account: "demo-user-1")
    return try ActionSummary.list(in: engine.reply(to: call).body).map(\.actionID)
  }

  @Test func `the apps are these`() throws {
    try withEngine { engine in #expect(engine.apps == Self.apps) }
  }

  @Test(arguments: apps) func `every action has a name of its own, a description and a schema`(
    app: String
  ) throws {
    try withEngine { engine in
      let call = ActionCall(operation: .actions(app: app), account: "acme")
      let actions = try ActionSummary.list(in: engine.reply(to: call).body)
      #expect(actions.count >= 8)
      #expect(Set(actions.map(\.actionID)).count == actions.count)
      for action in actions {
        #expect(!action.description.isEmpty && action.name != action.actionID)
        let look = ActionCall(
          operation: .schema(app: app, action: action.actionID), account: "acme")
        let parameters = try ActionParameter.list(in: engine.reply(to: look).body)
        #expect(Set(parameters.map(\.name)).count == parameters.count)
        let types = Set(parameters.map(\.type))
        #expect(types.isSubset(of: ["text", "textarea", "number", "boolean", "json"]))
      }
    }
  }

  /// The effects are told by the verbs; an app that needs another word for it has to declare it.
  @Test(arguments: apps) func `exactly these actions only read`(app: String) throws {
    let reading: [String: Set<String>] = [
      "hubspot": [
        "get_contact", "get_contact_by_id", "search_contacts", "get_companies", "get_company_by_id",
        "search_companies", "get_deals", "get_deal_by_id", "search_deals", "search_tasks_v3",
      ],
      "netsuite": [
        "get_list_of_records_invoice", "get_record_invoice", "get_list_of_records_customer",
        "get_record_customer",
      ],
      "salesforce": [
        "get_entity_with_soql", "get_contacts", "get_contact_by_id", "get_accounts",
        "get_account_by_id",
        "get_leads", "get_lead_by_id", "get_opportunities", "get_opportunity_by_id",
      ],
      "slack": ["get_messages", "get_channels", "get_users", "find_user_by_email"],
    ]
    try withEngine { engine in
      let rules = EffectRules()
      let read = try Self.actions(of: app, engine).filter { action in
        rules.effect(
          app: app, action: action, method: nil,
          connector: engine.declaredEffect(app: app, action: action)) == .read
      }
      #expect(Set(read) == reading[app])
    }
  }

  /// A read that wrote would be repeated after a failure; nothing may change the file.
  @Test(arguments: apps) func `an action that reads changes no record`(app: String) throws {
    try withEngine { engine in
      let rules = EffectRules()
      let body =
        #"{"contact_id":"51","company_id":"201","deal_id":"301","account_id":"1","lead_id":"1","#
        + #""opportunity_id":"1","id":"701","channel":"general","email":"ada.lovelace@example.com","#
        + #""query":"SELECT Id FROM Contact","propertyName":"email","operator":"EQ","value":"x"}"#
      for action in try Self.actions(of: app, engine)
      where rules.effect(app: app, action: action, method: nil) == .read {
        let before = try engine.store.fingerprint()
        #expect(try execute(engine, app, action, body).status == 200)
        #expect(try engine.store.fingerprint() == before)
      }
    }
  }

  @Test(arguments: apps) func `a raw call is refused, for there is no app behind the sandbox`(
    app: String
  ) throws {
    try withEngine { engine in
      let body = try execute(engine, app, "httprequest", #"{"url_path":"/v1/x","method":"GET"}"#)
        .body
      #expect(body.contains(#""http_status":501"#))
    }
  }
}

extension SandboxStore {
  /// All records as one text.
  fileprivate func fingerprint() throws -> String {
    let statement = try database.statement(
      "SELECT group_concat(account || app || kind || id || body, '|') FROM (SELECT * FROM records ORDER BY 1, 2, 3, 4)"
    )
    defer { statement.reset() }
    return try statement.step() ? statement.text(0) ?? "" : ""
  }
}
