import Lua
import RefoldActions

/// A parameter as a script gave it: enough to check it against a schema.
struct GivenParameter {
  let name: String
  /// ``LuaType/none`` for a value that a plan does not know yet.
  var type: LuaType
  /// Whether a string could stand for a number or for a boolean.
  let text: String?

  /// Reads the fields of the table at a position.
  static func list(at position: Int, of stack: borrowing LuaStack) throws(LuaError)
    -> [GivenParameter]
  {
    var given: [GivenParameter] = []
    var hasOtherKeys = false
    stack.forEachEntry(at: position) { stack in
      guard stack.type(at: -2) == .string, let name = stack.string(at: -2) else {
        hasOtherKeys = true
        return
      }
      let isShort = stack.type(at: -1) == .string && stack.rawLength(at: -1) <= 64
      // Userdata that can be written as JSON is a lazy view of a table.
      let type = stack.type(at: -1) == .userdata ? .table : stack.type(at: -1)
      given.append(
        GivenParameter(name: name, type: type, text: isShort ? stack.string(at: -1) : nil))
    }
    if hasOtherKeys {
      throw stack.argumentError(
        position, "params", problem: "a table with parameter names as keys expected, got a list")
    }
    return given
  }
}

/// The parameters that an action declares, ready for checks.
struct ParameterSchema {
  /// In the order in which the API lists them.
  let parameters: [ActionParameter]
  fileprivate let byName: [String: ActionParameter]
  /// The names of those that no call may leave out.
  let required: [String]

  init(_ parameters: [ActionParameter]) {
    self.parameters = parameters
    byName = Dictionary(parameters.map { ($0.name, $0) }) { first, _ in first }
    required = parameters.filter(\.required).map(\.name)
  }
}

/// Checks parameters against an action's schema before anything is sent.
enum ParameterCheck {
  /// Returns what is wrong: missing required parameters, unknown names with the nearest valid one, wrong JSON types.
  ///
  /// An action without a published schema takes anything. Types other than `json`, `number` and `boolean` pass.
  static func problem(
    with given: [GivenParameter], for schema: ParameterSchema, call: ActionCall
  ) -> ActionError? {
    guard !schema.parameters.isEmpty else { return nil }
    let missing = schema.required.filter { name in
      !given.contains { $0.name == name && $0.type != .lightUserdata }
    }
    let wrong = given.filter { parameter in
      guard let declared = schema.byName[parameter.name] else { return true }
      return mismatch(of: parameter, with: declared.type) != nil
    }
    if missing.isEmpty, wrong.isEmpty { return nil }
    var problems: [String] = []
    var hints: [String] = []
    for parameter in wrong.sorted(by: { $0.name < $1.name }) {
      guard let declared = schema.byName[parameter.name] else {
        problems.append("unknown parameter '\(parameter.name)'")
        if let nearest = NearestName.of(parameter.name, in: schema.parameters.map(\.name)) {
          hints.append("did you mean '\(nearest)'?")
        }
        continue
      }
      if let expected = mismatch(of: parameter, with: declared.type) {
        problems.append(
          "parameter '\(parameter.name)' must be \(expected), but is a \(parameter.type.name)")
      }
    }
    problems += missing.map { "missing required parameter '\($0)'" }
    guard let app = call.app, let action = call.action else { return nil }
    hints.append("\(hints.isEmpty ? "see" : "See") 'refold actions \(app) \(action)'")
    return ActionError(
      .permanent, code: "invalid_parameters",
      message: "\(app).\(action): \(problems.joined(separator: "; "))",
      hint: hints.joined(separator: " "), about: call)
  }

  /// What the type would have to be, nil when it fits.
  ///
  /// Null always fits, and so does what a plan does not know yet.
  private static func mismatch(of parameter: GivenParameter, with type: String) -> String? {
    if parameter.type == .lightUserdata || parameter.type == .none { return nil }
    switch type.lowercased() {
    case "json":
      return parameter.type == .table || parameter.type == .string ? nil : "a table or JSON text"
    case "number":
      let isNumeric = parameter.text.map { Double($0) != nil } ?? false
      return parameter.type == .number || isNumeric ? nil : "a number"
    case "boolean":
      let isBoolean = parameter.text == "true" || parameter.text == "false"
      return parameter.type == .boolean || isBoolean ? nil : "a boolean"
    default: return nil
    }
  }
}
