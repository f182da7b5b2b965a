import LuaSyntax
import RefoldRuntime

/// The lines of a session that worked, as a script that runs.
struct SavedScript {
  /// The source of the script.
  let text: String

  init(_ lines: [SavedLine], account: String, backend: String) {
    var usesLast = false
    var body: [String] = []
    for (index, line) in lines.enumerated() {
      let isLast = index == lines.count - 1
      if line.text.hasPrefix(":load ") {
        let path = String(line.text.dropFirst(6))
        body.append(Self.require(path))
        continue
      }
      let tokens = LuaToken.list(in: Array(line.text.utf8))
      func has(_ word: String) -> Bool {
        tokens.contains { $0.kind == .name && $0.text(in: Array(line.text.utf8)) == word }
      }
      if has("_") { usesLast = true }
      switch line.kind {
      case .statements: body.append(line.text)
      case .call, .expression:
        body.append(isLast ? "return \(line.text)" : "_ = \(line.text)")
      }
    }
    if !usesLast {
      // What was only looked at is left out; a call may have done something.
      body = zip(body, lines).compactMap { text, line in
        guard text.hasPrefix("_ = ") else { return text }
        return line.kind == .call ? line.text : nil
      }
    }
    var text = "-- From a session for \(account) on \(backend).\n"
    if usesLast { text += "local _\n" }
    self.text = text + body.joined(separator: "\n") + "\n"
  }

  /// `contacts/upsert.lua` as the module that it is; `scripts/` is where modules are looked for.
  static func require(_ path: String) -> String {
    var module = path.hasSuffix(".lua") ? String(path.dropLast(4)) : path
    for prefix in ["./", "scripts/"] where module.hasPrefix(prefix) {
      module.removeFirst(prefix.count)
    }
    let words = module.split(separator: "/", omittingEmptySubsequences: false)
    let name = words.last.map { $0.replacing("-", with: "_") } ?? ""
    let isModule = words.allSatisfy { ValueText.isName($0.utf8.map { $0 == 0x2D ? 0x5F : $0 }) }
    guard isModule else { return "-- :load \(path)" }
    return "local \(name) = require(\"\(words.joined(separator: "."))\")"
  }
}
