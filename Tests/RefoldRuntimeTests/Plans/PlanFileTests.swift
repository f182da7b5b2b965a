import RefoldActions
import Testing

@testable import RefoldRuntime

@Suite struct PlanFileTests {
  static func planned() -> Plan {
    PlanBackend().plan(
      """
      local c = refold.exec("crm", "create_contact", nil, { email = "a@x.example" })
      refold.exec("crm", "update_contact", nil, { contact_id = "7", phone = "2", note = { "x" .. c.data.id, c.data.id } })
      refold.exec("crm", "update_contact", nil, { contact_id = "7", email = c.data.email })
      """
    ).plan
  }

  @Test func `a plan reads back as it was written`() throws {
    let plan = Self.planned()
    let text = PlanFile.text(of: plan)
    let read = try PlanFile.plan(in: text)
    #expect(PlanFile.text(of: read) == text)
    #expect(read.writes.map(\.parameters) == plan.writes.map(\.parameters))
    #expect(read.reads == plan.reads)
    #expect(PlanFile.id(of: read) == PlanFile.id(of: plan))
    #expect(PlanFile.id(of: Self.planned()) != PlanFile.id(of: plan))
  }

  @Test func `a plan of the first version is the same plan`() throws {
    let plan = Self.planned()
    let text = String(decoding: PlanFile.text(of: plan), as: UTF8.self)
    let old = text.replacing("\"format_version\": 2", with: "\"format_version\": 1")
    #expect(old != text)
    let read = try PlanFile.plan(in: Array(old.utf8))
    #expect(PlanFile.id(of: read) == PlanFile.id(of: plan))
  }

  @Test func `another layout is the same plan`() throws {
    let text = PlanFile.text(of: Self.planned())
    let compact = Array(try PlanValue(json: text).json.utf8)
    #expect(try PlanFile.text(of: PlanFile.plan(in: compact)) == text)
  }

  private func problem(_ text: String) throws -> String {
    let problem = #expect(throws: PlanFile.Problem.self) {
      try PlanFile.plan(in: Array(text.utf8))
    }
    return try #require(problem).code
  }

  @Test func `what is no plan, or another one, is refused by a code`() throws {
    let text = String(decoding: PlanFile.text(of: Self.planned()), as: UTF8.self)
    #expect(try problem("") == "plan_truncated")
    for cut in [1, 100, text.utf8.count - 3] {
      #expect(try problem(String(text.prefix(cut))) == "plan_truncated")
    }
    #expect(try problem("return {}") == "plan_not_json")
    #expect(try problem("[1]") == "plan_foreign")
    #expect(try problem("{\"format\":\"refold-recording\",\"format_version\":1}") == "plan_foreign")
    #expect(
      try problem(text.replacing("\"format_version\": 2", with: "\"format_version\": 3"))
        == "plan_version")
    #expect(try problem(text.replacing("\"2\"", with: "\"3\"")) == "plan_edited")
    #expect(try problem(text.replacing("\"fill_in\"", with: "\"filled\"")) == "plan_edited")
  }

  @Test func `the right checksum does not make any JSON a plan`() throws {
    let content = PlanValue.fields(["script": .text("x")])
    let document = PlanValue.fields([
      "format": .text("refold-plan"), "format_version": .number("1"),
      "sha256": .text(Fingerprint.of(content.json)), "plan": content,
    ])
    #expect(try problem(document.json) == "plan_invalid")
  }

  /// The values are those of the standard and of `sha256sum`.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000),
      "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"
    ),
  ])
  func `fingerprints are SHA-256`(text: String, digits: String) {
    #expect(Fingerprint.of(text) == digits)
  }
}
