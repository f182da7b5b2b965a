import RefoldActions
import RefoldRuntime
import RefoldSandbox
import RefoldTesting
import Testing

/// Whole runs that are recorded, and replayed without the sandbox.
@Suite struct ReplayTests {
  private struct Replayed {
    var recorded: String
    var text: String
    var failure: RunFailure?
    var divergence: ActionError?
    var recording: Recording
  }

  /// Records a run of some code, and replays it with that code or with other code.
  private func replay(
    _ code: String, with other: String? = nil, faults: [String] = [],
    changing change: (inout Recording) -> Void = { _ in }
  ) throws -> Replayed {
    let plan = FaultPlan(try faults.map { try Fault($0) })
    let recorder = Recorder(Redaction())
    let sandbox = SandboxBackend(inMemory: { "2026-01-01T12:00:00.000Z" }, faults: plan)
    let facts = RunFacts()
    let first = outcome(
      of: code, on: RecordingBackend(sandbox, recorder), facts: facts)
    let header = Recording.Header(
      script: "s", account: "acme", backend: "sandbox", version: "1", runID: facts.runID,
      seed: facts.seed, started: 0)
    var recording = try recorder.recording(
      header,
      readings: facts.clock.changes.map { .init(number: $0.reading, seconds: $0.seconds) },
      outcome: "ok")
    change(&recording)
    let read = try Recording(recording.bytes, at: "r.jsonl")
    let recordings = Recordings([read], folder: "rec")
    let again = RunFacts(
      runID: facts.runID, seed: facts.seed,
      clock: ScriptClock(
        showing: read.readings.map { .init(reading: $0.number, seconds: $0.seconds) }, start: 0))
    let second = outcome(of: other ?? code, on: ReplayBackend(recordings), facts: again)
    var failure: RunFailure?
    if case .failure(let error) = second.result { failure = error }
    return Replayed(
      recorded: text(first), text: text(second), failure: failure,
      divergence: recordings.divergence(of: "acme", hasEndedWell: failure == nil),
      recording: read)
  }

  private func outcome(
    of code: String, on backend: any Backend, facts: RunFacts
  ) -> RunOutcome {
    var configuration = Lane.Configuration(random: { 0.5 })
    configuration.skipWaits(computingFor: .seconds(20))
    var options = RunOptions(account: "acme")
    options.facts = facts
    return Lane(backend: backend, configuration).run(.inline(code), options)
  }

  private func text(_ outcome: RunOutcome) -> String {
    switch outcome.result {
    case .success(let json): String(decoding: json, as: UTF8.self)
    case .failure(let failure): "\(failure.kind.name) \(failure.code)"
    }
  }

  @Test(arguments: [
    #"return refold.exec("hubspot", "get_contact", nil, { limit = "1" }).data.results[1].id"#,
    #"return { refold.apps()[1].slug, #refold.actions("hubspot"), refold.app("hubspot").connected }"#,
    #"return { os.time(), os.date("!%Y", 0), math.random(1e9), refold.run_id, (os.date("!%F")) }"#,
    """
    return refold.map({ 3, 1, 2 }, function(n)
      local page = refold.exec("hubspot", "get_contact", nil, { limit = tostring(n) })
      return #page.data.results + #refold.exec("hubspot", "get_deals").data.results
    end, { concurrency = 2 })
    """,
    """
    local ok, err = pcall(refold.all, {
      function() refold.exec("hubspot", "get_contact") refold.sleep(5) refold.exec("hubspot", "get_deals") end,
      function() refold.sleep(1) error({ code = "stop", message = "stop" }) end,
    })
    return { ok, err.code, refold.exec("hubspot", "create_deal", nil, { dealname = "d" }).data.id }
    """,
  ])
  func `a replay gives what the run gave`(code: String) throws {
    let replayed = try replay(code)
    #expect(!replayed.recorded.contains("error"))
    #expect(replayed.text == replayed.recorded)
    #expect(replayed.divergence == nil)
  }

  @Test func `failures and repeated attempts come again as they came`() throws {
    let code = """
      local n = #refold.exec("hubspot", "get_contact", nil, { limit = "2" }).data.results
      local ok, err = refold.try("hubspot", "create_deal", nil, { dealname = "d" })
      return { n, err.kind, err.status, err.message }
      """
    let replayed = try replay(code, faults: ["rate-limit-after@1", "unavailable@3"])
    #expect(
      replayed.recorded
        == #"[2,"unknown_outcome",503,"the API failed: Service unavailable, so the write may have been applied"]"#
    )
    #expect(replayed.text == replayed.recorded)
    #expect(replayed.recording.calls.map(\.path) == [[1], [1], [2]])
    #expect(replayed.divergence == nil)
  }

  @Test func `answers come in the order in which they came`() throws {
    // The first child's answer was slow when it was recorded, so the second one was first.
    let code = """
      local order = {}
      refold.all({
        function() refold.exec("hubspot", "get_contact") order[#order + 1] = "slow" end,
        function() refold.exec("hubspot", "get_deals") order[#order + 1] = "fast" end,
      })
      return table.concat(order, " ")
      """
    let replayed = try replay(code, faults: ["slow@1"])
    #expect(replayed.recorded == #""fast slow""#)
    #expect(replayed.text == #""fast slow""#)
  }

  @Test func `nothing in the script can catch that it differs`() throws {
    let read = #"refold.exec("hubspot", "get_contact", nil, { limit = "1" })"#
    let other = #"pcall(refold.exec, "hubspot", "get_contact", nil, { limit = "2" })"#
    for caught in [other, other.replacing("pcall(refold.exec", with: "(refold.try")] {
      let code = "local a = \(caught) while true do end return 1"
      let replayed = try replay(read, with: code.replacing("(refold.try,", with: "refold.try("))
      #expect(replayed.failure?.kind.exitStatus == 9)
      #expect(replayed.failure?.code == "replay_unmatched")
      #expect(replayed.failure?.location?.line == 1)
    }
  }

  @Test func `a call that was given up when it was recorded is not answered`() throws {
    let code = """
      local ok, err = pcall(refold.all, {
        function() refold.exec("hubspot", "get_contact") end,
        function() refold.exec("hubspot", "get_deals") error({ code = "stop", message = "stop" }) end,
      })
      return err.code
      """
    let replayed = try replay(code, faults: ["slow@1"])
    #expect(replayed.recorded == #""stop""#)
    #expect(replayed.recording.calls.map(\.answer).first == .givenUp)
    #expect(replayed.text == replayed.recorded)
    #expect(replayed.divergence == nil)
  }
}
