/// One action of an app, as the API lists it.
public struct ActionSummary: Sendable, Hashable {
  /// The id by which the action is executed.
  public var actionID: String
  /// The name for people; the id when the API gives none.
  public var name: String
  /// What the action does; empty when the API does not say.
  public var description: String
  /// A label such as `v2`.
  public var tag: String?

  /// Creates a summary.
  public init(actionID: String, name: String, description: String = "", tag: String? = nil) {
    self.actionID = actionID
    self.name = name
    self.description = description
    self.tag = tag
  }

  /// Returns the actions in the body of a list reply, in its order.
  ///
  /// Takes a bare array as the API sends it, and `{"actions": […]}` as its documentation also has it. Unknown
  /// keys are ignored; an element without an `action_id` is left out.
  ///
  /// - Throws: `JSONScanError` when the body is not JSON or holds no list.
  public static func list(in body: [UInt8]) throws(JSONScanError) -> [ActionSummary] {
    var actions: [ActionSummary] = []
    try ListBody.read(body, wrappedIn: "actions") { (scanner) throws(JSONScanError) in
      if let action = try read(&scanner) { actions.append(action) }
    }
    return actions
  }

  private static func read(_ scanner: inout JSONScanner) throws(JSONScanError) -> ActionSummary? {
    var (id, name, description, tag): (String?, String?, String?, String?)
    try scanner.members { (key, scanner) throws(JSONScanError) in
      switch key {
      case "action_id": id = try scanner.string()
      case "name": name = try scanner.string()
      case "description": description = try scanner.string()
      case "tag": tag = try scanner.string()
      default: break
      }
    }
    guard let id else { return nil }
    return ActionSummary(
      actionID: id, name: name ?? id, description: description ?? "", tag: tag)
  }
}
