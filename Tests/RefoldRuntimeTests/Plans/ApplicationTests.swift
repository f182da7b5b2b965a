import Foundation
import RefoldActions
import RefoldTesting
import Testing

@testable import RefoldRuntime

@Suite struct ApplicationTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func ledger() throws -> AppliedPlans {
    try AppliedPlans(databasePath: folder.file("plans.db"))
  }

  private var state: SQLiteStateStore {
    SQLiteStateStore(databasePath: folder.file("state.db"))
  }

  private func apply(
    _ plan: Plan, to app: PlanBackend, permissions: [Permissions] = []
  ) throws -> (PlanApplication.End, Int) {
    let application = PlanApplication(
      plan, lane: Lane(backend: app.scripted), ledger: try ledger(), state: state,
      permissions: permissions)
    let end = try application.send()
    return (end, application.sent)
  }

  private static let code = """
    local c = refold.exec("crm", "create_contact", nil, { email = "new@x.example" })
    refold.exec("crm", "update_contact", nil, { contact_id = "7", phone = "2" })
    refold.exec("crm", "update_contact", nil, { contact_id = "7", phone = "2" })
    refold.exec("crm", "notify", nil, { text = "made " .. c.data.id, id = c.data.id })
    """

  @Test func `the writes are sent in order with what earlier ones answered, once`() throws {
    let app = PlanBackend()
    let plan = app.plan(Self.code).plan
    let (end, sent) = try apply(plan, to: app)
    #expect(end == .applied)
    #expect(sent == 3)
    let expected = [
      #"crm.create_contact {"email":"new@x.example"}"#,
      #"crm.update_contact {"contact_id":"7","phone":"2"}"#,
      #"crm.notify {"id":"8","text":"made 8"}"#,
    ]
    #expect(app.written == expected)
    let again = try apply(plan, to: app)
    #expect(again == (.applied, 0))
    #expect(app.written == expected)
    #expect(try ledger().record(of: PlanFile.id(of: plan))?.ended != nil)
  }

  @Test func `what moved is shown field by field, and touching a record moves nothing`() throws {
    let app = PlanBackend()
    let plan = app.plan(Self.code).plan
    func drift() throws -> [String] {
      try PlanApplication(
        plan, lane: Lane(backend: app.scripted), ledger: ledger(), state: state
      ).drift()
        .flatMap(\.changes).map {
          "\($0.field): \($0.before?.json ?? "-") -> \($0.now?.json ?? "-")"
        }
    }
    #expect(try drift() == [])
    app.contacts["7"] =
      #"{"id":"7","updatedAt":"later","properties":{"phone":"1","email":"ada@x.example","lastmodifieddate":"x"}}"#
    #expect(try drift() == [])
    app.contacts["7"] = #"{"id":"7","properties":{"phone":"3","fax":"4"}}"#
    #expect(
      try drift() == [
        #"properties.email: "ada@x.example" -> -"#, #"properties.fax: - -> "4""#,
        #"properties.phone: "1" -> "3""#,
      ])
    app.contacts["7"] = nil
    #expect(try drift() == ["failed: - -> 404"])
  }

  @Test func `lists are compared by the ids of their records`() throws {
    let read = PlannedRead(
      ActionCall(operation: .execute(app: "crm", action: "search"), account: "acme"),
      parameters: .object([]),
      result: .success(
        Reply(status: 200, body: Array(#"{"data":[{"id":"1","a":1},{"id":"2","a":2}]}"#.utf8))),
      beforeWrite: 1, place: nil)
    let now = try PlanValue(json: Array(#"[{"id":"2","a":3},{"id":"3","a":1}]"#.utf8))
    let moved = try #require(PlanDrift(read, now: now))
    #expect(moved.changes.map(\.field) == ["[1]", "[2].a", "[3]"])
    let same = try PlanValue(json: Array(#"[{"a":1,"id":"1"},{"a":2,"id":"2"}]"#.utf8))
    #expect(PlanDrift(read, now: same) == nil)
  }

  @Test func `a write whose outcome is not noted is never sent again blindly`() throws {
    let app = PlanBackend()
    let plan = app.plan(Self.code).plan
    let id = PlanFile.id(of: plan)
    try ledger().begin(plan, id: id)
    try ledger().note(.sent, 1, of: id)
    let (end, sent) = try apply(plan, to: app)
    #expect(end == .unknown(plan.writes[0], nil))
    #expect(sent == 0)
    #expect(app.written == [])
    // A person says that it was not applied.
    try ledger().note(.refused, 1, of: id)
    #expect(try apply(plan, to: app) == (.applied, 3))
  }

  @Test func `an update is known by what the record has`() throws {
    let app = PlanBackend()
    let plan = app.plan(
      #"refold.exec("crm", "update_contact", nil, { contact_id = "7", phone = "2" })"#
    ).plan
    let id = PlanFile.id(of: plan)
    try ledger().begin(plan, id: id)
    try ledger().note(.sent, 1, of: id)
    #expect(try apply(plan, to: app).0 == .unknown(plan.writes[0], nil))
    app.contacts["7"] = #"{"id":"7","properties":{"phone":"2"}}"#
    #expect(try apply(plan, to: app) == (.applied, 0))
    #expect(app.written == [])
  }

  @Test func `a delete is known by the record being gone`() throws {
    let app = PlanBackend()
    let plan = app.plan(#"refold.exec("crm", "delete_contact", nil, { contact_id = "7" })"#).plan
    let id = PlanFile.id(of: plan)
    try ledger().begin(plan, id: id)
    try ledger().note(.sent, 1, of: id)
    #expect(try apply(plan, to: app).0 == .unknown(plan.writes[0], nil))
    app.contacts["7"] = nil
    #expect(try apply(plan, to: app) == (.applied, 0))
    #expect(app.written == [])
  }

  @Test func `an answer that is not what the script was shown stops what comes next`() throws {
    let app = PlanBackend(created: #"{"id":"8","properties":{"email":"NEW@x.example"}}"#)
    let plan = app.plan(
      """
      local c = refold.exec("crm", "create_contact", nil, { email = "new@x.example" })
      refold.exec("crm", "notify", nil, { text = c.data.properties.email })
      """
    ).plan
    let (end, _) = try apply(plan, to: app)
    #expect(
      end
        == .surprised(
          plan.writes[0],
          #"crm.create_contact answered 'data.properties.email' with "NEW@x.example", and the script was shown "new@x.example""#
        ))
    #expect(app.written.count == 1)
  }

  @Test func `a value that was not answered stops before the write that needs it`() throws {
    let app = PlanBackend(created: "{}")
    let plan = app.plan(Self.code).plan
    let (end, sent) = try apply(plan, to: app)
    #expect(end == .surprised(plan.writes[3], "write 1 gave no 'data.id', which this write needs"))
    #expect(sent == 2)
  }

  @Test func `the project's permissions count when a plan is applied`() throws {
    let app = PlanBackend()
    let plan = app.plan(Self.code).plan
    let (end, sent) = try apply(
      plan, to: app, permissions: [Permissions(source: "'refold.lua'", writes: [])])
    #expect(sent == 0)
    guard case .refused(let write, let error) = end else {
      Issue.record("\(end)")
      return
    }
    #expect(write.number == 1)
    #expect(error.message == "crm.create_contact writes, and 'refold.lua' permits no write")
  }

  @Test func `one process at a time applies plans of a project`() throws {
    let first = try ledger()
    let error = #expect(throws: ActionError.self) { try ledger() }
    #expect(error?.code == "plan_busy")
    #expect(try first.record(of: "none") == nil)
  }

  @Test func `a record that is damaged, or of a newer program, is refused`() throws {
    try "no database, but long enough to be taken for one".write(
      toFile: folder.file("plans.db"), atomically: false, encoding: .utf8)
    #expect(throws: ActionError.self) { try ledger() }
  }
}
