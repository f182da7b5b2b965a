extension LuaParser {
  mutating func parseExpressions() throws(LuaSyntaxError) -> [LuaTree.ExpressionID] {
    var list = [try parseExpression()]
    while try take(.comma) { list.append(try parseExpression()) }
    return list
  }

  mutating func parseExpression() throws(LuaSyntaxError) -> LuaTree.ExpressionID {
    try parseOperation(above: 0)
  }

  /// How strongly an operator binds what is left and right of it; manual, 3.4.8.
  private static func binding(_ terminal: Terminal) -> (left: Int, right: Int)? {
    switch terminal {
    case .or: (1, 1)
    case .and: (2, 2)
    case .less, .greater, .lessOrEqual, .greaterOrEqual, .notEqual, .equal: (3, 3)
    case .bitOr: (4, 4)
    case .tilde: (5, 5)
    case .bitAnd: (6, 6)
    case .shiftLeft, .shiftRight: (7, 7)
    case .concatenate: (9, 8)
    case .plus, .minus: (10, 10)
    case .times, .divide, .integerDivide, .modulo: (11, 11)
    case .power: (14, 13)
    default: nil
    }
  }

  private static let unaryBinding = 12

  private mutating func parseOperation(above limit: Int) throws(LuaSyntaxError)
    -> LuaTree.ExpressionID
  {
    try enterLevel()
    let start = token.range.lowerBound
    var left: LuaTree.ExpressionID
    switch token.terminal {
    case .not, .minus, .tilde, .length:
      let sign = token.terminal.rawValue
      try advance()
      let operand = try parseOperation(above: Self.unaryBinding)
      left = add(.unary(sign, operand), from: start)
    default: left = try parseSimple()
    }
    while let binding = Self.binding(token.terminal), binding.left > limit {
      let sign = token.terminal.rawValue
      try advance()
      let right = try parseOperation(above: binding.right)
      left = add(.binary(sign, left, right), from: start)
    }
    leaveLevel()
    return left
  }

  private mutating func parseSimple() throws(LuaSyntaxError) -> LuaTree.ExpressionID {
    let start = token.range.lowerBound
    let kind: LuaTree.Expression.Kind
    switch token.terminal {
    case .float: kind = .float(token.float)
    case .integer: kind = .integer(token.integer)
    case .string: kind = .string(String(decoding: token.bytes, as: UTF8.self))
    case .nil: kind = .nil
    case .true: kind = .boolean(true)
    case .false: kind = .boolean(false)
    case .dots:
      guard let function = functionScopes.last?.id, tree.functions[function].isVariadic else {
        throw error("cannot use '...' outside a vararg function")
      }
      kind = .varargs
    case .openBrace: return try parseTable()
    case .function:
      let line = token.line
      try advance()
      let function = try parseFunctionBody(isMethod: false, start: start, line: line)
      let id = add(.function(function), from: start)
      tree.functions[function].expression = id
      return id
    default: return try parseSuffixed()
    }
    try advance()
    return add(kind, from: start)
  }

  mutating func addName(_ name: String, _ range: Range<Int>) throws(LuaSyntaxError)
    -> LuaTree.ExpressionID
  {
    let variable = try resolve(name)
    if let variable { tree.variables[variable].uses += 1 }
    return add(.name(name, variable), from: range.lowerBound, to: range.upperBound)
  }

  private mutating func parsePrimary() throws(LuaSyntaxError) -> LuaTree.ExpressionID {
    switch token.terminal {
    case .name:
      let (name, range) = try takeName()
      return try addName(name, range)
    case .openParenthesis:
      let start = token.range.lowerBound
      let line = token.line
      try advance()
      let inner = try parseExpression()
      try takeClosing(.closeParenthesis, of: .openParenthesis, line: line)
      return add(.parenthesized(inner), from: start)
    default: throw error("unexpected symbol")
    }
  }

  mutating func parseSuffixed() throws(LuaSyntaxError) -> LuaTree.ExpressionID {
    let start = token.range.lowerBound
    // Where the whole begins, the compiler says, when a bracket of a call is not closed.
    let line = currentLine
    var value = try parsePrimary()
    while true {
      switch token.terminal {
      case .dot:
        try advance()
        let (name, range) = try takeName()
        let key = add(.string(name), from: range.lowerBound)
        value = add(.index(object: value, key: key), from: start)
      case .openBracket:
        let key = try parseBracketed()
        value = add(.index(object: value, key: key), from: start)
      case .colon:
        try advance()
        let (name, _) = try takeName()
        let arguments = try parseArguments(line)
        value = add(.methodCall(object: value, name: name, arguments: arguments), from: start)
      case .openParenthesis, .string, .openBrace:
        let arguments = try parseArguments(line)
        value = add(.call(function: value, arguments: arguments), from: start)
      default: return value
      }
    }
  }

  private mutating func parseBracketed() throws(LuaSyntaxError) -> LuaTree.ExpressionID {
    try advance()
    let key = try parseExpression()
    try takeExpected(.closeBracket)
    return key
  }

  private mutating func parseArguments(
    _ line: Int
  ) throws(LuaSyntaxError) -> [LuaTree.ExpressionID] {
    let start = token.range.lowerBound
    switch token.terminal {
    case .string:
      let text = String(decoding: token.bytes, as: UTF8.self)
      try advance()
      return [add(.string(text), from: start)]
    case .openBrace: return [try parseTable()]
    case .openParenthesis:
      try advance()
      if try take(.closeParenthesis) { return [] }
      let arguments = try parseExpressions()
      try takeClosing(.closeParenthesis, of: .openParenthesis, line: line)
      return arguments
    default: throw error("function arguments expected")
    }
  }

  private mutating func parseTable() throws(LuaSyntaxError) -> LuaTree.ExpressionID {
    let start = token.range.lowerBound
    let line = currentLine
    try takeExpected(.openBrace)
    var fields: [LuaTree.Field] = []
    while token.terminal != .closeBrace {
      fields.append(try parseField())
      guard try take(.comma) ? true : try take(.semicolon) else { break }
    }
    try takeClosing(.closeBrace, of: .openBrace, line: line)
    return add(.table(fields), from: start)
  }

  private mutating func parseField() throws(LuaSyntaxError) -> LuaTree.Field {
    let range = token.range
    if token.terminal == .name, try peek() == .assign {
      let name = tree.source.text(range)
      try advance()
      try advance()
      return .init(name: name, key: nil, value: try parseExpression(), range: range)
    }
    if token.terminal == .openBracket {
      let key = try parseBracketed()
      try takeExpected(.assign)
      let value = try parseExpression()
      let node = tree.expressions[key]
      guard case .string(let name) = node.kind else {
        return .init(name: nil, key: key, value: value, range: node.range)
      }
      return .init(name: name, key: key, value: value, range: node.range)
    }
    let value = try parseExpression()
    return .init(name: nil, key: nil, value: value, range: tree.expressions[value].range)
  }

  mutating func parseFunctionBody(
    isMethod: Bool, start: Int, line: Int
  ) throws(LuaSyntaxError) -> LuaTree.FunctionID {
    let id = openFunction(line: line, range: start..<start, isVariadic: false)
    try takeExpected(.openParenthesis)
    var parameters: [LuaTree.VariableID] = []
    if isMethod {
      let own = try declare("self", .parameter, at: token.range)
      activate([own])
      parameters.append(own)
    }
    let listed = try parseParameters(id)
    activate(listed)
    tree.functions[id].parameters = parameters + listed
    try takeExpected(.closeParenthesis)
    try parseStatements()
    try takeClosing(.end, of: .function, line: line)
    tree.functions[id].range = start..<lastEnd
    try closeFunction(id)
    return id
  }

  private mutating func parseParameters(
    _ function: LuaTree.FunctionID
  ) throws(LuaSyntaxError) -> [LuaTree.VariableID] {
    var parameters: [LuaTree.VariableID] = []
    guard token.terminal != .closeParenthesis else { return parameters }
    repeat {
      switch token.terminal {
      case .name:
        let (name, range) = try takeName()
        parameters.append(try declare(name, .parameter, at: range))
      case .dots:
        try advance()
        tree.functions[function].isVariadic = true
        return parameters
      default: throw error("<name> or '...' expected")
      }
    } while try take(.comma)
    return parameters
  }
}
