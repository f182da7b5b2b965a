import Foundation
import Glibc
import RefoldTesting
import Testing

/// Runs that are killed while a write is under way, and resumed: what was applied is found, and nothing is sent twice.
@Suite final class LookUpCrashTests {
  private let folder: TemporaryFolder
  private var server: DeadlyServer

  init() throws {
    folder = try TemporaryFolder()
    server = try DeadlyServer(folder)
  }

  deinit { server.stop() }

  /// Starts the API anew, failing in some ways.
  private func serve(_ faults: String...) throws {
    server.stop()
    server = try DeadlyServer(folder, faults: faults)
  }

  private func write(_ script: String) throws {
    try script.write(toFile: folder.file("a.lua"), atomically: false, encoding: .utf8)
  }

  private func refold(_ arguments: String...) throws -> ProgramRun { try refold(arguments) }

  private func refold(_ arguments: [String]) throws -> ProgramRun {
    try ProgramRun(arguments, in: folder, server: server)
  }

  // MARK: - What is found

  /// Every sort of write that is known, each with what it takes from the one before.
  private static let all = """
    local made = {}
    local contact = refold.exec("hubspot", "create_contact", nil, { email = "zed@example.com" }).data
    made[1] = contact.properties.email
    made[2] = refold.exec("hubspot", "create_company", nil, { name = "Zed", domain = "zed.example.com" }).data.id
    made[3] = refold.exec("hubspot", "create_deal", nil, { dealname = "Zed", amount = 7 }).data.properties.amount
    made[4] = refold.exec("hubspot", "update_contact", nil, { contact_id = contact.id, phone = "1" }).data.properties.phone
    local lead = refold.exec("salesforce", "create_lead", nil, { LastName = "Z", Company = "Z", Email = "z@example.com" }).data
    made[5] = tostring(lead.success)
    made[6] = tostring(refold.exec("salesforce", "delete_lead", nil, { lead_id = lead.id }).data.success)
    made[7] = refold.exec("netsuite", "create_record_invoice", nil, { entity = "Z", tranId = "Z-1", total = 7 }).data.status
    made[8] = tostring(next(refold.exec("hubspot", "delete_contact", nil, { contact_id = contact.id }).data))
    return table.concat(made, " ")
    """

  @Test(arguments: 1...8)
  func `a write that was applied before the process died is adopted`(number: Int) throws {
    try write(Self.all)
    server.arm(number)
    #expect(try refold("run", "a.lua").exit == -SIGKILL)
    #expect(server.writes.count == number)
    let resumed = try refold("runs", "resume", "last")
    #expect(resumed.exit == 0, "\(resumed.notes)")
    #expect(resumed.output == "\"zed@example.com 1001 7 1 true true Open nil\"\n")
    #expect(resumed.notes.contains(" 1 adopted, "))
    #expect(server.writes.count == 8)
    #expect(Set(try server.applied()).count == 8)
  }

  @Test func `a write that was not applied is sent, once that is certain`() throws {
    try serve("timeout-before@3")
    try write(Self.all)
    #expect(try refold("run", "a.lua").exit == 10)
    let resumed = try refold("runs", "resume", "last", "--settle", "3s")
    #expect(resumed.exit == 0, "\(resumed.notes)")
    #expect(
      resumed.notes.contains(
        "step 3, hubspot.create_deal: nothing has dealname 'Zed'; looking again, for "))
    #expect(
      resumed.notes.contains("step 3, hubspot.create_deal: nothing has dealname 'Zed'; sent now"))
    #expect(try server.applied().count == 8)
    #expect(Set(try server.applied()).count == 8)
  }

  @Test func `ten writes at once are found`() throws {
    try serve("timeout-after@1+:hubspot.create_deal")
    try write(
      """
      local list = {}
      for i = 1, 10 do list[i] = "deal " .. i end
      local results = refold.map(list, function(name)
        return refold.exec("hubspot", "create_deal", nil, { dealname = name }).data.properties.dealname
      end, { settle = true })
      local names = {}
      for i, result in ipairs(results) do
        if not result.ok then error(result.error) end
        names[i] = result.value
      end
      return names
      """)
    #expect(try refold("run", "a.lua").exit == 10)
    #expect(server.writes.count == 10)
    let resumed = try refold("runs", "resume", "last", "--json")
    #expect(resumed.exit == 0, "\(resumed.notes)")
    #expect(resumed.notes.contains("10 reads, 0 writes, 10 adopted, "))
    #expect(resumed.output.contains(#"["deal 1","deal 2","deal 3","deal 4","deal 5","deal 6""#))
    #expect(server.writes.count == 10)
  }

  @Test func `equal writes are told apart by what the run has made`() throws {
    try write(
      """
      local ids = {}
      for i = 1, 3 do ids[i] = refold.exec("hubspot", "create_deal", nil, { dealname = "Zed" }).data.id end
      return table.concat(ids, " ")
      """)
    server.arm(2)
    #expect(try refold("run", "a.lua").exit == -SIGKILL)
    server.arm(0)
    let resumed = try refold("runs", "resume", "last")
    #expect(resumed.exit == 0, "\(resumed.notes)")
    #expect(resumed.output == "\"1001 1002 1003\"\n")
    #expect(try server.applied().count == 3)
  }

  @Test func `what ensure writes is found, with a kind of one's own too`() throws {
    try write(
      """
      local ensure, kinds = require("ensure"), require("kinds")
      local task = {
        name = "task", app = "hubspot", key = "hs_task_subject", id = "id", fields = "properties",
        find = {
          action = "search_tasks_v3", records = "results",
          params = { propertyName = "{key}", operator = "EQ", value = "{value}" },
        },
        create = { action = "create_task", record = "id" },
        update = { action = "update_task_v3", id = "task_id" },
      }
      local one = ensure.record(task, { hs_task_subject = "Call Zed", hs_task_body = "soon" })
      local company = kinds.with("hubspot.company", { key = "name" })
      local two = ensure.record(company, { name = "Zed" })
      return table.concat({ one.action, one.id, two.action, two.id }, " ")
      """)
    for number in 1...2 {
      server.arm(number)
      #expect(
        try refold(number == 1 ? ["run", "a.lua"] : ["runs", "resume", "last"]).exit == -SIGKILL)
    }
    let resumed = try refold("runs", "resume", "last")
    #expect(resumed.exit == 0, "\(resumed.notes)")
    #expect(resumed.output == "\"created 1001 created 1001\"\n")
    #expect(server.writes == ["create_task", "create_company"])
  }

  @Test func `the script says how a message is found`() throws {
    try write(
      """
      local function find(params, since)
        local page = refold.exec("slack", "get_messages", nil, { channel = params.channel, limit = "100" }).data
        local found = {}
        for _, message in ipairs(page.messages) do
          if message.text == params.text and tonumber(message.ts) >= since then
            found[#found + 1] = { ok = true, channel = params.channel, ts = message.ts, message = message }
          end
        end
        return #found > 0 and found or nil
      end
      return refold.exec("slack", "send_message", nil, { channel = "sales", text = "hello" }, { find = find })
        .data.message.text
      """)
    server.arm(1)
    #expect(try refold("run", "a.lua").exit == -SIGKILL)
    let resumed = try refold("runs", "resume", "last")
    #expect(resumed.exit == 0, "\(resumed.notes)")
    #expect(resumed.output == "\"hello\"\n")
    #expect(server.writes == ["send_message"])
  }

  // MARK: - What is not

  @Test func `a write that nobody can look up stays unknown`() throws {
    try write(#"refold.exec("slack", "send_message", nil, { channel = "sales", text = "hello" })"#)
    server.arm(1)
    #expect(try refold("run", "a.lua").exit == -SIGKILL)
    for _ in 1...2 { #expect(try refold("runs", "resume", "last").exit == 10) }
    #expect(try refold("writes", "reconcile", "last", "1", "--look-up").exit == 10)
    #expect(server.writes == ["send_message"])
  }

  @Test func `a run that is killed while it looks up is resumed again`() throws {
    // The index shows the deal two seconds after it was made.
    try serve("index-lag@1+:hubspot.search_deals")
    try write(#"return refold.exec("hubspot", "create_deal", nil, { dealname = "Zed" }).data.id"#)
    server.arm(1)
    #expect(try refold("run", "a.lua").exit == -SIGKILL)
    for _ in 1...2 {
      server.armRead(1)
      #expect(try refold("runs", "resume", "last", "--settle", "20s").exit == -SIGKILL)
    }
    let resumed = try refold("runs", "resume", "last", "--settle", "20s")
    #expect(resumed.exit == 0, "\(resumed.notes)")
    #expect(resumed.output == "\"1001\"\n")
    #expect(try server.applied() == [#"create_deal {"dealname":"Zed"}"#])
    #expect(server.reads.count >= 3)
  }

  @Test func `too short a time to settle is what it says`() throws {
    try serve("index-lag@1+:hubspot.search_deals")
    try write(#"return refold.exec("hubspot", "create_deal", nil, { dealname = "Zed" }).data.id"#)
    server.arm(1)
    #expect(try refold("run", "a.lua").exit == -SIGKILL)
    server.arm(0)
    #expect(try refold("runs", "resume", "last", "--settle", "0").exit == 0)
    #expect(try server.applied().count == 2)
  }
}
