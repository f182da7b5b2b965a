import Testing

@testable import RefoldActions

/// What is recorded, and what is refused.
@Suite struct RecorderTests {
  private func recording(
    of bodies: [(params: String, reply: String)], _ redaction: Redaction = Redaction(),
    key: String? = nil
  ) throws -> Recording {
    let recorder = Recorder(redaction, key: key.map { SecretString($0) })
    for (index, body) in bodies.enumerated() {
      let call = ActionCall(
        operation: .execute(app: "crm", action: "get_x"), account: "acme",
        body: Array(body.params.utf8), origin: CallOrigin(account: "acme", path: [index + 1]))
      let ticket = recorder.begin(call)
      recorder.end(
        ticket, .success(Reply(status: 200, body: Array(body.reply.utf8), traceID: "t")),
        isGivenUp: false)
    }
    return try recorder.recording(RecordingTextTests.header, readings: [], outcome: "ok")
  }

  @Test func `a token in an answer is hidden there, and where it is sent on`() throws {
    let recording = try recording(of: [
      ("{}", #"{"data":{"access_token":"abcdefgh123"}}"#),
      (#"{"q":"t=abcdefgh123"}"#, #"{"data":1}"#),
    ])
    #expect(!String(decoding: recording.bytes, as: UTF8.self).contains("abcdefgh123"))
    #expect(recording.calls[1].identity.params.text == #"{"q":"t=[redacted]"}"#)
  }

  @Test func `the key is hidden wherever a server repeats it`() throws {
    let recording = try recording(
      of: [("{}", #"{"data":"your key is tk_0123456789abcdef"}"#)], key: "tk_0123456789abcdef")
    let text = String(decoding: recording.bytes, as: UTF8.self)
    #expect(text.contains("your key is [redacted]"))
  }

  @Test(arguments: [
    (
      "{}", #"{"data":{"list":[{"note":"tk_0123456789abcdef"}]}}"#,
      "nothing is recorded: $.data.list[0].note in the answer to crm.get_x, step 1 "
        + "looks like a Refold key"
    ),
    (
      "{}", #"{"note":"key:\ntk_0123456789abcdef"}"#,
      "nothing is recorded: $.note in the answer to crm.get_x, step 1 looks like a Refold key"
    ),
    (
      #"{"q":"Bearer abcdefghijklmnopqrstu"}"#, "{}",
      "nothing is recorded: $.q in the parameters of crm.get_x, step 1 looks like a bearer token"
    ),
  ])
  func `what looks like a secret fails the recording, with its place and not its value`(
    params: String, reply: String, message: String
  ) throws {
    let error = try #require(throws: RecordingError.self) {
      try recording(of: [(params, reply)])
    }
    #expect(error.message == message)
    #expect(error.hint == "hide the field with '--redact NAME', or take the secret out of the app")
  }

  @Test func `a field that is named is hidden instead of refused`() throws {
    let recording = try recording(
      of: [("{}", #"{"note":"tk_0123456789abcdef"}"#)], Redaction(words: ["note"]))
    #expect(recording.header.hidden == ["note"])
    #expect(String(decoding: recording.bytes, as: UTF8.self).contains(#""note":"[redacted]""#))
  }

  @Test func `trace ids, which differ each time, are left out`() throws {
    let recording = try recording(of: [("{}", "{}")])
    #expect(!String(decoding: recording.bytes, as: UTF8.self).contains("trace"))
  }

  @Test func `more than fits is refused`() throws {
    let large = "\"" + String(repeating: "x", count: 33 << 20) + "\""
    let error = try #require(throws: RecordingError.self) {
      try recording(of: [("{}", large), ("{}", large)])
    }
    #expect(error.message == "nothing is recorded: the calls hold more than 64 MiB")
  }
}
