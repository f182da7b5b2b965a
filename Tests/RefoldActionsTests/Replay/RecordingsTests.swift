import Testing

@testable import RefoldActions

/// Which calls match what was recorded.
@Suite struct RecordingsTests {
  private func replay(_ calls: [RecordedCall], _ words: [String] = []) -> Recordings {
    var recording = RecordingTextTests.recording(calls)
    recording.header.hidden = words
    return Recordings([recording], folder: "rec")
  }

  private func make(
    _ recordings: Recordings, _ action: String, _ params: String, at path: [Int]
  ) -> String {
    let call = ActionCall(
      operation: .execute(app: "crm", action: action), account: "acme", body: Array(params.utf8),
      origin: CallOrigin(account: "acme", path: path))
    switch recordings.match(call) {
    case .answer(let answer, _, _):
      guard case .reply(_, _, .json(let tree)) = answer else { return "no JSON" }
      return tree.text
    case .diverged(let error): return error.message
    }
  }

  private func call(_ action: String, _ params: String, _ path: [Int], _ n: Int) throws
    -> RecordedCall
  {
    try RecordingTextTests.call(
      action, params, at: path, answered: n,
      .reply(status: 200, contentType: nil, body: .json(.number(String(n)))))
  }

  @Test func `equal calls get their answers in turn`() throws {
    let recordings = replay([try call("get_x", "{}", [1], 1), try call("get_x", "{}", [2], 2)])
    #expect(make(recordings, "get_x", "{}", at: [1]) == "1")
    #expect(make(recordings, "get_x", "", at: [2]) == "2")
    #expect(
      make(recordings, "get_x", "{}", at: [3])
        == """
        the replay differs: a call is made 3 times, and was recorded 2 times
          expected  no further such call
          actual    crm.get_x {}
        """)
  }

  @Test func `the order of names in parameters does not matter`() throws {
    let recordings = replay([try call("get_x", #"{"a":1,"b":{"c":2,"d":3}}"#, [1], 1)])
    #expect(make(recordings, "get_x", #"{"b":{"d":3,"c":2},"a":1}"#, at: [1]) == "1")
  }

  @Test func `other parameters are shown side by side`() throws {
    let recordings = replay([try call("add_x", #"{"a":1,"b":[1,2],"c":"x"}"#, [1], 1)])
    #expect(
      make(recordings, "add_x", #"{"a":1,"b":[1,3],"d":"x"}"#, at: [1])
        == """
        the replay differs: crm.add_x is called with other parameters than recorded
          expected  step 1: crm.add_x {"a":1,"b":[1,2],"c":"x"}
          actual    crm.add_x {"a":1,"b":[1,3],"d":"x"}
          differs   $.b[1]: 2 was recorded, 3 is sent
          differs   $.c: "x" was recorded, nothing is sent
          differs   $.d: nothing was recorded, "x" is sent
        """)
  }

  @Test func `within a task the order counts`() throws {
    let recordings = replay([try call("get_x", "{}", [1], 1), try call("get_y", "{}", [2], 2)])
    #expect(
      make(recordings, "get_y", "{}", at: [1])
        == """
        the replay differs: calls come in another order than recorded
          expected  step 1: crm.get_x {}
          actual    crm.get_y {}, recorded as step 2
        """)
  }

  @Test func `between children it does not, and equal calls of theirs keep apart`() throws {
    let calls = try [1, 2, 3].flatMap { child in
      [
        try call("get_x", "{}", [1, child, 1], child),
        try call("add_x", #"{"n":\#(child)}"#, [1, child, 2], 10 + child),
      ]
    }
    let recordings = replay(calls)
    for child in [3, 1, 2] {
      #expect(make(recordings, "get_x", "{}", at: [1, child, 1]) == String(child))
      #expect(
        make(recordings, "add_x", #"{"n":\#(child)}"#, at: [1, child, 2]) == String(10 + child))
    }
  }

  @Test func `a script that does the same one after the other still matches`() throws {
    let recordings = replay([
      try call("get_x", #"{"n":1}"#, [1, 1, 1], 1), try call("get_x", #"{"n":2}"#, [1, 2, 1], 2),
    ])
    #expect(make(recordings, "get_x", #"{"n":2}"#, at: [1]) == "2")
    #expect(make(recordings, "get_x", #"{"n":1}"#, at: [2]) == "1")
    #expect(recordings.divergence(of: "acme", hasEndedWell: true) == nil)
  }

  @Test func `calls that were not made are told, unless the run failed anyway`() throws {
    let recordings = replay([try call("get_x", "{}", [1], 1), try call("add_y", "{}", [2], 2)])
    _ = make(recordings, "get_x", "{}", at: [1])
    #expect(
      recordings.divergence(of: "acme", hasEndedWell: true)?.message
        == """
        the replay differs: the run has ended without a recorded call
          expected  step 2: crm.add_y {}
          actual    the end of the run
        """)
    #expect(recordings.divergence(of: "acme", hasEndedWell: false) == nil)
  }

  @Test func `an action that was never called is named with what was expected`() throws {
    let recordings = replay([try call("get_x", "{}", [1], 1)])
    #expect(
      make(recordings, "drop_x", "{}", at: [1])
        == """
        the replay differs: crm.drop_x was not called here
          expected  step 1: crm.get_x {}
          actual    crm.drop_x {}
        """)
  }

  @Test func `what was hidden matches whatever is sent there`() throws {
    var recorded = try call("add_x", "{}", [1], 1)
    recorded.identity.params = .of([
      "password": .string("[redacted]"), "note": .string("key [redacted] end"),
    ])
    let recordings = replay([recorded])
    #expect(
      make(recordings, "add_x", #"{"password":"p4ss","note":"key abc end"}"#, at: [1]) == "1")
  }

  @Test func `each recording hides what it hides, whatever the others do`() throws {
    var plain = RecordingTextTests.recording([
      try call("get_x", #"{"q":"bob@example.com"}"#, [1], 1)
    ])
    var hiding = plain
    let ada = EmailText.pseudonym(of: "ada@example.com")
    plain.header.account = "acme"
    hiding.header.account = ada
    hiding.header.hidden = ["email"]
    hiding.calls[0].identity.account = ada
    hiding.calls[0].identity.params = .of([
      "q": .string(EmailText.pseudonym(of: "bob@example.com"))
    ])
    let recordings = Recordings([plain, hiding], folder: "rec")
    for account in ["acme", "ada@example.com"] {
      let call = ActionCall(
        operation: .execute(app: "crm", action: "get_x"), account: account,
        body: Array(#"{"q":"bob@example.com"}"#.utf8),
        origin: CallOrigin(account: account, path: [1]))
      guard case .answer = recordings.match(call) else {
        Issue.record("no answer for \(account)")
        continue
      }
      #expect(recordings.divergence(of: account, hasEndedWell: true) == nil)
      #expect(recordings.recording(of: account) != nil)
    }
  }

  @Test func `a script's own addresses are given back to it in answers`() throws {
    let ada = EmailText.pseudonym(of: "ada@example.com")
    let bob = EmailText.pseudonym(of: "bob@example.com")
    let recorded = try RecordingTextTests.call(
      "get_x", #"{"email":"\#(ada)"}"#, at: [1], answered: 1,
      .reply(
        status: 200, contentType: nil,
        body: .json(.array([.string(ada), .string("to \(bob)")]))))
    let recordings = replay([recorded], ["email"])
    #expect(
      make(recordings, "get_x", #"{"email":"ada@example.com"}"#, at: [1])
        == #"["ada@example.com","to \#(bob)"]"#)
  }
}
