import Testing

@testable import RefoldSandbox

@Test func `a contact is created, found, updated, deleted`() throws {
  try withEngine { engine in
    let created = try execute(
      engine, "hubspot", "create_contact", #"{"email":"New@Example.com","firstname":"N"}"#)
    #expect(created.status == 200)
    #expect(
      created.body.contains(#""id":"1001""#) && created.body.contains(#""node_status":"Success""#))
    let search = #"{"propertyName":"email","operator":"EQ","value":"new@example.com"}"#
    #expect(try execute(engine, "hubspot", "search_contacts", search).body.contains(#""total":1"#))
    let updated = try execute(
      engine, "hubspot", "update_contact", #"{"contact_id":"1001","firstname":"M"}"#)
    #expect(updated.body.contains(#""firstname":"M""#))
    _ = try execute(engine, "hubspot", "delete_contact", #"{"contact_id":"1001"}"#)
    #expect(try execute(engine, "hubspot", "search_contacts", search).body.contains(#""total":0"#))
  }
}

@Test(arguments: [
  ("EQ", "lastname", "johnson", 2), ("NEQ", "lastname", "Johnson", 4),
  ("GT", "hs_object_id", "102", 3),
  ("GTE", "hs_object_id", "102", 4), ("LT", "hs_object_id", "101", 1),
  ("LTE", "hs_object_id", "101", 2),
  ("HAS_PROPERTY", "phone", "x", 3), ("NOT_HAS_PROPERTY", "phone", "x", 3),
  ("IN", "firstname", "Ada;Grace", 2), ("CONTAINS_TOKEN", "jobtitle", "engineer", 1),
])
func `search knows the operators`(operation: String, property: String, value: String, total: Int)
  throws
{
  try withEngine { engine in
    let body = #"{"propertyName":"\#(property)","operator":"\#(operation)","value":"\#(value)"}"#
    let reply = try execute(engine, "hubspot", "search_contacts", body)
    #expect(reply.body.contains(#""total":\#(total)"#))
  }
}

@Test func `pages follow their cursors to the end`() throws {
  try withEngine { engine in
    var (after, seen, pages) = ("0", 0, 0)
    while true {
      let body = try execute(
        engine, "hubspot", "get_contact", #"{"limit":"2","after":"\#(after)"}"#
      ).body
      pages += 1
      seen += body.components(separatedBy: #""archived":false"#).count - 1
      guard let range = body.range(of: #""after":""#) else { break }
      after = String(body[range.upperBound...].prefix { $0 != "\"" })
    }
    #expect(seen == 6 && pages == 3)
  }
}

@Test(arguments: [
  ("companies", "company", "domain", "harbour.example.com", "202"),
  ("deals", "deal", "dealname", "Engine maintenance", "301"),
])
func `companies and deals are found, read, changed and deleted`(
  plural: String, singular: String, field: String, value: String, id: String
) throws {
  try withEngine { engine in
    let search = #"{"propertyName":"\#(field)","operator":"EQ","value":"\#(value)"}"#
    let found = try execute(engine, "hubspot", "search_\(plural)", search).body
    #expect(found.contains(#""id":"\#(id)""#) && found.contains(#""total":1"#))
    let change = #"{"\#(singular)_id":"\#(id)","\#(field)":"changed"}"#
    #expect(
      try execute(engine, "hubspot", "update_\(singular)", change).body.contains(
        #""\#(field)":"changed""#))
    let name = #"{"\#(singular)_id":"\#(id)"}"#
    #expect(
      try execute(engine, "hubspot", "get_\(singular)_by_id", name).body.contains(
        #""\#(field)":"changed""#))
    #expect(
      try execute(engine, "hubspot", "delete_\(singular)", name).body
        == #"{"data":{},"node_status":"Success"}"#)
    #expect(
      try execute(engine, "hubspot", "get_\(singular)_by_id", name).body.contains(
        "OBJECT_NOT_FOUND"))
    #expect(
      try !execute(engine, "hubspot", "get_\(plural)", "{}").body.contains(#""id":"\#(id)""#))
  }
}

@Test func `a task is created, found and completed`() throws {
  try withEngine { engine in
    _ = try execute(engine, "hubspot", "create_task", #"{"hs_task_subject":"Call Ada"}"#)
    let done = #"{"task_id":"1001","hs_task_status":"COMPLETED"}"#
    #expect(
      try execute(engine, "hubspot", "update_task_v3", done).body.contains(
        #""hs_task_status":"COMPLETED""#))
    let search = #"{"propertyName":"hs_task_status","operator":"EQ","value":"COMPLETED"}"#
    #expect(
      try execute(engine, "hubspot", "search_tasks_v3", search).body.contains(#""total":1"#))
  }
}

@Test func `an unknown operator is refused in the app's own words`() throws {
  try withEngine { engine in
    let search = #"{"propertyName":"email","operator":"LIKE","value":"x"}"#
    let reply = try execute(engine, "hubspot", "search_contacts", search)
    #expect(reply.body.contains(#""http_status":400,"node_status":"Failed""#))
    #expect(reply.body.contains(#""message":"Invalid operator 'LIKE'""#))
  }
}
