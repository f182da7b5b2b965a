import Foundation
import RefoldActions
import RefoldTesting
import Testing

@testable import RefoldRuntime

/// What plans do to `refold.store`, `refold.once` and dead letters.
@Suite struct StatePlanTests {
  private let folder: TemporaryFolder
  private let app = PlanBackend()
  private let shelf = StateShelf(account: "acme", script: "(test)")

  init() throws { folder = try TemporaryFolder() }

  private var path: String { folder.file("state.db") }

  private func set(_ key: String, _ value: String?) throws {
    let state = ProjectState(databasePath: path)
    defer { state.close() }
    if let value {
      try state.set(Array(value.utf8), at: key, on: shelf)
    } else {
      _ = try state.delete(key, on: shelf)
    }
  }

  private func values() throws -> [String] {
    let state = ProjectState(databasePath: path)
    defer { state.close() }
    return try state.listing(account: nil, script: nil).map { row in
      let value = try state.value(of: row.key, on: shelf) ?? []
      return "\(row.script) \(row.key) = \(String(decoding: value, as: UTF8.self))"
    }
  }

  private func claims() throws -> [String] {
    let state = ProjectState(databasePath: path)
    defer { state.close() }
    return try state.claims(account: "acme").map { "\($0.key) \($0.state)" }
  }

  /// Plans code on a copy of the state, and reads the plan from its file.
  private func plan(_ code: String) throws -> Plan {
    let copy = ScratchStateStore(of: path, at: path + "-plan")
    defer { copy.close() }
    let text = PlanFile.text(of: app.plan(code, store: copy).plan)
    let plan = try PlanFile.plan(in: text)
    #expect(PlanFile.text(of: plan) == text)
    return plan
  }

  private func application(_ plan: Plan) throws -> PlanApplication {
    PlanApplication(
      plan, lane: Lane(backend: app.scripted),
      ledger: try AppliedPlans(databasePath: folder.file("plans.db")),
      state: SQLiteStateStore(databasePath: path))
  }

  private func shown(_ plan: Plan) -> [String] {
    plan.changes.map { change in
      "\(change.beforeWrite) \(change.kind.rawValue) \(change.content.shown.json)"
        + (change.before.map { " was \($0.json)" } ?? "")
        + (change.follows.map { " after \($0)" } ?? "")
    }
  }

  private static let code = """
    refold.store.set("n", (refold.store.get("n") or 0) + 1)
    local id = refold.once("k", function()
      local c = refold.exec("crm", "create_contact", nil, { email = "new@x.example" })
      refold.store.set("contact:" .. c.data.id, { id = c.data.id })
      return c.data.id
    end, { window = 60 })
    refold.store.update("n", function(n) return n + 1 end)
    refold.store.set("same", "s")
    refold.store.delete("none")
    refold.store.delete("old")
    refold.exec("crm", "notify", nil, { text = "made " .. id })
    """

  @Test func `changes are captured in their order among the writes, and made once`() throws {
    for (key, value) in [("n", "1"), ("same", "\"s\""), ("old", "{\"a\":1}")] {
      try set(key, value)
    }
    let plan = try plan(Self.code)
    #expect(
      shown(plan) == [
        #"1 set {"key":"n","value":2} was 1"#, #"1 claim {"key":"k","window":60.0}"#,
        #"2 set {"key":"contact:(known after apply)","value":{"id":"(known after apply)"}}"#,
        #"2 done {"key":"k","result":"(known after apply)"} after 2"#,
        #"2 set {"key":"n","value":3} after 1"#, #"2 remove {"key":"old"} was {"a":1}"#,
      ])
    #expect(try values().count == 3)
    let application = try application(plan)
    #expect(try application.drift() == [])
    #expect(try application.send() == .applied)
    #expect((application.sent, application.changed) == (2, 6))
    let expected = [
      #"(test) contact:8 = {"id":"8"}"#, "(test) n = 3", #"(test) same = "s""#,
    ]
    #expect(try values() == expected)
    #expect(try claims() == ["k done"])
    // The record of the writes is lost: still no change is made twice.
    #expect(try application.send() == .applied)
    #expect(application.changed == 6)
    #expect(try values() == expected)
  }

  @Test func `a value that moved is shown, and refused also when it moves at the last moment`()
    throws
  {
    try set("n", "1")
    let plan = try plan(#"refold.store.set("n", refold.store.get("n") + 1)"#)
    try set("n", "5")
    let application = try application(plan)
    let drift = try application.drift()
    #expect(
      drift.flatMap(\.changes) == [.init(field: "value", before: .number("1"), now: .number("5"))])
    #expect(
      try application.send()
        == .moved(plan.changes[0], "it holds 5 now, and the plan saw 1"))
    #expect(try values() == ["(test) n = 5"])
    try set("n", nil)
    #expect(
      try application.send()
        == .moved(plan.changes[0], "it holds nothing now, and the plan saw 1"))
    try set("n", "1")
    #expect(try application.drift() == [])
    #expect(try application.send() == .applied)
    #expect(try values() == ["(test) n = 2"])
  }

  @Test func `a value that only decides is looked at again as well`() throws {
    try set("cursor", "\"a\"")
    try set("x:1", "1")
    let plan = try plan(
      """
      for key, value in refold.store.each("x:") do refold.exec("crm", "notify", nil, { text = key }) end
      if refold.store.get("cursor") == "a" then refold.exec("crm", "notify", nil, { text = "a" }) end
      refold.store.get("later")
      """)
    #expect(plan.changes == [])
    func moved() throws -> [String] {
      try application(plan).drift().flatMap(\.changes).map { "\($0.field) \($0.now?.json ?? "-")" }
    }
    #expect(try moved() == [])
    try set("cursor", "\"b\"")
    try set("x:0", "0")
    try set("y", "0")
    // What is read behind the last write decides nothing.
    try set("later", "0")
    #expect(try moved() == ["x:0 0", "value \"b\""])
  }

  @Test func `a plan's own changes do not keep it from going on`() throws {
    try set("n", "1")
    let plan = try plan(
      """
      local n, seen = refold.store.get("n"), 0
      for key in refold.store.each() do seen = seen + 1 end
      refold.store.set("n", n + 1)
      refold.once("k", function()
        refold.exec("crm", "update_contact", nil, { contact_id = "7", phone = "2" })
        refold.store.set("m", seen)
      end)
      """)
    let stopped = try PlanApplication(
      plan, lane: Lane(backend: app.scripted),
      ledger: AppliedPlans(databasePath: folder.file("plans.db")),
      state: SQLiteStateStore(databasePath: path),
      permissions: [Permissions(source: "'refold.lua'", writes: [])])
    guard case .refused = try stopped.send() else {
      Issue.record("it was sent")
      return
    }
    #expect(stopped.changed == 2)
    #expect(try values() == ["(test) n = 2"])
    #expect(try stopped.drift() == [])
  }

  @Test func `an application that died in the middle of refold.once takes its claim again`() throws
  {
    let plan = try plan(Self.code)
    // The process ends when its file of claims is let go.
    do {
      let died = try PlanApplication(
        plan, lane: Lane(backend: app.scripted),
        ledger: AppliedPlans(databasePath: folder.file("plans.db")),
        state: SQLiteStateStore(databasePath: path),
        permissions: [Permissions(source: "'refold.lua'", writes: [])])
      guard case .refused = try died.send() else {
        Issue.record("it was sent")
        return
      }
    }
    #expect(try claims() == ["k interrupted"])
    let application = try application(plan)
    #expect(try application.drift() == [])
    #expect(try application.send() == .applied)
    #expect(try claims() == ["k done"])
    #expect(app.written.count == 2)
  }

  @Test func `what another run did once since is not done again`() throws {
    let plan = try plan(#"refold.once("k", function() refold.store.set("n", 1) end)"#)
    let store = SQLiteStateStore(databasePath: path)
    try store.openAndWait()
    let other = StateClaim(account: "acme", key: "k")
    #expect(try store.claimAndWait(other, window: nil) == .won)
    let application = try application(plan)
    #expect(try application.send() == .moved(plan.changes[0], "another run is at it"))
    try ProjectState.wait(store) { store.settle(other, .done(nil), $0) }
    #expect(
      try application.drift().flatMap(\.changes).map { "\($0.field) \($0.now?.json ?? "")" }
        == [#"state "done""#])
    #expect(
      try application.send() == .moved(plan.changes[0], "it was done since the plan was made"))
    #expect(try values() == [])
  }

  @Test func `a function that fails gives its key back, and a plan that ends in one says so`()
    throws
  {
    let failing = try plan(
      #"pcall(refold.once, "k", function() refold.store.set("n", 1) error("no") end)"#)
    #expect(failing.changes.map(\.kind) == [.claim, .set, .release])
    #expect(try application(failing).send() == .applied)
    #expect(try claims() == [])
    let ending = try plan(
      """
      refold.once("e", function()
        local c = refold.exec("crm", "create_contact", nil, { email = "new@x.example" })
        return c.data.id > 3
      end)
      """)
    #expect(ending.changes.map(\.kind) == [.claim, .interrupt])
    #expect(try application(ending).send() == .applied)
    #expect(try claims() == ["e interrupted"])
  }

  @Test func `a dead letter is kept once, under the id that the script was told`() throws {
    let plan = try plan(
      """
      local c = refold.exec("crm", "create_contact", nil, { email = "new@x.example" })
      local id = refold.dead_letter({ contact = c.data.id }, { message = "no good" })
      refold.exec("crm", "notify", nil, { text = id })
      """)
    let application = try application(plan)
    #expect(try application.send() == .applied)
    let store = SQLiteStateStore(databasePath: path)
    let letters = try DeadLetters(store).list()
    #expect(letters.map(\.attempts) == [1])
    let letter = try #require(try store.letter(letters[0].id))
    #expect(String(decoding: letter.record, as: UTF8.self) == #"{"contact":"8"}"#)
    #expect(letter.run == "plan \(application.id.prefix(12))")
    #expect(letter.script == "(test)")
    #expect(letter.place == "(test):2")
    #expect(app.written.last == #"crm.notify {"text":"\#(letter.id)"}"#)
    try DeadLetters(store).drop(letter.id)
    #expect(try application.send() == .applied)
    #expect(try DeadLetters(store).list() == [])
  }

  @Test func `text that was made of a value known after apply and changed ends the plan`() throws {
    let planned = app.plan(
      """
      local c = refold.exec("crm", "create_contact", nil, { email = "new@x.example" })
      refold.store.set("k", ("%s"):format(c.data.id):upper())
      """)
    #expect(
      planned.end
        == "(test):2: the text of a value that is known after apply was changed before it was kept: use '..'"
    )
  }
}
