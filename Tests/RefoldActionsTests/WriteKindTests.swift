import RefoldActions
import Testing

@Suite struct WriteKindTests {
  @Test(arguments: [
    ("create_contact", WriteKind.create), ("addNote", .create), ("update_task_v3", .update),
    ("editMessage", .update), ("delete_contact", .delete), ("archive-deal", .delete),
    ("send_message", .call), ("merge_contacts", .call), ("upsert_contact", .call), ("", .call),
  ])
  func `the first word of an action tells what a write does`(action: String, kind: WriteKind) {
    #expect(WriteKind(action: action, method: nil) == kind)
  }

  @Test(
    arguments: [
      ("PUT", .update), ("patch", .update), ("DELETE", .delete), ("POST", .call), (nil, .call),
    ] as [(String?, WriteKind)])
  func `the method tells for a raw request`(method: String?, kind: WriteKind) {
    #expect(WriteKind(action: "httprequest", method: method) == kind)
    #expect(WriteKind(action: "create_contact", method: method) == .create)
  }

  @Test func `readers of a record are named after it`() {
    #expect(
      WriteKind.readers(of: "updateContact").prefix(3)
        == ["get_contact_by_id", "get_contact", "read_contact_by_id"])
    #expect(
      WriteKind.readers(of: "delete_task_v3").prefix(2) == ["get_task_by_id_v3", "get_task_v3"])
    #expect(WriteKind.readers(of: "delete_task_v3").contains("get_task"))
    #expect(WriteKind.readers(of: "create_contact").isEmpty)
    #expect(WriteKind.readers(of: "update").isEmpty)
    #expect(WriteKind.normal("getContactById") == "get_contact_by_id")
  }
}
