import Lua
import LuaSyntax

/// One version of a Lua file: compiled once, loaded by each run that needs it.
final class SourceVersion: Sendable {
  /// The path, which errors name.
  let path: String
  /// The hash of the bytes.
  let hash: String
  /// Whether there is not a byte in it.
  let isEmpty: Bool
  /// The compiled file, or why it does not compile.
  let chunk: Result<LuaChunk, LuaError>
  /// The modules that it requires by a literal name.
  let requires: [String]

  /// Compiles the source in a state that is there for it.
  init(_ source: [UInt8], path: String, hash: String, in state: LuaState) {
    self.path = path
    isEmpty = source.isEmpty
    self.hash = hash
    let script = Script(name: path, source: source, moduleFolders: [])
    do throws(LuaError) {
      chunk = .success(try LuaChunk(script.sourceWithoutShebang, name: "@" + path, in: state))
    } catch {
      chunk = .failure(error)
    }
    requires = RequireScan.modules(in: source)
  }

  /// The hash of a source.
  static func hash(of source: [UInt8]) -> String {
    var hash = ContentHash()
    hash.add(source)
    return hash.hexadecimal()
  }
}

/// Finds the modules that a source requires by a literal name, without running it.
enum RequireScan {
  /// Returns the names of `require "a"`, `require("b.c")` and the like, each once, in their order.
  static func modules(in source: [UInt8]) -> [String] {
    guard source.containsWord("require") else { return [] }
    let tokens = LuaToken.list(in: source).filter { token in
      if case .comment = token.kind { return false }
      return true
    }
    var names: [String] = []
    for (index, token) in tokens.enumerated()
    where token.kind == .name && token.text(in: source) == "require" {
      var next = index + 1
      if next < tokens.count, tokens[next].is("(", in: source) { next += 1 }
      guard next < tokens.count, tokens[next].kind == .string(isClosed: true) else { continue }
      let text = tokens[next].text(in: source)
      guard let quote = text.first, quote != "[" else { continue }
      let name = String(text.dropFirst().dropLast())
      if !name.contains("\\"), !names.contains(name) { names.append(name) }
    }
    return names
  }
}

extension [UInt8] {
  /// Whether a word stands anywhere in the bytes; looked for by its first byte.
  fileprivate func containsWord(_ word: StaticString) -> Bool {
    let wanted = Array(word.description.utf8)
    var start = 0
    while let found = self[start...].firstIndex(of: wanted[0]) {
      if self[found...].starts(with: wanted) { return true }
      start = found + 1
    }
    return false
  }
}
