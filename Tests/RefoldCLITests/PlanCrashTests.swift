import Foundation
import Glibc
import RefoldRuntime
import RefoldTesting
import Testing

/// `refold apply` that is killed while a write is under way: nothing is lost, and nothing is sent twice.
@Suite struct PlanCrashTests {
  private static let script = """
    refold.store.set("begun", (refold.store.get("begun") or 0) + 1)
    local c = refold.exec("hubspot", "create_contact", nil, { email = "zed@example.com" })
    refold.store.set("contact", c.data.id)
    refold.dead_letter({ contact = c.data.id }, "too short")
    refold.exec("hubspot", "create_company", nil, { name = "Zed", domain = "zed.example.com" })
    refold.exec("hubspot", "update_contact", nil, { contact_id = "101", phone = "2" })
    refold.exec("hubspot", "delete_contact", nil, { contact_id = "51" })
    refold.once("told", function()
      refold.exec("slack", "send_message", nil, { channel = "sales", text = "made " .. c.data.id })
      refold.store.update("begun", function(n) return n + 1 end)
    end)
    """

  private let folder: TemporaryFolder
  private let server: DeadlyServer

  init() throws {
    folder = try TemporaryFolder()
    server = try DeadlyServer(folder)
    try Self.script.write(toFile: folder.file("a.lua"), atomically: false, encoding: .utf8)
  }

  /// Runs the program; returns its exit code, negative for the signal that ended it.
  private func refold(_ arguments: String...) throws -> Int32 {
    try ProgramRun(arguments, in: folder, server: server).exit
  }

  /// What the script has kept, what was done once, and the records that were given up.
  private func state() throws -> [String] {
    let path = folder.file(".refold/state.db")
    let state = ProjectState(databasePath: path)
    defer { state.close() }
    let shelf = StateShelf(account: "demo-user-1", script: "a")
    let values = try state.listing(account: nil, script: nil).map { row in
      let value = try state.value(of: row.key, on: shelf) ?? []
      return "\(row.key) = \(String(decoding: value, as: UTF8.self))"
    }
    let claims = try state.claims(account: nil).map { "\($0.key) \($0.state)" }
    let letters = try DeadLetters(SQLiteStateStore(databasePath: path)).list()
    return values + claims + letters.map { "\($0.recordBytes) bytes, \($0.attempts)" }
  }

  @Test(arguments: [(1, Int32(0)), (2, 0), (3, 0), (4, 0), (5, 10)])
  func `a killed apply goes on after what was surely applied`(
    killed: Int, second: Int32
  ) throws {
    defer { server.stop() }
    #expect(try refold("plan", "a.lua", "--out", "plan.json") == 0)
    #expect(server.writes == [])
    server.arm(killed)
    #expect(try refold("apply", "plan.json", "--yes") == -SIGKILL)
    #expect(server.writes.count == killed)
    server.arm(0)
    // A record is found by its natural key or by what it has; of a message only a person can tell.
    #expect(try refold("apply", "plan.json", "--yes") == second)
    if second == 10 {
      #expect(server.writes.count == killed)
      #expect(try state().contains("told interrupted"))
      #expect(try refold("apply", "plan.json", "--yes") == 10)
      #expect(server.writes.count == killed)
      #expect(try refold("apply", "plan.json", "--yes", "--mark", "\(killed)=applied") == 0)
    }
    let all = [
      "create_contact", "create_company", "update_contact", "delete_contact", "send_message",
    ]
    #expect(server.writes == all)
    let kept = ["begun = 2", #"contact = "1001""#, "told done", "18 bytes, 1"]
    #expect(try state() == kept)
    #expect(try refold("apply", "plan.json", "--yes") == 0)
    #expect(server.writes == all)
    #expect(try state() == kept)
  }

  @Test func `without a look-up a person has to tell`() throws {
    defer { server.stop() }
    #expect(try refold("plan", "a.lua", "--out", "plan.json") == 0)
    server.arm(1)
    #expect(try refold("apply", "plan.json", "--yes") == -SIGKILL)
    server.arm(0)
    #expect(try refold("apply", "plan.json", "--yes", "--no-look-up") == 10)
    #expect(server.writes == ["create_contact"])
    // The id of the contact is not known, so what needs it is not done.
    #expect(try refold("apply", "plan.json", "--yes", "--mark", "1=applied") == 3)
    #expect(server.writes == ["create_contact"])
    #expect(try state() == ["begun = 1"])
  }
}
