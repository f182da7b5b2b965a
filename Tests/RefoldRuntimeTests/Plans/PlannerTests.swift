import RefoldActions
import Testing

@testable import RefoldRuntime

@Suite struct PlannerTests {
  @Test func `writes are captured and never sent`() {
    let app = PlanBackend()
    let planned = app.plan(
      """
      refold.exec("crm", "create_contact", nil, { email = "a@x.example", tags = { "b" } })
      refold.exec("crm", "update_contact", nil, { contact_id = "7", phone = "2", email = "ada@x.example" })
      refold.exec("crm", "delete_contact", nil, { contact_id = "7" })
      refold.exec("crm", "notify", nil, { text = "done" })
      return refold.mode
      """)
    #expect(planned.outcome.text == "\"plan\"")
    #expect(
      planned.writes == [
        #"create create_contact {email: "a@x.example", tags: ["b"]}"#,
        #"update update_contact {phone: "1" -> "2"}"#,
        #"delete delete_contact {email: "ada@x.example" -> -, phone: "2" -> -}"#,
        #"call notify {text: "done"}"#,
      ])
    #expect(app.written == [])
    #expect(planned.plan.count(.update) == 1)
  }

  @Test func `an update that changes nothing is named as such, also after earlier writes`() {
    let planned = PlanBackend().plan(
      """
      local function update(fields) refold.exec("crm", "update_contact", nil, fields) end
      update({ contact_id = "7", phone = "1" })
      update({ contact_id = "7", phone = "2" })
      update({ contact_id = "7", phone = "1" })
      update({ contact_id = "7", phone = 1 })
      """)
    #expect(
      planned.writes == [
        "update update_contact {} unchanged", #"update update_contact {phone: "1" -> "2"}"#,
        #"update update_contact {phone: "2" -> "1"}"#, "update update_contact {} unchanged",
      ])
    #expect(planned.plan.unchanged == 2)
    #expect(planned.plan.reads.count == 1)
  }

  @Test func `a record that cannot be read is said to be so`() {
    let planned = PlanBackend().plan(
      """
      refold.exec("crm", "update_contact", nil, { contact_id = "99", phone = "1" })
      refold.exec("crm", "delete_contact", nil, { contact_id = "7" })
      refold.exec("crm", "update_contact", nil, { contact_id = "7", phone = "1" })
      refold.exec("crm", "update_deal", nil, { deal_id = "1", name = "x" })
      """)
    #expect(
      planned.writes == [
        #"update update_contact {phone: "1"} (there is no such record: the update will fail)"#,
        #"delete delete_contact {email: "ada@x.example" -> -, phone: "1" -> -}"#,
        #"update update_contact {phone: "1"} (an earlier write of the plan deletes it)"#,
        #"update update_deal {name: "x"}"#,
      ])
    #expect(planned.plan.writes[3].identity == ["deal_id"])
  }

  @Test func `what is not permitted is refused in a plan as well`() {
    let planned = PlanBackend().plan(
      """
      return { permissions = { write = {} }, run = function()
        return select(2, pcall(refold.exec, "crm", "create_contact", nil, { email = "a" })).kind
      end }
      """)
    #expect(planned.outcome.text == "\"permission\"")
    #expect(planned.writes == [])
  }

  @Test func `a read that looks for what the plan writes is pointed out`() {
    let planned = PlanBackend().plan(
      """
      refold.exec("crm", "create_contact", nil, { email = "a@x.example" })
      refold.exec("crm", "get_contact", nil, { limit = "a@x.example" })
      refold.exec("crm", "get_contact", nil, { limit = "b@x.example" })
      """)
    #expect(
      planned.plan.warnings == [
        "crm.get_contact at (test):2 looks for what write 1 sends; it saw the app as it is before the plan"
      ])
  }

  @Test func `only reads before the last write are what a plan rests on`() {
    let planned = PlanBackend().plan(
      """
      for i = 1, 2 do refold.exec("crm", "get_contact", nil, { limit = "1" }) end
      refold.exec("crm", "create_contact", nil, { email = "a" })
      refold.exec("crm", "get_contact", nil, { limit = "2" })
      """)
    #expect(planned.plan.reads.map(\.beforeWrite) == [1, 2])
    #expect(planned.plan.foundations.map(\.beforeWrite) == [1])
  }
}
