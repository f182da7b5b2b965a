import Foundation
import RefoldTesting
import SQLite
import Testing

/// A plan that may have been applied longer ago than is remembered.
@Suite struct ForgottenPlanTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func refold(_ arguments: String...) throws -> ProgramRun {
    try ProgramRun(arguments, in: folder)
  }

  @Test func `it is refused, and nothing is sent`() throws {
    try #"refold.exec("hubspot", "create_contact", nil, { email = "zed@example.com" })"#.write(
      toFile: folder.file("a.lua"), atomically: false, encoding: .utf8)
    // In this order: plans that were made later than the one that is forgotten can be applied.
    for name in ["new.json", "old.json"] {
      #expect(try refold("plan", "a.lua", "--out", name).exit == 0)
    }
    #expect(try refold("apply", "old.json", "--yes").exit == 0)
    let database = try SQLiteConnection(folder.file(".refold/plans.db"))
    // As it would be a long time after.
    try database.execute(
      """
      UPDATE plans SET begun = '2020-01-01T00:00:00Z', ended = '2020-01-01T00:00:00Z';
      UPDATE plan_writes SET time = '2020-01-01T00:00:00Z'
      """)
    #expect(try refold("apply", "old.json", "--yes").notes.contains("backend: sandbox"))
    let other = try refold("apply", "new.json", "--yes")
    // The one that is applied stays, the other one is forgotten, and with it all that was made before.
    #expect(other.exit == 2)
    let made = try #require(other.notes.firstMatch(of: /made at ([0-9TZ:-]+),/)).1
    #expect(
      other.notes == """
        backend: sandbox (.refold/sandbox.db), account: demo-user-1
        the plan 'new.json' was made at \(made), and what was applied then is not remembered any more
          fix: make the plan again with 'refold plan a.lua --out new.json'

        """)
    let again = try refold("apply", "old.json", "--yes")
    #expect(again.exit == 2)
    #expect(again.notes.contains("the plan 'old.json' was made at"))
  }
}
