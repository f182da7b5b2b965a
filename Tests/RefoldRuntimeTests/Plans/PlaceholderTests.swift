import RefoldActions
import Testing

@testable import RefoldRuntime

@Suite struct PlaceholderTests {
  static let create =
    #"local c = refold.exec("crm", "create_contact", nil, { email = "a@x.example" })"#

  @Test func `what is known after apply is passed on, joined and logged`() {
    let planned = PlanBackend().plan(
      """
      \(Self.create)
      local kept = { id = c.data.id }
      refold.exec("crm", "notify", nil, { id = kept.id, text = "made " .. kept.id .. " as " .. c.data.email })
      refold.exec("crm", "notify", nil, { text = table.concat({ "a", tostring(kept.id), 1 }, "-") })
      refold.exec("crm", "notify", nil, { text = ("%s!"):format(kept.id) })
      refold.exec("crm", "notify", nil, { text = require("json").encode({ id = kept.id }) })
      refold.log.info("made " .. kept.id)
      print(kept.id)
      return c.node_status
      """)
    let id = PlanValue.Answer(write: 1, path: ["id"])
    #expect(planned.outcome.text == "\"Success\"")
    let texts = planned.plan.writes.dropFirst().map { $0.parameters["text"] }
    #expect(
      texts == [
        .unknown([.text("made "), .answer(id), .text(" as a@x.example")]),
        .unknown([.text("a-"), .answer(id), .text("-1")]),
        .unknown([.answer(id), .text("!")]),
        .unknown([.text(#"{"id":"#), .json(id), .text("}")]),
      ])
    #expect(planned.plan.writes[1].parameters["id"] == .unknown([.answer(id)]))
    #expect(planned.log == ["made (known after apply)", "(known after apply)"])
    #expect(
      planned.plan.writes[0].assumptions
        == [.init(path: ["email"], value: .text("a@x.example"))])
  }

  @Test(arguments: [
    ("if c.data.total > 3 then end", "data.total", "it is compared"),
    ("return c.data.id == c.data.other", "data.id", "it is compared"),
    ("return c.data.count + 1", "data.count", "it is computed with"),
    ("return 1 + c.data.count", "data.count", "it is computed with"),
    ("return #c.data.results", "data.results", "its length is asked for"),
    ("for k in pairs(c.data) do end", "data", "its fields are listed"),
    ("local k = next(c.data)", "data", "its fields are listed"),
    ("return c.data.results[1]", "data.results", "an element of it is read"),
    ("for _, x in ipairs(c.data.results) do end", "data.results", "an element of it is read"),
    ("return c.data.id:upper()", "data.id.upper", "a function of it is called"),
    ("c.data.id = 1", "data", "a field of it is set"),
    ("local n = tonumber(c.data.id)", "data.id", "it is taken for a number"),
    ("return ('x' .. c.data.id).y", "a text with data.id", "its text is looked into"),
    ("return pcall(function() return c.data.count < 1 end)", "data.count", "it is compared"),
    ("table.sort({ c.data.a, c.data.b })", "data.b", "it is compared"),
  ])
  func `what depends on it ends the plan, and pcall does not hold that up`(
    code: String, subject: String, reason: String
  ) {
    let planned = PlanBackend().plan("\(Self.create)\ndo \(code) end error('went on')")
    #expect(
      planned.end
        == "(test):2: \(subject) of write 1 (crm.create_contact) is known after apply, and \(reason)"
    )
    #expect(planned.writes.count == 1)
  }

  @Test func `a read by it ends the plan`() {
    let planned = PlanBackend().plan(
      "\(Self.create)\nrefold.exec('crm', 'get_contact', nil, { limit = c.data.id })")
    #expect(
      planned.end == "(test):2: crm.get_contact reads by a value that is known after apply")
  }

  @Test(arguments: [
    ("string.upper(c.data.id)", "#1 to 'upper' (string expected, got value known after apply)"),
    (
      "refold.sleep(c.data.id)",
      "'seconds' (#1) to 'sleep': number expected, got value known after apply"
    ),
    (
      "refold.exec('crm', 'notify', nil, {}, { key = c.data.id })",
      "'opts' (#5) to 'exec': option 'key' is a value known after apply"
    ),
  ])
  func `a function that wants text or a number ends the plan`(code: String, problem: String) {
    let planned = PlanBackend().plan("\(Self.create)\n\(code)")
    #expect(planned.end == "(test):2: bad argument \(problem)")
  }

  @Test func `text that was made of it and changed is not sent`() {
    let planned = PlanBackend().plan(
      """
      \(Self.create)
      local text = string.format("%s", c.data.id):upper()
      refold.exec("crm", "notify", nil, { text = text })
      """)
    #expect(
      planned.end
        == "(test):3: the text of a value that is known after apply was changed before it was sent: use '..'"
    )
  }

  @Test func `texts keep their values whatever the stack does`() {
    let planned = PlanBackend().plan(
      """
      \(Self.create)
      local bad = 0
      local function join(depth)
        if depth > 0 then return (join(depth - 1)) end
        if type("a" .. "-" .. c.data.id .. "b") ~= "table" then bad = bad + 1 end
      end
      for round = 1, 60 do join(round % 30) end
      refold.map({ 1, 2 }, function() for round = 1, 60 do join(round % 30) end end)
      return bad
      """)
    #expect(planned.outcome.text == "0")
  }

  @Test func `the store keeps it, as a value and as a key`() {
    let planned = PlanBackend().plan(
      """
      \(Self.create)
      refold.store.set(c.data.id, { list = { { id = c.data.id } } })
      local kept = refold.store.get(c.data.id).list[1]
      refold.exec("crm", "notify", nil, { text = "made " .. kept.id, none = refold.store.get("x") == nil })
      """)
    let id = PlanValue.Answer(write: 1, path: ["id"])
    #expect(planned.end == nil)
    #expect(planned.plan.writes[1].parameters["text"] == .unknown([.text("made "), .answer(id)]))
  }

  @Test func `data is not taken for a placeholder of another plan`() {
    let mark = PlaceholderMark(number: 1)
    let other = PlaceholderMark(number: 2)
    #expect(mark.index(of: .fields([mark.key: .number("3")])) == 3)
    #expect(mark.index(of: .fields([other.key: .number("3")])) == nil)
    #expect(mark.pieces(of: "a" + mark.text(3)) == [.plain("a"), .placeholder(3)])
    #expect(mark.pieces(of: other.text(3)) == [.plain(other.text(3))])
    #expect(mark.pieces(of: String(mark.text(3).dropLast())) == nil)
  }
}
