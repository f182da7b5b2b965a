import LuaSyntax

/// Source of a session with its top-level `local` names turned into fields of the session.
///
/// Lua drops the locals of a chunk at its end, so a later line could not see them. Only the words of a declaration change,
/// to spaces where that is possible, so lines stay where they are; blocks, functions, strings and comments are left
/// alone. Closures and later lines share the field, so both see what the other assigns.
package struct SessionSource: Sendable, Equatable {
  /// A name that the source declares at its top level.
  package struct Declaration: Sendable, Equatable {
    package var name: String
    /// Whether it was declared with `<const>`.
    package var isConstant: Bool
  }

  /// The source to compile.
  package private(set) var text: [UInt8]
  /// What it declares, in order.
  package private(set) var declarations: [Declaration] = []
  /// The names declared with `<close>`: they stay locals, and are closed when their line has ended.
  package private(set) var closedNames: [String] = []

  /// Rewrites source; what does not look like Lua stays as it is.
  package init(_ source: [UInt8]) {
    text = source
    let tokens = LuaToken.list(in: source).filter { token in
      if case .comment = token.kind { return false }
      return true
    }
    var insertions: [(offset: Int, text: String)] = []
    var depth = 0
    for (index, token) in tokens.enumerated() {
      guard token.kind == .keyword || token.kind == .symbol else { continue }
      switch token.text(in: source) {
      case "function", "do", "if", "repeat", "(", "{", "[": depth += 1
      case "end", "until", ")", "}", "]": depth = max(0, depth - 1)
      case "local" where depth == 0:
        rewrite(tokens[index...], of: source, &insertions)
      default: break
      }
    }
    for insertion in insertions.reversed() {
      text.insert(contentsOf: insertion.text.utf8, at: insertion.offset)
    }
  }

  private mutating func rewrite(
    _ tokens: ArraySlice<LuaToken>, of source: [UInt8],
    _ insertions: inout [(offset: Int, text: String)]
  ) {
    guard let local = tokens.first else { return }
    var rest = tokens.dropFirst()
    if rest.first?.is("function", in: source) == true {
      rest.removeFirst()
      guard let name = rest.first, name.kind == .name else { return }
      blank(local.range)
      declarations.append(Declaration(name: name.text(in: source), isConstant: false))
      return
    }
    var names: [Declaration] = []
    var attributes: [Range<Int>] = []
    var isClosed = false
    var end = local.range.upperBound
    while let name = rest.popFirst(), name.kind == .name {
      end = name.range.upperBound
      var declaration = Declaration(name: name.text(in: source), isConstant: false)
      if rest.first?.is("<", in: source) == true {
        let attribute = Array(rest.prefix(3))
        guard attribute.count == 3, attribute[2].is(">", in: source) else { return }
        switch attribute[1].text(in: source) {
        case "const": declaration.isConstant = true
        case "close": isClosed = true
        default: return
        }
        attributes.append(attribute[0].range.lowerBound..<attribute[2].range.upperBound)
        end = attribute[2].range.upperBound
        rest = rest.dropFirst(3)
      }
      names.append(declaration)
      guard rest.first?.is(",", in: source) == true else { break }
      rest.removeFirst()
    }
    guard !names.isEmpty else { return }
    if isClosed {
      closedNames += names.map(\.name)
      return
    }
    for range in [local.range] + attributes { blank(range) }
    if rest.first?.is("=", in: source) != true { insertions.append((end, " = nil")) }
    declarations += names
  }

  private mutating func blank(_ range: Range<Int>) {
    for offset in range where text[offset] != UInt8(ascii: "\n") {
      text[offset] = UInt8(ascii: " ")
    }
  }
}
