import RefoldActions
import Testing

@Suite struct EffectRulesTests {
  @Test(arguments: [
    "get_contact", "list_customers", "search_contacts", "find_one", "fetch_page", "read_file",
    "query_records", "count_documents", "describe_object", "lookup_user", "retrieve_invoice",
    "check_appointment_availability", "exists", "download_file", "export_report",
    "get_entity_with_soql", "get_list_of_records_invoice", "search_tasks_v3", "get_case_by_id",
    "Get_Transaction_Tax_Codes", "getContacts", "GetHTTPStatus", "get-contact", "get contact",
    "list_updated_contacts", "get_deleted_records", "get_refund", "list_schedule",
    "get_accounts_and_contacts", "list_posts", "get_settings", "get_address", "LIST_CONTACTS",
  ])
  func `an action reads when its first word reads and no word writes`(action: String) {
    #expect(EffectRules().effect(app: "any", action: action, method: nil) == .read)
  }

  @Test(arguments: [
    "create_contact", "update_contact", "delete_contact", "upsert_contact", "send_message",
    "find_one_and_update", "findOneAndDelete", "FindOneAndReplace", "get_or_create_contact",
    "getOrCreateContact", "search_and_merge", "list_then_archive", "fetch_and_process",
    "find_or_book", "read_write_cell", "get_and_refund", "bulk_write", "insert_many", "aggregate",
    "ping", "cancel_invoice", "release_purchase_order", "create_material_bom_item", "import_rows",
    "getcontacts", "contacts_get", "", "_", "42", "update_list", "UPDATE_CONTACT", "GET_OR_CREATE",
  ])
  func `anything else writes`(action: String) {
    #expect(EffectRules().effect(app: "any", action: action, method: nil) == .write)
  }

  @Test(arguments: [
    ("GET" as String?, Effect.read), ("get", .read), ("HEAD", .read), ("OPTIONS", .read),
    ("POST", .write), ("PUT", .write), ("PATCH", .write), ("DELETE", .write), ("", .write),
    (nil, .write),
    ("GETT", .write),
  ])
  func `httprequest goes by its method`(method: String?, effect: Effect) {
    for action in ["httprequest", "http_request", "httpRequest", "HTTPRequest"] {
      #expect(EffectRules().effect(app: "hubspot", action: action, method: method) == effect)
    }
  }

  @Test func `the method decides for httprequest alone`() {
    #expect(EffectRules().effect(app: "a", action: "create_contact", method: "GET") == .write)
    #expect(EffectRules().effect(app: "a", action: "get_contact", method: "POST") == .read)
  }

  @Test func `an override outranks the connector, which outranks the rules`() {
    let rules = EffectRules(overrides: ["mongodb.aggregate": .read, "hubspot.get_contact": .write])
    #expect(rules.effect(app: "mongodb", action: "aggregate", method: nil) == .read)
    #expect(rules.effect(app: "other", action: "aggregate", method: nil) == .write)
    #expect(
      rules.effect(app: "hubspot", action: "get_contact", method: nil, connector: .read) == .write)
    #expect(rules.effect(app: "a", action: "ping", method: nil, connector: .read) == .read)
    #expect(rules.effect(app: "a", action: "get_x", method: nil, connector: .write) == .write)
  }
}
