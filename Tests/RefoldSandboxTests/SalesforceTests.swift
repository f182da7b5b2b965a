import Testing

@testable import RefoldSandbox

/// The e-mail addresses, names or ids that an answer holds, in its order.
private func values(of field: String, in body: String) throws -> [String] {
  try body.matches(of: Regex(#""\#(field)":"([^"]*)""#)).map {
    String($0.output[1].substring ?? "")
  }
}

@Suite struct SalesforceTests {
  @Test(arguments: [
    ("SELECT LastName FROM Contact WHERE Email = 'ada.lovelace@example.com'", ["Lovelace"]),
    (
      "select lastname from contact where lastname like 'H%' order by lastname",
      ["Hamilton", "Hoare", "Hopper"]
    ),
    ("SELECT LastName FROM Contact WHERE LastName LIKE '_ay'", ["Kay"]),
    ("SELECT LastName FROM Contact WHERE Email = NULL", ["Thompson"]),
    (
      "SELECT LastName FROM Contact WHERE Phone = null AND Title != null ORDER BY LastName",
      ["Hoare", "Perlman"]
    ),
    (
      "SELECT LastName FROM Contact WHERE LastName IN ('Kay', 'hopper') ORDER BY LastName DESC",
      ["Kay", "Hopper"]
    ),
    ("SELECT LastName FROM Contact WHERE LastName NOT IN ('Kay') AND LastName < 'D' ", ["Allen"]),
    ("SELECT LastName FROM Contact WHERE NOT (LastName > 'Ho' OR LastName <= 'Ham')", ["Hamilton"]),
    ("SELECT LastName FROM Contact ORDER BY Email LIMIT 2", ["Thompson", "Lovelace"]),
    ("SELECT LastName FROM Contact ORDER BY Email NULLS LAST LIMIT 1", ["Lovelace"]),
    ("SELECT LastName FROM Contact ORDER BY LastName LIMIT 2 OFFSET 1", ["Dijkstra", "Hamilton"]),
    ("SELECT LastName FROM Contact WHERE LastName = 'O\\'Neil'", []),
    (
      "SELECT Name FROM Opportunity WHERE Amount >= 18000 AND CloseDate < 2026-06-01",
      ["Engine maintenance"]
    ),
    ("SELECT Name FROM Account WHERE Industry <> 'Shipping'", ["Analytical Engines"]),
  ])
  func `a query finds what it says`(query: String, found: [String]) throws {
    try withEngine { engine in
      let body = try execute(
        engine, "salesforce", "get_entity_with_soql",
        #"{"query":"\#(query.replacing("\\", with: "\\\\"))"}"#
      ).body
      let field =
        query.contains("FROM Account") || query.contains("Opportunity") ? "Name" : "LastName"
      #expect(try values(of: field, in: body) == found)
      #expect(body.contains(#""node_status":"Success""#))
    }
  }

  @Test(arguments: [
    ("", "MALFORMED_QUERY", "unexpected end of query"),
    ("SELECT", "MALFORMED_QUERY", "unexpected end of query"),
    ("SELECT Id FROM", "MALFORMED_QUERY", "unexpected end of query"),
    ("SELECT Id FROM Contact WHERE", "MALFORMED_QUERY", "unexpected end of query"),
    ("SELECT Id FROM Contact LIMIT x", "MALFORMED_QUERY", "unexpected token: 'x' at column 30"),
    ("SELECT Id FROM Contact WHERE Id = 'x", "MALFORMED_QUERY", "unterminated string at column 35"),
    (
      "SELECT Id FROM Contact WHERE Id LIKES 'x'", "MALFORMED_QUERY",
      "unexpected token: 'LIKES' at column 33"
    ),
    ("SELECT Id FROM Contact; DROP", "MALFORMED_QUERY", "unexpected token: ';' at column 23"),
    (
      "SELECT Id FROM Contact WHERE Id = 'a' AND Id = 'b' OR Id = 'c'", "MALFORMED_QUERY",
      "AND and OR need brackets between them"
    ),
    ("SELECT Id FROM Contct", "INVALID_TYPE", "sObject type 'Contct' is not supported."),
    ("SELECT Nme FROM Account", "INVALID_FIELD", "No such column 'Nme' on entity 'Account'."),
    (
      "SELECT Id FROM Account WHERE Owner.Name = 'x'", "INVALID_FIELD",
      "No such column 'Owner.Name' on entity 'Account'."
    ),
  ])
  func `a query that is wrong is refused in the app's own words`(
    query: String, code: String, message: String
  ) throws {
    try withEngine { engine in
      let body = try execute(
        engine, "salesforce", "get_entity_with_soql", #"{"query":"\#(query) "}"#
      ).body
      #expect(
        body
          == #"{"data":[{"errorCode":"\#(code)","message":"\#(message)"}],"http_status":400,"node_status":"Failed"}"#
      )
    }
  }

  @Test func `a query counts`() throws {
    try withEngine { engine in
      let body = try execute(
        engine, "salesforce", "get_entity_with_soql", #"{"query":"SELECT COUNT() FROM Contact"}"#
      ).body
      #expect(
        body == #"{"data":{"done":true,"records":[],"totalSize":12},"node_status":"Success"}"#)
    }
  }

  @Test func `a list is filtered, sorted and paged`() throws {
    try withEngine { engine in
      let body = try execute(
        engine, "salesforce", "get_contacts",
        #"{"where":"Title LIKE '%Engineer%'","order_by":"LastName DESC","limit":"2"}"#
      ).body
      #expect(try values(of: "LastName", in: body) == ["Thompson", "Perlman"])
      #expect(body.contains(#""done":false"#) && body.contains(#""totalSize":3"#))
      #expect(body.contains(#""nextRecordsUrl":"/services/data/v60.0/query/01gSANDBOX-2""#))
      let bad = try execute(engine, "salesforce", "get_contacts", #"{"where":"Titel = 'x'"}"#).body
      #expect(bad.contains("INVALID_FIELD"))
    }
  }

  @Test(arguments: [
    ("contact", #"{"LastName":"New"}"#, "003Dn0000001001IAB"),
    ("account", #"{"Name":"New"}"#, "001Dn0000001001IAB"),
    ("lead", #"{"LastName":"New","Company":"C"}"#, "00QDn0000001001IAB"),
    (
      "opportunity", #"{"Name":"New","StageName":"Won","CloseDate":"2026-01-01","Amount":1.5}"#,
      "006Dn0000001001IAB"
    ),
  ])
  func `records are created, read, changed and deleted`(kind: String, fields: String, id: String)
    throws
  {
    try withEngine { engine in
      #expect(
        try execute(engine, "salesforce", "create_\(kind)", fields).body
          == #"{"data":{"errors":[],"id":"\#(id)","success":true},"node_status":"Success"}"#)
      let name = kind == "contact" || kind == "lead" ? "LastName" : "Name"
      let update = #"{"\#(kind)_id":"\#(id)","\#(name)":"Newer"}"#
      #expect(
        try execute(engine, "salesforce", "update_\(kind)", update).body.contains(
          #""success":true"#))
      let read = try execute(
        engine, "salesforce", "get_\(kind)_by_id", #"{"\#(kind)_id":"\#(id)"}"#
      ).body
      #expect(read.contains(#""\#(name)":"Newer""#) && read.contains(#""Id":"\#(id)""#))
      #expect(!read.contains(#""id":"#))
      _ = try execute(engine, "salesforce", "delete_\(kind)", #"{"\#(kind)_id":"\#(id)"}"#)
      #expect(
        try execute(engine, "salesforce", "update_\(kind)", update).body.contains(
          #""errorCode":"NOT_FOUND""#))
    }
  }
}
