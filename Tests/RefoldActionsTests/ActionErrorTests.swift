import RefoldActions
import Testing

@Suite struct ActionErrorTests {
  @Test func `an error is a block that names the place and the way out`() {
    let error = ActionError(
      kind: .permanent, status: 404, code: "SERVER_ERROR", message: "the API did not find it",
      hint: "list the actions with 'refold actions hubspot'", app: "hubspot",
      action: "create_contct", account: "demo-user-1", traceID: "7f3a")
    #expect(
      error.block(at: "sync.lua:12") == """
        hubspot.create_contct: the API did not find it
          at sync.lua:12
          fix: list the actions with 'refold actions hubspot'
          status 404, code SERVER_ERROR, trace id 7f3a
        """)
  }

  @Test func `an error that names its action does not name it twice`() {
    let error = ActionError(
      kind: .permanent, code: "unknown_action", message: "no action 'hubspot.create_contct'",
      app: "hubspot", action: "create_contct")
    #expect(
      error.description == """
        no action 'hubspot.create_contct'
          code unknown_action
        """)
  }

  @Test func `an error about an app names the app`() {
    let error = ActionError(
      kind: .transient, code: "timeout", message: "no answer in 10 s", app: "hubspot")
    #expect(error.description == "hubspot: no answer in 10 s\n  code timeout")
  }

  @Test(arguments: [
    (ActionError.Kind.permanent, 1 as Int32), (.auth, 4), (.budget, 7), (.permission, 7),
    (.transient, 8),
    (.unknownOutcome, 10), (.cancelled, 130), (.diverged, 9),
  ])
  func `each kind has its exit status`(kind: ActionError.Kind, status: Int32) {
    #expect(kind.exitStatus == status)
  }

  @Test func `the kinds are named as scripts see them`() {
    #expect(
      ActionError.Kind.allCases.map(\.rawValue) == [
        "transient", "auth", "permanent", "budget", "permission", "unknown_outcome", "cancelled",
        "diverged",
      ])
  }
}
