extension Redaction {
  /// Returns lines of a file that others get, without what is to be hidden, and without the key.
  ///
  /// The names of a line itself are those of its format, and hide nothing; those of the documents in it may.
  ///
  /// - Throws: ``RecordingError`` with the code `holds_secret` when what is left looks like a secret.
  package func redacted(
    _ lines: [JSONTree], key: SecretString? = nil
  ) throws(RecordingError) -> [JSONTree] {
    var redaction = self
    for member in lines.flatMap(Self.members) { redaction.learn(from: member.value) }
    let redactor = key.map { Redactor($0) }
    var result: [JSONTree] = []
    for line in lines {
      let tree = JSONTree(
        members: Self.members(of: line).map { ($0.name, redaction.redact($0.value)) })
      let text = tree.text
      let kept = redactor.map { $0.redact(text) } ?? text
      let safe = kept == text ? tree : (try? JSONTree(Array(kept.utf8))) ?? .null
      if SecretShape.kind(of: Array(kept.utf8), inWords: true) != nil,
        let found = SecretShape.first(in: safe)
      {
        let step = line["number"]?.integer.map { " of step \($0)" } ?? " of the run"
        throw RecordingError(
          "holds_secret", "\(found.path)\(step) looks like \(found.kind)",
          hint: "hide the field with '--redact NAME'")
      }
      result.append(safe)
    }
    return result
  }

  private static func members(of line: JSONTree) -> [JSONTree.Member] {
    if case .object(let members) = line { members } else { [] }
  }
}
