import LuaSyntax

/// An argument of `refold.exec` or `refold.try` that stands in the wrong place.
enum WrongArgument: CheckRule {
  static let code = "wrong-argument"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    for use in file.uses where use.executes {
      if let account = use.account, file.resolver.table(of: account) != nil {
        findings.error(
          "the third argument of refold.\(use.function) is the account, and this is a table",
          at: file.range(account),
          hint: "parameters come fourth: pass nil for the run's account")
      }
      if let parameters = use.parameters, file.resolver.text(of: parameters) != nil {
        findings.error(
          "the fourth argument of refold.\(use.function) is the parameters, and this is text",
          at: file.range(parameters), hint: "pass a table with the parameters' names as keys")
      }
    }
  }
}
