import LuaSyntax

/// A call of `refold.exec`, `refold.try`, or of a function that looks actions up.
struct ActionUse: Sendable {
  /// A text in an argument, and where it stands.
  struct Argument: Sendable {
    var text: String
    var range: Range<Int>
  }

  /// The call.
  let call: LuaTree.ExpressionID
  /// The field of `refold`: `exec`, `try`, `actions`, `schema`, `app`.
  let function: String
  /// The slug of the app, where it is plain to see.
  let app: Argument?
  /// The id of the action, where it is plain to see.
  let action: Argument?
  let account: LuaTree.ExpressionID?
  let parameters: LuaTree.ExpressionID?
  let options: LuaTree.ExpressionID?
  /// Whether it is made through `pcall` or `xpcall`.
  let isProtected: Bool

  /// Whether it executes the action.
  var executes: Bool { function == "exec" || function == "try" }

  /// `hubspot.create_contact`, where both are plain to see.
  var name: String? {
    guard let app, let action else { return nil }
    return "\(app.text).\(action.text)"
  }

  /// Reads an expression; nil when it is no such call.
  init?(_ id: LuaTree.ExpressionID, _ resolver: PathResolver) {
    guard case .call(var callee, var arguments) = resolver.tree.expressions[id].kind else {
      return nil
    }
    var path = resolver.path(of: callee)
    let skipped = path == "pcall" ? 1 : path == "xpcall" ? 2 : 0
    isProtected = skipped > 0
    if isProtected {
      guard arguments.count > skipped else { return nil }
      callee = arguments[0]
      arguments = Array(arguments.dropFirst(skipped))
      path = resolver.path(of: callee)
    }
    guard let path, path.hasPrefix("refold.") else { return nil }
    let function = String(path.dropFirst("refold.".count))
    guard ["exec", "try", "schema", "actions", "app"].contains(function) else { return nil }
    let takesAction = function != "actions" && function != "app"
    func argument(_ index: Int) -> LuaTree.ExpressionID? {
      arguments.indices.contains(index) ? arguments[index] : nil
    }
    func text(_ index: Int) -> Argument? {
      guard let id = argument(index), let text = resolver.text(of: id) else { return nil }
      return Argument(text: text, range: resolver.tree.expressions[id].range)
    }
    let executes = function == "exec" || function == "try"
    self.call = id
    self.function = function
    app = text(0)
    action = takesAction ? text(1) : nil
    account = argument(takesAction ? 2 : 1)
    parameters = executes ? argument(3) : nil
    options = executes ? argument(4) : nil
  }
}
