extension Redaction {
  /// Returns an error without secrets: values under secret names, wherever else these stand, and words that look like a secret.
  ///
  /// - Parameter error: JSON text; what is no JSON is returned as it is.
  package static func redact(error: [UInt8]) -> [UInt8] {
    guard let tree = try? JSONTree(error) else { return error }
    var redaction = Redaction()
    redaction.learn(from: tree)
    return Array(hidingShapes(in: redaction.redact(tree)).text.utf8)
  }

  private static func hidingShapes(in tree: JSONTree) -> JSONTree {
    switch tree {
    case .object(let members):
      JSONTree(members: members.map { (hidingShapes(in: $0.name), hidingShapes(in: $0.value)) })
    case .array(let elements): .array(elements.map { hidingShapes(in: $0) })
    case .string(let text): .string(hidingShapes(in: text))
    case .number, .bool, .null: tree
    }
  }

  /// Replaces the words that hold a secret; all of the text when it takes several words to see one.
  private static func hidingShapes(in text: String) -> String {
    guard SecretShape.kind(of: text) != nil else { return text }
    var words: [String] = []
    var last = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
      // A token is known by the word before it, as in "Bearer".
      let isSecret =
        SecretShape.kind(of: word) != nil || SecretShape.kind(of: "\(last) \(word)") != nil
      words.append(isSecret ? SecretString.placeholder : word)
      last = isSecret ? "" : word
    }
    let hidden = words.joined(separator: " ")
    return SecretShape.kind(of: hidden) == nil ? hidden : SecretString.placeholder
  }
}
