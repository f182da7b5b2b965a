extension LuaParser {
  /// Whether the current word ends a block.
  private func endsBlock(withUntil: Bool) -> Bool {
    switch token.terminal {
    case .else, .elseif, .end, .endOfFile: true
    case .until: withUntil
    default: false
    }
  }

  mutating func parseStatements() throws(LuaSyntaxError) {
    while !endsBlock(withUntil: true) {
      let isReturn = token.terminal == .return
      try parseStatement()
      if isReturn { return }
    }
  }

  private mutating func parseBlock(_ kind: LuaTree.Block.Kind) throws(LuaSyntaxError)
    -> LuaTree.BlockID
  {
    let id = openBlock(kind)
    try parseStatements()
    try closeBlock()
    return id
  }

  private mutating func parseStatement() throws(LuaSyntaxError) {
    try enterLevel()
    let start = token.range.lowerBound
    let line = token.line
    switch token.terminal {
    case .semicolon: try advance()
    case .if: try parseIf(start, line)
    case .while: try parseWhile(start, line)
    case .do:
      try advance()
      let block = try parseBlock(.plain)
      try takeClosing(.end, of: .do, line: line)
      add(.do(block), from: start)
    case .for: try parseFor(start, line)
    case .repeat: try parseRepeat(start, line)
    case .function: try parseFunctionStatement(start, line)
    case .local:
      try advance()
      if try take(.function) {
        try parseLocalFunction(start)
      } else {
        try parseLocal(start)
      }
    case .doubleColon:
      try advance()
      try parseLabel(start, line)
    case .return: try parseReturn(start)
    case .break:
      try advance()
      addGoto("break", line: line, offset: start)
      add(.break, from: start)
    case .goto: try parseGoto(start)
    default: try parseExpressionStatement(start)
    }
    leaveLevel()
  }

  private mutating func parseIf(_ start: Int, _ line: Int) throws(LuaSyntaxError) {
    var conditions: [LuaTree.ExpressionID] = []
    var blocks: [LuaTree.BlockID] = []
    repeat {
      try advance()
      conditions.append(try parseExpression())
      try takeExpected(.then)
      blocks.append(try parseBlock(.branch))
    } while token.terminal == .elseif
    if try take(.else) { blocks.append(try parseBlock(.branch)) }
    try takeClosing(.end, of: .if, line: line)
    add(.if(conditions: conditions, blocks: blocks), from: start)
  }

  private mutating func parseWhile(_ start: Int, _ line: Int) throws(LuaSyntaxError) {
    try advance()
    let condition = try parseExpression()
    let loop = openBlock(.loop, isLoop: true)
    try takeExpected(.do)
    _ = try parseBlock(.plain)
    try takeClosing(.end, of: .while, line: line)
    try closeBlock()
    add(.while(condition, loop), from: start)
  }

  private mutating func parseRepeat(_ start: Int, _ line: Int) throws(LuaSyntaxError) {
    let loop = openBlock(.loop, isLoop: true)
    openBlock(.plain)
    try advance()
    try parseStatements()
    try takeClosing(.until, of: .repeat, line: line)
    // The condition sees the variables of the body.
    let condition = try parseExpression()
    try closeBlock()
    try closeBlock()
    add(.repeat(loop, condition), from: start)
  }

  private mutating func parseFor(_ start: Int, _ line: Int) throws(LuaSyntaxError) {
    let loop = openBlock(.loop, isLoop: true)
    try advance()
    let first = try takeName()
    let kind: LuaTree.Statement.Kind
    switch token.terminal {
    case .assign: kind = try parseNumericFor(first, loop)
    case .comma, .in: kind = try parseGenericFor(first, loop)
    default: throw error("'=' or 'in' expected")
    }
    try takeClosing(.end, of: .for, line: line)
    try closeBlock()
    add(kind, from: start)
  }

  private mutating func parseNumericFor(
    _ name: (name: String, range: Range<Int>), _ loop: LuaTree.BlockID
  ) throws(LuaSyntaxError) -> LuaTree.Statement.Kind {
    let hidden = try declareHidden(3)
    let variable = try declare(name.name, .control, at: name.range)
    try takeExpected(.assign)
    var values = [try parseExpression()]
    try takeExpected(.comma)
    values.append(try parseExpression())
    if try take(.comma) { values.append(try parseExpression()) }
    activate(hidden)
    try parseForBody([variable])
    return .numericFor(variable, values, loop)
  }

  private mutating func parseGenericFor(
    _ first: (name: String, range: Range<Int>), _ loop: LuaTree.BlockID
  ) throws(LuaSyntaxError) -> LuaTree.Statement.Kind {
    let hidden = try declareHidden(4)
    var variables = [try declare(first.name, .control, at: first.range)]
    while try take(.comma) {
      let (name, range) = try takeName()
      variables.append(try declare(name, .control, at: range))
    }
    try takeExpected(.in)
    let values = try parseExpressions()
    activate(hidden)
    try parseForBody(variables)
    return .genericFor(variables, values, loop)
  }

  private mutating func declareHidden(_ count: Int) throws(LuaSyntaxError) -> [LuaTree.VariableID] {
    var hidden: [LuaTree.VariableID] = []
    for _ in 0..<count {
      hidden.append(try declare("(for state)", .control, at: token.range))
    }
    return hidden
  }

  private mutating func parseForBody(
    _ variables: [LuaTree.VariableID]
  ) throws(LuaSyntaxError) {
    try takeExpected(.do)
    openBlock(.plain)
    activate(variables)
    try parseStatements()
    try closeBlock()
  }

  private mutating func parseFunctionStatement(
    _ start: Int, _ line: Int
  ) throws(LuaSyntaxError) {
    try advance()
    let (name, range) = try takeName()
    var target = try addName(name, range)
    var isMethod = false
    while !isMethod, token.terminal == .dot || token.terminal == .colon {
      isMethod = token.terminal == .colon
      try advance()
      let (field, fieldRange) = try takeName()
      let key = add(.string(field), from: fieldRange.lowerBound)
      target = add(.index(object: target, key: key), from: range.lowerBound)
    }
    let function = try parseFunctionBody(isMethod: isMethod, start: start, line: line)
    try checkAssignable(target)
    noteAssignment(to: target)
    add(.function(target: target, function), from: start)
  }

  private mutating func parseLocalFunction(_ start: Int) throws(LuaSyntaxError) {
    let (name, range) = try takeName()
    let variable = try declare(name, .function, at: range)
    activate([variable])
    let function = try parseFunctionBody(isMethod: false, start: start, line: token.line)
    tree.variables[variable].function = function
    add(.localFunction(variable, function), from: start)
  }

  private mutating func parseLocal(_ start: Int) throws(LuaSyntaxError) {
    var variables: [LuaTree.VariableID] = []
    var hasClosed = false
    repeat {
      let (name, range) = try takeName()
      // The compiler counts the variable before it reads the attribute.
      let variable = try declare(name, .local, at: range)
      let kind = try parseAttribute()
      tree.variables[variable].kind = kind
      if kind == .closed {
        if hasClosed { throw semanticError("multiple to-be-closed variables in local list") }
        hasClosed = true
      }
      variables.append(variable)
    } while try take(.comma)
    let values = try take(.assign) ? try parseExpressions() : []
    for (variable, value) in zip(variables, values) {
      let isLast = value == values.last
      if !isLast || variables.count == values.count { tree.variables[variable].value = value }
    }
    activate(variables)
    add(.local(variables, values), from: start)
  }

  private mutating func parseAttribute() throws(LuaSyntaxError) -> LuaTree.Variable.Kind {
    guard try take(.less) else { return .local }
    let (name, range) = try takeName()
    try takeExpected(.greater)
    switch name {
    case "const": return .constant
    case "close": return .closed
    default: throw semanticError("unknown attribute '\(name)'", at: range.lowerBound)
    }
  }

  private mutating func parseLabel(_ start: Int, _ line: Int) throws(LuaSyntaxError) {
    let (name, _) = try takeName()
    try takeExpected(.doubleColon)
    add(.label(name), from: start)
    while token.terminal == .semicolon || token.terminal == .doubleColon { try parseStatement() }
    if let other = visibleLabel(name) {
      throw semanticError("label '\(name)' already defined on line \(other.line)", at: start)
    }
    try createLabel(name, line: line, offset: start, isLast: endsBlock(withUntil: false))
  }

  private mutating func parseGoto(_ start: Int) throws(LuaSyntaxError) {
    try advance()
    let line = token.line
    let (name, _) = try takeName()
    if visibleLabel(name) == nil {
      addGoto(name, line: line, offset: start)
    }
    add(.goto(name), from: start)
  }

  private mutating func parseReturn(_ start: Int) throws(LuaSyntaxError) {
    try advance()
    var values: [LuaTree.ExpressionID] = []
    if !endsBlock(withUntil: true), token.terminal != .semicolon {
      values = try parseExpressions()
    }
    _ = try take(.semicolon)
    add(.return(values), from: start)
  }

  private mutating func parseExpressionStatement(_ start: Int) throws(LuaSyntaxError) {
    let first = try parseSuffixed()
    guard token.terminal == .assign || token.terminal == .comma else {
      switch tree.expressions[first].kind {
      case .call, .methodCall: return add(.call(first), from: start)
      default: throw error("syntax error")
      }
    }
    var targets = [first]
    try checkAssignable(first)
    var levels = 0
    while try take(.comma) {
      let target = try parseSuffixed()
      try enterLevel()
      levels += 1
      try checkAssignable(target)
      targets.append(target)
    }
    try takeExpected(.assign)
    let values = try parseExpressions()
    for _ in 0..<levels { leaveLevel() }
    for target in targets { noteAssignment(to: target) }
    add(.assign(targets, values), from: start)
  }

  private func checkAssignable(_ id: LuaTree.ExpressionID) throws(LuaSyntaxError) {
    switch tree.expressions[id].kind {
    case .index: return
    case .name(let name, let variable):
      guard let variable else { return }
      let kind = tree.variables[variable].kind
      if kind == .constant || kind == .closed {
        throw semanticError("attempt to assign to const variable '\(name)'")
      }
    default: throw error("syntax error")
    }
  }

  private mutating func noteAssignment(to id: LuaTree.ExpressionID) {
    guard case .name(_, let variable?) = tree.expressions[id].kind else { return }
    tree.variables[variable].isAssigned = true
    tree.variables[variable].uses -= 1
  }
}
