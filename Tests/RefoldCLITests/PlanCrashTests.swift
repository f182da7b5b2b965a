import Foundation
import Glibc
import RefoldTesting
import Testing

/// `refold apply` that is killed while a write is under way: nothing is lost, and nothing is sent twice.
@Suite struct PlanCrashTests {
  private static let script = """
    local c = refold.exec("hubspot", "create_contact", nil, { email = "zed@example.com" })
    refold.exec("hubspot", "create_company", nil, { name = "Zed" })
    refold.exec("hubspot", "update_contact", nil, { contact_id = "101", phone = "2" })
    refold.exec("hubspot", "delete_contact", nil, { contact_id = "51" })
    refold.exec("slack", "send_message", nil, { channel = "sales", text = "made " .. c.data.id })
    """

  private let folder: TemporaryFolder
  private let server: DeadlyServer

  init() throws {
    folder = try TemporaryFolder()
    server = try DeadlyServer(folder)
    try Self.script.write(toFile: folder.file("a.lua"), atomically: true, encoding: .utf8)
  }

  /// Runs the program; returns its exit code, negative for the signal that ended it.
  private func refold(_ arguments: String...) throws -> Int32 {
    let process = Process()
    process.executableURL = SpecRunner.programs.appending(path: "refold")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = [
      "REFOLD_BASE_URL": server.url, "REFOLD_API_KEY": SpecServer.key,
      "REFOLD_ACCOUNT": "demo-user-1", "HOME": folder.path,
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    server.target(process.processIdentifier)
    process.waitUntilExit()
    let wasKilled = process.terminationReason == .uncaughtSignal
    return wasKilled ? -process.terminationStatus : process.terminationStatus
  }

  @Test(arguments: [
    (1, Int32(10), Int32(3)), (2, 10, 0), (3, 0, 0), (4, 0, 0), (5, 10, 0),
  ])
  func `a killed apply goes on after what was surely sent`(
    killed: Int, second: Int32, marked: Int32
  ) throws {
    defer { server.stop() }
    #expect(try refold("plan", "a.lua", "--out", "plan.json") == 0)
    #expect(server.writes == [])
    server.arm(killed)
    #expect(try refold("apply", "plan.json", "--yes") == -SIGKILL)
    #expect(server.writes.count == killed)
    server.arm(0)
    // An update and a delete are known by the record; of a create and a message only a person can tell.
    #expect(try refold("apply", "plan.json", "--yes") == second)
    if second == 10 {
      #expect(server.writes.count == killed)
      #expect(try refold("apply", "plan.json", "--yes") == 10)
      #expect(server.writes.count == killed)
      // The id of the contact is not known, so the message that needs it is not sent.
      #expect(try refold("apply", "plan.json", "--yes", "--mark", "\(killed)=applied") == marked)
    }
    let all = [
      "create_contact", "create_company", "update_contact", "delete_contact", "send_message",
    ]
    #expect(server.writes == (marked == 3 ? Array(all.dropLast()) : all))
    let before = server.writes.count
    #expect(try refold("apply", "plan.json", "--yes") == marked)
    #expect(server.writes.count == before)
  }
}
