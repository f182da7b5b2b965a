import RefoldActions
import RefoldTesting
import SQLite
import Testing

@testable import RefoldRuntime

/// Applied plans are forgotten when they are old, and then not applied again.
@Suite struct PlanPruningTests {
  private let folder: TemporaryFolder
  private let app = PlanBackend()
  private let month = Duration.seconds(30 * 86_400)

  init() throws { folder = try TemporaryFolder() }

  private func plan(_ code: String, made: String) -> Plan {
    var plan = app.plan(code).plan
    plan.made = made
    return plan
  }

  private func ledger(at time: Duration) throws -> AppliedPlans {
    try AppliedPlans(databasePath: folder.file("plans.db"), now: { time })
  }

  private func apply(_ plan: Plan, at time: Duration) throws {
    let application = PlanApplication(
      plan, lane: Lane(backend: app.scripted), ledger: try ledger(at: time), state: state(at: time))
    #expect(try application.send() == .applied)
  }

  private func state(at time: Duration) -> SQLiteStateStore {
    SQLiteStateStore(databasePath: folder.file("state.db"), now: { time })
  }

  private static let code = """
    refold.store.set("k", 1)
    refold.exec("crm", "create_contact", nil, { email = "new@x.example" })
    """

  @Test func `nothing is removed before the retention is over`() throws {
    let old = plan(Self.code, made: "1970-01-01T00:00:00Z")
    try apply(old, at: .seconds(10))
    let id = PlanFile.id(of: old)
    let soon = try ledger(at: .seconds(10) + month)
    #expect(try soon.prune(olderThan: month, keeping: "", state: state(at: .zero)) == 0)
    #expect(try soon.record(of: id)?.ended == "1970-01-01T00:00:10Z")
    #expect(try !soon.mayBeForgotten(old))
  }

  @Test func `the record goes a second later, with what it says about the state`() throws {
    let old = plan(Self.code, made: "1970-01-01T00:00:00Z")
    try apply(old, at: .seconds(10))
    let id = PlanFile.id(of: old)
    let newer = plan(
      #"refold.exec("crm", "notify", nil, { text = "x" })"#, made: "1970-01-01T00:00:10Z")
    try apply(newer, at: .seconds(11) + month)
    let store = state(at: .seconds(11) + month)
    try store.openAndWait()
    #expect(try store.changesMade(of: id) == [1])
    let later = try ledger(at: .seconds(11) + month)
    #expect(try later.prune(olderThan: month, keeping: id, state: store) == 0)
    #expect(try later.prune(olderThan: month, keeping: "", state: store) == 1)
    #expect(try later.record(of: id) == nil)
    #expect(try store.changesMade(of: id) == [])
    #expect(try later.record(of: PlanFile.id(of: newer))?.writes[1]?.state == .applied)
    // Nobody knows any more whether a plan was applied that was made until then.
    #expect(try later.mayBeForgotten(old))
    #expect(try later.mayBeForgotten(newer))
    #expect(try !later.mayBeForgotten(plan(Self.code, made: "1970-01-01T00:00:11Z")))
  }

  @Test func `a plan with a write of unknown outcome stays`() throws {
    let plan = plan(Self.code, made: "1970-01-01T00:00:00Z")
    let id = PlanFile.id(of: plan)
    try ledger(at: .seconds(1)).begin(plan, id: id)
    try ledger(at: .seconds(2)).note(.sent, 1, of: id)
    let later = try ledger(at: month + month)
    #expect(try later.prune(olderThan: month, keeping: "", state: state(at: .zero)) == 0)
    #expect(try later.record(of: id)?.writes[1]?.state == .sent)
    try later.note(.refused, 1, of: id)
    // It was refused just now.
    #expect(try later.prune(olderThan: month, keeping: "", state: state(at: .zero)) == 0)
  }

  @Test func `a file of the first version is brought up to date`() throws {
    let path = folder.file("plans.db")
    let database = try SQLiteConnection(path)
    try database.execute(
      """
      CREATE TABLE plans (
        id TEXT PRIMARY KEY, script TEXT NOT NULL, account TEXT NOT NULL, begun TEXT NOT NULL, ended TEXT);
      CREATE TABLE plan_writes (
        plan TEXT NOT NULL REFERENCES plans, number INTEGER NOT NULL, state TEXT NOT NULL,
        answer BLOB, time TEXT NOT NULL, PRIMARY KEY (plan, number));
      PRAGMA user_version = 1;
      INSERT INTO plans VALUES ('old', 'a', 'acme', '2026-01-01T00:00:00Z', NULL);
      """)
    let ledger = try AppliedPlans(databasePath: path)
    #expect(try ledger.record(of: "old")?.begun == "2026-01-01T00:00:00Z")
    #expect(try ledger.prune(olderThan: month, keeping: "", state: state(at: .zero)) == 1)
  }
}
