import RefoldActions
import RefoldRuntime
import RefoldSandbox
import Testing

/// Each fault of the sandbox as a script sees it: what recovers, and what never happens twice.
@Suite struct FaultTests {
  struct Outcome: Equatable {
    var text: String
    var repeats: Int
    var unknown: [String]
    /// The writes that came, as `applied` or `not`, with the status of the answer.
    var ledger: [String]
  }

  private func run(_ code: String, _ faults: String...) throws -> Outcome {
    let plan = FaultPlan(try faults.map { try Fault($0) })
    let backend = SandboxBackend(inMemory: { "2026-01-01T12:00:00.000Z" }, faults: plan)
    var configuration = Lane.Configuration(random: { 0.5 })
    configuration.skipWaits(computingFor: .seconds(20))
    let outcome = Lane(backend: backend, configuration).run(
      .inline(code), RunOptions(account: "demo-user-1"))
    let text =
      switch outcome.result {
      case .success(let json): String(decoding: json, as: UTF8.self)
      case .failure(let failure): "\(failure.kind.name) \(failure.code): \(failure.message)"
      }
    let ledger = try backend.ledger().map { entry in
      (entry.isApplied ? "applied " : "not ") + (entry.status.map { String($0) } ?? "none")
    }
    return Outcome(
      text: text, repeats: outcome.statistics.repeats,
      unknown: outcome.statistics.unknownWrites, ledger: ledger)
  }

  private static let read =
    #"return #refold.exec("hubspot", "get_contact", nil, { limit = "2" }).data.results"#
  private static let write =
    #"return refold.exec("hubspot", "create_contact", nil, { email = "n@example.com" }).node_status"#

  @Test(arguments: [
    Fault.Kind.rateLimit, .rateLimitAfter, .serverError, .unavailable, .timeoutBefore,
    .timeoutAfter, .truncated, .appFailed, .errorText, .html, .empty,
  ])
  func `a read recovers from what may pass`(kind: Fault.Kind) throws {
    let outcome = try run(Self.read, kind.rawValue)
    #expect(outcome == Outcome(text: "2", repeats: 1, unknown: [], ledger: []))
  }

  @Test(arguments: [
    (Fault.Kind.unauthorized, "auth SERVER_ERROR: the API refused the key: Invalid Credentials"),
    (
      .expiredConnection,
      "auth reconnect_needed: the connection of HubSpot for account 'demo-user-1' has expired"
    ),
    (.nodeFailed, "permanent call_failed: 'hubspot' failed: node_status is 'Failed'"),
    (.successFalse, "permanent call_failed: 'hubspot' failed: The app refused the call"),
    (
      .errorCode,
      "permanent VALIDATION_ERROR: the API rejected the request: A value is not acceptable"
    ),
    (.errorWord, "permanent SERVER_ERROR: the API reports a conflict: It exists already"),
    (.errorType, "permanent BAD_REQUEST: the API rejected the request: A value is not acceptable"),
  ])
  func `a read is not made again after what stays`(kind: Fault.Kind, text: String) throws {
    #expect(
      try run(Self.read, kind.rawValue)
        == Outcome(text: text, repeats: 0, unknown: [], ledger: []))
    #expect(try run(Self.write, kind.rawValue).text == text)
    #expect(try run(Self.write, kind.rawValue).repeats == 0)
  }

  @Test func `a write that was certainly not applied is made again`() throws {
    for kind in ["rate-limit", "rate-limit-after"] {
      #expect(
        try run(Self.write, kind)
          == Outcome(
            text: #""Success""#, repeats: 1, unknown: [], ledger: ["not 429", "applied 200"]))
    }
  }

  @Test(arguments: [
    (Fault.Kind.serverError, "not 500"), (.unavailable, "not 503"),
    (.timeoutBefore, "not none"), (.timeoutAfter, "applied none"), (.truncated, "applied 200"),
    (.appFailed, "not 200"), (.errorText, "not 500"), (.html, "not 502"), (.empty, "applied 200"),
  ])
  func `a write that may have been applied is never sent again`(
    kind: Fault.Kind, ledger: String
  ) throws {
    let outcome = try run(Self.write, kind.rawValue)
    #expect(outcome.text.hasPrefix("unknown_outcome "))
    #expect(outcome.text.hasSuffix(", so the write may have been applied"))
    #expect(outcome.repeats == 0)
    #expect(outcome.unknown == ["hubspot.create_contact"])
    #expect(outcome.ledger == [ledger])
  }

  @Test func `a slow answer comes late, or too late for who does not wait`() throws {
    #expect(try run(Self.read, "slow").text == "2")
    #expect(try run(Self.write, "slow").ledger == ["applied 200"])
    let impatient =
      #"refold.exec("hubspot", "create_contact", nil, { email = "n@example.com" }, { timeout = 0.5 })"#
    let outcome = try run(impatient, "slow")
    #expect(
      outcome.text
        == "unknown_outcome timeout: no answer within 0.5 s, so the write may have been applied")
    #expect(outcome.ledger == ["applied 200"])
  }

  @Test func `a repeated cursor gives the page before once more`() throws {
    let pages = """
      local ids, after = {}, nil
      for _ = 1, 3 do
        local page = refold.exec("hubspot", "get_contact", nil, { limit = "1", after = after }).data
        ids[#ids + 1] = page.results[1].id .. ">" .. page.paging.next.after
        after = page.paging.next.after
      end
      return table.concat(ids, " ")
      """
    #expect(try run(pages).text == #""51>1 101>2 102>3""#)
    #expect(try run(pages, "repeated-cursor").text == #""51>1 51>1 101>2""#)
    #expect(try run(pages, "repeated-cursor@2").text == #""51>1 101>2 101>2""#)
  }

  @Test func `a duplicate is the first record of a list twice`() throws {
    #expect(try run(Self.read, "duplicate").text == "3")
  }

  @Test func `an expired connection stays so, and other apps do not notice`() throws {
    let code = """
      local kinds = {}
      for index, app in ipairs({ "hubspot", "hubspot", "salesforce" }) do
        local action = app == "hubspot" and "get_contact" or "get_contacts"
        local ok, err = refold.try(app, action, nil, { limit = "1" })
        kinds[index] = ok and "ok" or err.code
      end
      kinds[4] = tostring(refold.app("hubspot").reauth_required)
      return table.concat(kinds, " ")
      """
    #expect(
      try run(code, "expired-connection:hubspot").text
        == #""reconnect_needed reconnect_needed ok true""#)
  }

  @Test func `a fault waits for its call`() throws {
    let three = """
      local out = {}
      for i = 1, 3 do
        local ok, err = refold.try("hubspot", "create_contact", nil, { email = i .. "@example.com" })
        out[i] = ok and "ok" or err.code
      end
      return table.concat(out, " ")
      """
    #expect(try run(three, "error-code@2").text == #""ok VALIDATION_ERROR ok""#)
    #expect(
      try run(three, "error-code@2+").text == #""ok VALIDATION_ERROR VALIDATION_ERROR""#)
    #expect(try run(three, "error-code@1+:salesforce").text == #""ok ok ok""#)
    #expect(try run(three, "error-code:hubspot.get_contact").text == #""ok ok ok""#)
    #expect(
      try run(three, "error-code@1", "error-word@3").text == #""VALIDATION_ERROR ok SERVER_ERROR""#)
  }

  @Test func `what comes by chance comes again with the same seed`() throws {
    func hits(_ seed: UInt64) throws -> [Int] {
      let plan = FaultPlan([try Fault("error-code@20%")], seed: seed)
      let backend = SandboxBackend(inMemory: { "2026-01-01T12:00:00.000Z" }, faults: plan)
      let call = ActionCall(
        operation: .execute(app: "hubspot", action: "get_contact"), account: "acme")
      for _ in 0..<200 { _ = backend.begin(call) { _ in } }
      return plan.hits.map(\.number)
    }
    let first = try hits(1)
    #expect((20...60).contains(first.count))
    #expect(try hits(1) == first)
    #expect(try hits(2) != first)
  }

  @Test(arguments: [
    (
      "ratelimit", "there is no fault 'ratelimit'",
      "did you mean 'rate-limit'? See 'refold help faults'"
    ),
    (
      "html@x", "the fault 'html@x' does not say when: 'x'",
      "write '@3' for the third such call, '@3+' for it and all later ones, '@10%' for chance"
    ),
    (
      "html@0", "the fault 'html@0' does not say when: '0'",
      "write '@3' for the third such call, '@3+' for it and all later ones, '@10%' for chance"
    ),
    (
      "html:", "the fault 'html:' names no app after ':'",
      "write ':hubspot' or ':hubspot.create_contact'"
    ),
  ])
  func `a text that names no fault is refused`(text: String, message: String, hint: String) {
    #expect(throws: FaultError(message: message, hint: hint)) { try Fault(text) }
  }

  @Test(arguments: ["html@1", "slow@3+:hubspot", "timeout-after@10%:hubspot.create_contact"])
  func `a fault is written as it is read`(text: String) throws {
    #expect(try Fault(text).description == text)
  }
}
