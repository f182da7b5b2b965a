/// Decides whether an action reads or writes.
///
/// The API marks no action as reading or writing, so the action's id decides: an action reads when its
/// first word is a verb that reads and no word in it is a verb that writes. Anything else writes.
/// `httprequest` goes by its HTTP method. Overrides and the connector's own word come first.
///
/// ```swift
/// EffectRules().effect(app: "hubspot", action: "search_contacts", method: nil)  // .read
/// EffectRules().effect(app: "mongodb", action: "find_one_and_update", method: nil)  // .write
/// EffectRules().effect(app: "hubspot", action: "httprequest", method: "GET")  // .read
/// ```
public struct EffectRules: Sendable {
  private let overrides: [String: Effect]

  /// Creates rules with overrides from the project's config.
  ///
  /// - Parameter overrides: Effects by `app.action`, matched exactly.
  public init(overrides: [String: Effect] = [:]) {
    self.overrides = overrides
  }

  /// Returns the effect of an action.
  ///
  /// - Parameters:
  ///   - app: The slug of the app.
  ///   - action: The id of the action.
  ///   - method: The `method` parameter of the call, which decides for `httprequest` only.
  ///   - connector: What the backend says about the action; an override outranks it.
  public func effect(
    app: String, action: String, method: String?, connector: Effect? = nil
  ) -> Effect {
    if let override = overrides["\(app).\(action)"] { return override }
    if let connector { return connector }
    let words = Self.words(of: action)
    if words.joined() == "httprequest" { return Self.effect(ofMethod: method) }
    return Self.effect(ofWords: words)
  }

  // HEAD and OPTIONS are as safe as GET (RFC 9110, 9.2.1). No method says nothing, so it writes.
  private static func effect(ofMethod method: String?) -> Effect {
    guard let method else { return .write }
    return ["get", "head", "options"].contains(method.lowercased()) ? .read : .write
  }

  private static func effect(ofWords words: [String]) -> Effect {
    guard let first = words.first, ActionVerbs.reading.contains(first) else { return .write }
    var followsConjunction = false
    for word in words.dropFirst() {
      if ActionVerbs.writing.contains(word) { return .write }
      if followsConjunction && ActionVerbs.writingAfterConjunction.contains(word) { return .write }
      followsConjunction = ActionVerbs.conjunctions.contains(word)
    }
    return .read
  }

  /// Returns the lower-case words of an action id, split at separators and at humps.
  ///
  /// `findOneAndUpdate`, `find-one-and-update` and `Find_One_And_Update` give the same words. A run of
  /// capitals is one word up to the capital that starts the next: `getHTTPStatus` is `get http status`.
  static func words(of action: String) -> [String] {
    var words: [String] = []
    var word: [Character] = []
    let characters = Array(action)
    for (index, character) in characters.enumerated() {
      guard character.isLetter || character.isNumber else {
        append(&word, to: &words)
        continue
      }
      if character.isUppercase, let previous = word.last {
        let next = index + 1 < characters.count ? characters[index + 1] : nil
        if !previous.isUppercase || next?.isLowercase == true { append(&word, to: &words) }
      }
      word.append(character)
    }
    append(&word, to: &words)
    return words
  }

  private static func append(_ word: inout [Character], to words: inout [String]) {
    if !word.isEmpty { words.append(String(word).lowercased()) }
    word.removeAll()
  }
}
