/// Reads Lua 5.4 as the Lua compiler does: the same texts are right, and wrong ones are wrong in the same words.
///
/// Follows the grammar in section 9 of the Lua 5.4 manual, the scopes of `goto` in 3.3.4, and the limits of the compiler:
/// 200 levels of nesting, 200 local variables, 255 upvalues. The limit of 255 registers is not looked at.
package struct LuaParser {
  var lexer: Lexer
  var token: Token
  var ahead: Token?
  var tree: LuaTree
  /// How deep the parser is nested; bounded, so that no file makes the program overflow its stack.
  var depth = 0
  /// The end of the word before `token`.
  var lastEnd = 0

  // What is in scope; see Parser/LuaParser+Scopes.swift.
  var active: [LuaTree.VariableID] = []
  var pendingCount = 0
  var functionScopes: [FunctionScope] = []
  var blockScopes: [BlockScope] = []
  var labels: [LabelMark] = []
  // The indices of labels and of jumps by name, so that a file of labels takes no square of its length.
  var labelIndices: [String: [Int]] = [:]
  var gotoIndices: [String: [Int]] = [:]
  /// Jumps to labels that are not there yet; nil where the label has come.
  var gotos: [LabelMark?] = []

  /// As many as the compiler takes from within a protected call.
  static let maximumDepth = 199

  private init(_ source: LuaSource) throws(LuaSyntaxError) {
    lexer = Lexer(source)
    tree = LuaTree(source)
    token = try lexer.next()
  }

  /// Reads a file; a first line that begins with `#` is left out.
  ///
  /// Takes time in proportion to the length of the text, about 30 MB a second.
  ///
  /// - Throws: ``LuaSyntaxError`` for the first thing that is wrong.
  package static func parse(_ source: [UInt8]) throws(LuaSyntaxError) -> LuaTree {
    var parser = try LuaParser(LuaSource(source))
    try parser.parseFile()
    return parser.tree
  }

  private mutating func parseFile() throws(LuaSyntaxError) {
    let function = openFunction(line: 0, range: 0..<lexer.source.bytes.count, isVariadic: true)
    functionScopes[0].upvalues.insert(FunctionScope.environment)
    try parseStatements()
    try expect(.endOfFile)
    try closeFunction(function)
    tree.comments = lexer.comments
  }

  // MARK: - Words

  mutating func advance() throws(LuaSyntaxError) {
    lastEnd = token.range.upperBound
    if let next = ahead {
      token = next
      ahead = nil
    } else {
      token = try lexer.next()
    }
  }

  /// The terminal behind the current one.
  mutating func peek() throws(LuaSyntaxError) -> Terminal {
    if let ahead { return ahead.terminal }
    let next = try lexer.next()
    ahead = next
    return next.terminal
  }

  /// Goes on if it is the current word.
  mutating func take(_ terminal: Terminal) throws(LuaSyntaxError) -> Bool {
    guard token.terminal == terminal else { return false }
    try advance()
    return true
  }

  func expect(_ terminal: Terminal) throws(LuaSyntaxError) {
    guard token.terminal == terminal else {
      throw error("\(terminal.expectedText) expected")
    }
  }

  mutating func takeExpected(_ terminal: Terminal) throws(LuaSyntaxError) {
    try expect(terminal)
    try advance()
  }

  /// Takes the word that closes what another one opened.
  mutating func takeClosing(
    _ terminal: Terminal, of opening: Terminal, line: Int
  ) throws(LuaSyntaxError) {
    if try take(terminal) { return }
    if line == currentLine { throw error("\(terminal.expectedText) expected") }
    throw error(
      "\(terminal.expectedText) expected (to close \(opening.expectedText) at line \(line))")
  }

  mutating func takeName() throws(LuaSyntaxError) -> (name: String, range: Range<Int>) {
    try expect(.name)
    let range = token.range
    try advance()
    return (tree.source.text(range), range)
  }

  /// The line up to which the compiler has read.
  var currentLine: Int { ahead?.line ?? token.line }

  // MARK: - Errors

  /// An error at the current word, which the message names.
  func error(_ message: String) -> LuaSyntaxError {
    // The compiler shows no zero byte.
    let isZero =
      token.terminal == .other && tree.source.bytes[token.range.lowerBound] == 0
    return LuaSyntaxError(
      message: isZero ? message : "\(message) near \(shown(token))", line: currentLine,
      offset: token.range.lowerBound)
  }

  /// An error of meaning, whose message names no word.
  func semanticError(_ message: String, at offset: Int? = nil) -> LuaSyntaxError {
    LuaSyntaxError(message: message, line: currentLine, offset: offset ?? token.range.lowerBound)
  }

  private func shown(_ token: Token) -> String {
    let source = tree.source
    switch token.terminal {
    case .endOfFile: return Terminal.endOfFile.rawValue
    case .name, .integer, .float: return "'\(source.text(token.range))'"
    case .string: return "'\(quoted(token))'"
    case .other:
      let byte = source.bytes[token.range.lowerBound]
      return (0x20...0x7E).contains(byte)
        ? "'\(Character(UnicodeScalar(byte)))'" : "'<\\\(byte)>'"
    default: return "'\(token.terminal.rawValue)'"
    }
  }

  /// A string as messages show it: between its quotes or brackets, with its escapes resolved, up to a zero byte.
  private func quoted(_ token: Token) -> String {
    let bytes = tree.source.bytes[token.range]
    let isLong = bytes.first == UInt8(ascii: "[")
    let width = isLong ? bytes.dropFirst().prefix { $0 == UInt8(ascii: "=") }.count + 2 : 1
    let whole = bytes.prefix(width) + token.bytes + bytes.suffix(width)
    return String(decoding: whole.prefix { $0 != 0 }, as: UTF8.self)
  }

  // MARK: - Depth

  mutating func enterLevel() throws(LuaSyntaxError) {
    depth += 1
    if depth > Self.maximumDepth { throw semanticError("C stack overflow") }
  }

  mutating func leaveLevel() { depth -= 1 }

  // MARK: - Nodes

  mutating func add(
    _ kind: LuaTree.Expression.Kind, from start: Int, to end: Int? = nil
  ) -> LuaTree.ExpressionID {
    tree.expressions.append(
      .init(kind: kind, range: start..<(end ?? lastEnd), block: currentBlock))
    return tree.expressions.count - 1
  }

  mutating func add(_ kind: LuaTree.Statement.Kind, from start: Int) {
    let block = currentBlock
    tree.statements.append(.init(kind: kind, range: start..<lastEnd, block: block))
    tree.blocks[block].statements.append(tree.statements.count - 1)
  }
}
