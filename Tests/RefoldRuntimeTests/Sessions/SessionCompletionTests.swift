import RefoldActions
import RefoldRuntime
import Testing

/// What Tab asks of a session whose backend may be slow, or gone.
@Suite struct SessionCompletionTests {
  @Test func `a look-up without an answer is given up, and kept when it has come`()
    throws
  {
    let backend = ScriptedBackend()
    backend.answersLater = true
    var isSilent = true
    backend.isHeld = { _ in isSilent }
    let session = try Session(Lane(backend: backend), account: "acme")
    #expect(session.apps(patience: .milliseconds(20)) == nil)
    #expect(session.isLookingUp)
    isSilent = false
    #expect(session.apps(patience: .seconds(10))?.map(\.slug) == ["crm"])
    #expect(!session.isLookingUp)
    // Asked once, and kept.
    #expect(session.apps(patience: .zero)?.map(\.slug) == ["crm"])
    #expect(backend.calls.count == 1)
  }

  @Test func `a backend that has gone leaves the session usable`() throws {
    var isGone = false
    let backend = ScriptedBackend { call in
      isGone
        ? .failure(ActionError(.transient, code: "unreachable", message: "no route", about: call))
        : nil
    }
    let session = try Session(Lane(backend: backend), account: "acme")
    #expect(session.linkedAccounts(patience: .seconds(10)) == ["acme"])
    isGone = true
    #expect(session.actions(of: "crm", patience: .milliseconds(20)) == nil)
    isGone = false
    #expect(session.actions(of: "crm", patience: .seconds(10))?.count == 2)
  }
}
