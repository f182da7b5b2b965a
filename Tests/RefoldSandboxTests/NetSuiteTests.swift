import Testing

@testable import RefoldSandbox

@Suite struct NetSuiteTests {
  @Test(arguments: [
    (#"status IS \"Open\""#, ["701", "703", "704"]),
    (#"status IS \"open\" AND total GREATER 900"#, ["701", "703"]),
    (#"total LESS 1 OR total GREATER_OR_EQUAL 18000"#, ["701", "705"]),
    (#"entity CONTAIN \"lines\" AND status IS_NOT \"Open\""#, ["702"]),
    (#"entity START_WITH \"Freq\""#, ["704"]), (#"memo EMPTY AND total EQUAL 990"#, ["703"]),
    (#"memo EMPTY_NOT"#, []), (#"dueDate BEFORE \"2026-01-01\""#, ["703"]),
    (#"id IS 705"#, ["705"]),
  ])
  func `a filter finds what it says`(filter: String, ids: [String]) throws {
    try withEngine { engine in
      let body = try execute(
        engine, "netsuite", "get_list_of_records_invoice", #"{"q":"\#(filter)"}"#
      ).body
      #expect(body.matches(of: /"id":"(\d+)"/).map { String($0.1) } == ids)
      #expect(body.hasSuffix(#""totalResults":\#(ids.count)},"success":true}"#))
    }
  }

  @Test(arguments: [
    ("status", "Invalid search query. Expected a field and an operator at position 1."),
    (#"stats IS \"Open\""#, "Invalid search query. Field 'stats' does not exist."),
    (#"status LIKE \"Open\""#, "Invalid search query. Operator 'LIKE' is not supported."),
    ("status IS", "Invalid search query. A value is missing after 'IS'."),
    (
      #"status IS \"Open\" total GREATER 1"#,
      "Invalid search query. Expected AND or OR at position 17."
    ),
  ])
  func `a filter that is wrong is refused in the app's own words`(filter: String, detail: String)
    throws
  {
    try withEngine { engine in
      let body = try execute(
        engine, "netsuite", "get_list_of_records_invoice", #"{"q":"\#(filter)"}"#
      ).body
      #expect(body.contains(#""detail":"\#(detail)""#))
      #expect(body.hasSuffix(#""http_status":400,"success":false}"#))
    }
  }

  @Test func `pages follow their offsets to the end`() throws {
    try withEngine { engine in
      var seen: [String] = []
      var body = ""
      repeat {
        body = try execute(
          engine, "netsuite", "get_list_of_records_invoice",
          #"{"limit":"2","offset":"\#(seen.count)"}"#
        ).body
        seen += body.matches(of: /"tranId":"([^"]+)"/).map { String($0.1) }
      } while body.contains(#""hasMore":true"#)
      #expect(seen == ["INV-701", "INV-702", "INV-703", "INV-704", "INV-705"])
    }
  }

  @Test(arguments: [
    (
      "invoice", #"{"entity":"Harbour Lines","total":12.5}"#, #""tranId":"INV-1001""#,
      #"{"id":"1001","memo":"m"}"#
    ),
    (
      "customer", #"{"companyName":"New"}"#, #""entityId":"CUST-1001""#,
      #"{"id":"1001","email":"n@example.com"}"#
    ),
  ])
  func `records are created, read, changed and deleted`(
    kind: String, fields: String, made: String, change: String
  ) throws {
    try withEngine { engine in
      #expect(try execute(engine, "netsuite", "create_record_\(kind)", fields).body.contains(made))
      #expect(
        try execute(engine, "netsuite", "update_record_\(kind)", change).body.contains(
          #""success":true"#))
      let read = try execute(engine, "netsuite", "get_record_\(kind)", #"{"id":"1001"}"#).body
      #expect(read.contains(kind == "invoice" ? #""memo":"m""# : #""email":"n@example.com""#))
      #expect(
        read.contains(#""href":"https://sandbox.suitetalk.example.com/record/v1/\#(kind)/1001""#))
      #expect(
        try execute(engine, "netsuite", "delete_record_\(kind)", #"{"id":"1001"}"#).body
          == #"{"data":{},"success":true}"#)
      #expect(
        try execute(engine, "netsuite", "get_record_\(kind)", #"{"id":"1001"}"#).body.contains(
          "NONEXISTENT_ID"))
    }
  }
}
