/// What a write does to a record, as far as its action's id tells.
public enum WriteKind: String, Sendable, Hashable, CaseIterable {
  /// The action makes a record.
  case create
  /// The action changes a record that is there.
  case update
  /// The action removes a record.
  case delete
  /// The action does something else, such as sending a message.
  case call

  private static let creating: Set<String> = ["create", "add", "insert", "new"]
  private static let updating: Set<String> = [
    "update", "edit", "modify", "patch", "change", "rename", "replace", "set",
  ]
  private static let deleting: Set<String> = [
    "delete", "remove", "archive", "destroy", "drop", "erase", "purge", "trash",
  ]

  /// Tells by the first word of an action's id, and for `httprequest` by its HTTP method.
  ///
  /// ```swift
  /// WriteKind(action: "create_contact", method: nil)  // .create
  /// WriteKind(action: "httprequest", method: "DELETE")  // .delete
  /// ```
  public init(action: String, method: String?) {
    let words = EffectRules.words(of: action)
    if words.joined() == "httprequest" {
      switch method?.lowercased() {
      case "put", "patch": self = .update
      case "delete": self = .delete
      default: self = .call
      }
      return
    }
    let verb = words.first ?? ""
    if Self.creating.contains(verb) {
      self = .create
    } else if Self.updating.contains(verb) {
      self = .update
    } else {
      self = Self.deleting.contains(verb) ? .delete : .call
    }
  }

  /// Returns the ids that an action which reads the same record may have, the likeliest first, as words between `_`.
  ///
  /// ```swift
  /// WriteKind.readers(of: "update_contact")  // ["get_contact_by_id", "get_contact", "read_contact", …]
  /// ```
  public static func readers(of action: String) -> [String] {
    var words = EffectRules.words(of: action)
    guard let verb = words.first, updating.contains(verb) || deleting.contains(verb) else {
      return []
    }
    words.removeFirst()
    var version = ""
    if let last = words.last, last.first == "v", last.count > 1,
      last.dropFirst().allSatisfy(\.isNumber)
    {
      version = "_" + words.removeLast()
    }
    guard !words.isEmpty else { return [] }
    let noun = words.joined(separator: "_")
    let stems =
      ["get_\(noun)_by_id", "get_\(noun)"]
      + ["read", "retrieve", "fetch", "find"].flatMap { ["\($0)_\(noun)_by_id", "\($0)_\(noun)"] }
    return version.isEmpty ? stems : stems.map { $0 + version } + stems
  }

  /// Returns an action's id as words between `_`, by which ids are compared: `getContactById` is `get_contact_by_id`.
  public static func normal(_ action: String) -> String {
    EffectRules.words(of: action).joined(separator: "_")
  }
}
