/// One parameter of an action, as the API describes it.
public struct ActionParameter: Sendable, Hashable {
  /// The key under which the value is sent.
  public var name: String
  /// The name for people; the key when the API gives none.
  public var label: String
  /// Whether a call without it is refused; false when the API does not say.
  public var required: Bool
  /// The API's word for its type, such as `text` or `json`; `text` when it does not say.
  public var type: String

  /// Creates a parameter.
  public init(name: String, label: String? = nil, required: Bool = false, type: String = "text") {
    self.name = name
    self.label = label ?? name
    self.required = required
    self.type = type
  }

  /// Returns the parameters in the body of a schema reply, in its order.
  ///
  /// Takes a bare array as the API sends it, and `{"parameters": […]}` as its documentation also has it.
  /// Unknown keys are ignored; an element without a `name` is left out.
  ///
  /// - Throws: `JSONScanError` when the body is not JSON or holds no list.
  public static func list(in body: [UInt8]) throws(JSONScanError) -> [ActionParameter] {
    var parameters: [ActionParameter] = []
    try ListBody.read(body, wrappedIn: "parameters") { (scanner) throws(JSONScanError) in
      if let parameter = try read(&scanner) { parameters.append(parameter) }
    }
    return parameters
  }

  private static func read(
    _ scanner: inout JSONScanner
  ) throws(JSONScanError) -> ActionParameter? {
    var (name, label, type): (String?, String?, String?)
    var required = false
    try scanner.members { (key, scanner) throws(JSONScanError) in
      switch key {
      case "name": name = try scanner.string()
      case "label": label = try scanner.string()
      case "required": required = try scanner.bool() ?? false
      case "type": type = try scanner.string()
      default: break
      }
    }
    guard let name else { return nil }
    return ActionParameter(name: name, label: label, required: required, type: type ?? "text")
  }
}
