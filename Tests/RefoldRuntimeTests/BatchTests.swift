import RefoldActions
import RefoldRuntime
import Testing

/// Runs for several accounts at once, on one thread.
@Suite struct BatchTests {
  private func runAll(
    _ code: String, accounts: [String], concurrency: Int = 8,
    on backend: ScriptedBackend = ScriptedBackend(), timeout: Duration? = .seconds(30)
  ) -> [RunOutcome] {
    let script = Script(name: "script.lua", source: Array(code.utf8), moduleFolders: [])
    let options = accounts.map { RunOptions(account: $0, timeout: timeout) }
    return Lane(backend: backend).runAll(script, options, concurrency: concurrency)
  }

  @Test func `outcomes come in the order of the accounts, whichever ends first`() {
    let code = """
      refold.sleep(refold.account == "a" and 0.02 or 0)
      return refold.account
      """
    #expect(runAll(code, accounts: ["a", "b", "c"]).map(\.text) == [#""a""#, #""b""#, #""c""#])
  }

  @Test func `runs wait for their calls together, and no more than may`() {
    for (concurrency, most) in [(8, 4), (2, 2), (1, 1)] {
      let backend = ScriptedBackend()
      backend.answersLater = true
      let outcomes = runAll(
        "return refold.exec('crm', 'get_contact').node_status", accounts: ["a", "b", "c", "d"],
        concurrency: concurrency, on: backend)
      #expect(outcomes.allSatisfy { $0.text == #""Success""# })
      #expect(backend.mostWaiting == most)
    }
  }

  @Test func `each call is made for the account of its run`() {
    let backend = ScriptedBackend()
    _ = runAll("refold.exec('crm', 'get_contact')", accounts: ["a", "b"], on: backend)
    let executed = backend.calls.filter { if case .execute = $0.operation { true } else { false } }
    #expect(executed.map(\.account) == ["a", "b"])
  }

  @Test func `one run that fails does not touch the others`() {
    let code = "if refold.account == 'b' then error('no', 0) end refold.sleep(0.001) return 1"
    #expect(
      runAll(code, accounts: ["a", "b", "c"]).map(\.text) == ["1", "script_error: no", "1"])
  }

  @Test func `runs share no globals, no string methods, no modules' state`() {
    let code = """
      local seen = tostring(leak) .. tostring(string.leak) .. tostring(("").leak)
      leak, string.leak = refold.account, refold.account
      refold.sleep(0.001)
      return seen .. leak
      """
    #expect(
      runAll(code, accounts: ["a", "b", "c"]).map(\.text) == [
        #""nilnilnila""#, #""nilnilnilb""#, #""nilnilnilc""#,
      ])
  }

  @Test func `each run has a time limit of its own, also in a loop`() {
    let code = """
      if refold.account == "loop" then while true do pcall(function() end) end end
      if refold.account == "sleep" then refold.sleep(100) end
      refold.sleep(0.01)
      return "done"
      """
    let script = Script(name: "script.lua", source: Array(code.utf8), moduleFolders: [])
    let options = [("quick", 30_000), ("loop", 50), ("sleep", 60), ("quick", 30_000)].map {
      RunOptions(account: $0.0, timeout: .milliseconds($0.1))
    }
    let outcomes = Lane(backend: ScriptedBackend()).runAll(script, options, concurrency: 4)
    #expect(outcomes[1].failure?.code == "time_limit")
    #expect(outcomes[2].failure?.code == "time_limit")
    #expect(outcomes[0].text == #""done""#)
    #expect(outcomes[3].text == #""done""#)
  }

  @Test func `a script that does not compile fails for each account`() {
    let outcomes = runAll("return return", accounts: ["a", "b"])
    #expect(outcomes.map { $0.failure?.code } == ["syntax_error", "syntax_error"])
  }

  @Test func `a thousand runs that wait`() {
    let outcomes = runAll(
      "refold.sleep(0.01) return refold.account", accounts: (0..<1000).map { "a\($0)" },
      concurrency: 1000)
    #expect(outcomes.enumerated().allSatisfy { $0.element.text == #""a\#($0.offset)""# })
  }
}
