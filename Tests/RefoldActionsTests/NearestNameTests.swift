import Testing

@testable import RefoldActions

@Suite struct NearestNameTests {
  static let names = [
    "create_contact", "create_company", "get_contact", "update_contact", "email", "limit", "id",
  ]

  @Test(arguments: [
    ("create_contct", "create_contact" as String?),
    ("create_contcat", "create_contact"),
    ("CREATE_CONTACT", "create_contact"),
    ("creat_contacts", "create_contact"),
    ("get_contacts", "get_contact"),
    ("emial", "email"),
    ("limt", "limit"),
    ("limits", "limit"),
    ("ids", "id"),
    ("email", "email"),
    ("delete_everything", nil),
    ("e", nil),
    ("", nil),
    ("xy", nil),
    ("émail", "email"),
  ])
  func `the nearest name is offered when one is near`(name: String, expected: String?) {
    #expect(NearestName.of(name, in: Self.names) == expected)
    #expect(NearestName.of(name, in: Self.names.reversed()) == expected)
  }

  @Test func `equally near names are told apart by their beginning, then by order`() {
    for names in [["bat", "cot", "cab"], ["cab", "cot", "bat"], ["cot", "bat", "cab"]] {
      #expect(NearestName.of("cat", in: names) == "cab")
    }
    #expect(NearestName.of("aaaa1", in: ["aaaa3", "aaaa2"]) == "aaaa2")
  }

  @Test func `nothing is near among no names, or to a text too long to be one`() {
    #expect(NearestName.of("a", in: []) == nil)
    let long = String(repeating: "a", count: 201)
    #expect(NearestName.of(long, in: [long]) == nil)
  }

  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 1),
    ("abcd", "acbd", 1), ("ca", "abc", 3),
  ])
  func `the distance counts edits`(one: String, other: String, edits: Int) {
    let distance = NearestName.distance(
      from: Array(one.unicodeScalars), to: Array(other.unicodeScalars))
    #expect(distance == edits)
  }
}
