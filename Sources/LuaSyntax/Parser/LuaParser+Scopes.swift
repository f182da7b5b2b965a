/// A function that is being read.
struct FunctionScope {
  /// Stands for `_ENV` among the upvalues.
  static let environment = -1

  let id: LuaTree.FunctionID
  /// The line in which it begins; 0 for the file.
  let line: Int
  /// The first of the active variables that is its own.
  let firstVariable: Int
  /// The first of the labels that is its own.
  let firstLabel: Int
  /// The outer variables that it uses.
  var upvalues: Set<Int> = []
}

/// A block that is being read.
struct BlockScope {
  let id: LuaTree.BlockID
  /// How many variables were active before it.
  let activeCount: Int
  let firstLabel: Int
  let firstGoto: Int
  let isLoop: Bool
}

/// A label, or a jump to one that is not there yet.
struct LabelMark: Equatable {
  let name: String
  let line: Int
  let offset: Int
  /// How many variables are active there.
  var activeCount: Int
}

extension LuaParser {
  static let maximumLocals = 200
  static let maximumUpvalues = 255

  var currentBlock: LuaTree.BlockID { blockScopes.last?.id ?? 0 }

  // MARK: - Functions and blocks

  mutating func openFunction(line: Int, range: Range<Int>, isVariadic: Bool) -> LuaTree.FunctionID {
    let id = tree.functions.count
    tree.functions.append(.init(block: 0, isVariadic: isVariadic, range: range))
    functionScopes.append(
      FunctionScope(
        id: id, line: line, firstVariable: active.count, firstLabel: labels.count))
    tree.functions[id].block = openBlock(.function)
    return id
  }

  mutating func closeFunction(_ id: LuaTree.FunctionID) throws(LuaSyntaxError) {
    try closeBlock()
    functionScopes.removeLast()
  }

  @discardableResult
  mutating func openBlock(_ kind: LuaTree.Block.Kind, isLoop: Bool = false) -> LuaTree.BlockID {
    let id = tree.blocks.count
    tree.blocks.append(
      .init(kind: kind, parent: blockScopes.last?.id, function: functionScopes.last?.id ?? 0))
    blockScopes.append(
      BlockScope(
        id: id, activeCount: active.count, firstLabel: labels.count, firstGoto: gotos.count,
        isLoop: isLoop))
    return id
  }

  mutating func closeBlock() throws(LuaSyntaxError) {
    guard let scope = blockScopes.last else { return }
    active.removeLast(active.count - scope.activeCount)
    if scope.isLoop { try createLabel("break", line: 0, offset: 0, isLast: false) }
    while labels.count > scope.firstLabel, let label = labels.popLast() {
      labelIndices[label.name]?.removeLast()
    }
    blockScopes.removeLast()
    if tree.blocks[scope.id].kind == .function {
      for jump in gotos[scope.firstGoto...] {
        if let jump { throw unresolved(jump) }
      }
      return gotos.removeLast(gotos.count - scope.firstGoto)
    }
    for index in scope.firstGoto..<gotos.count { gotos[index]?.activeCount = scope.activeCount }
  }

  private func unresolved(_ mark: LabelMark) -> LuaSyntaxError {
    mark.name == "break"
      ? semanticError("break outside loop at line \(mark.line)", at: mark.offset)
      : semanticError(
        "no visible label '\(mark.name)' for <goto> at line \(mark.line)", at: mark.offset)
  }

  // MARK: - Variables

  /// Declares a variable that is not visible before ``activate(_:)``.
  mutating func declare(
    _ name: String, _ kind: LuaTree.Variable.Kind, at range: Range<Int>
  ) throws(LuaSyntaxError) -> LuaTree.VariableID {
    let first = functionScopes.last?.firstVariable ?? 0
    if active.count + pendingCount + 1 - first > Self.maximumLocals {
      throw tooMany("local variables", limit: Self.maximumLocals)
    }
    pendingCount += 1
    tree.variables.append(.init(name: name, kind: kind, range: range, block: currentBlock))
    return tree.variables.count - 1
  }

  mutating func activate(_ variables: [LuaTree.VariableID]) {
    pendingCount -= variables.count
    active += variables
  }

  private func tooMany(_ what: String, limit: Int) -> LuaSyntaxError {
    let line = functionScopes.last?.line ?? 0
    let place = line == 0 ? "main function" : "function at line \(line)"
    return error("too many \(what) (limit is \(limit)) in \(place)")
  }

  /// Finds the variable that a name means; nil for a global.
  mutating func resolve(_ name: String) throws(LuaSyntaxError) -> LuaTree.VariableID? {
    if let found = try find(name) { return found }
    // A global is a field of `_ENV`, which functions reach as an upvalue unless a local has its name.
    if try find("_ENV") == nil { try passOn(FunctionScope.environment, from: 0) }
    return nil
  }

  private mutating func find(_ name: String) throws(LuaSyntaxError) -> LuaTree.VariableID? {
    var index = active.count - 1
    while index >= 0, tree.variables[active[index]].name != name { index -= 1 }
    guard index >= 0 else { return nil }
    let id = active[index]
    guard !isCompileTimeConstant(id) else { return id }
    let owner = functionScopes.lastIndex { $0.firstVariable <= index } ?? 0
    try passOn(id, from: owner + 1)
    return id
  }

  /// Makes a variable one of the outer variables of each function between its declaration and its use.
  private mutating func passOn(_ variable: Int, from first: Int) throws(LuaSyntaxError) {
    for index in functionScopes.indices.dropFirst(first) {
      functionScopes[index].upvalues.insert(variable)
      guard functionScopes[index].upvalues.count > Self.maximumUpvalues else { continue }
      let place = "function at line \(functionScopes[index].line)"
      throw error("too many upvalues (limit is \(Self.maximumUpvalues)) in \(place)")
    }
  }

  /// Whether the compiler puts the value in the place of the name.
  private func isCompileTimeConstant(_ id: LuaTree.VariableID) -> Bool {
    let variable = tree.variables[id]
    guard variable.kind == .constant, let value = variable.value else { return false }
    switch tree.expressions[value].kind {
    case .nil, .boolean, .integer, .float, .string: return true
    case .unary("-", let operand):
      switch tree.expressions[operand].kind {
      case .integer, .float: return true
      default: return false
      }
    default: return false
    }
  }

  // MARK: - Labels

  mutating func createLabel(
    _ name: String, line: Int, offset: Int, isLast: Bool
  ) throws(LuaSyntaxError) {
    guard let scope = blockScopes.last else { return }
    // Behind the last statement of a block its variables are out of scope.
    let count = isLast ? scope.activeCount : active.count
    labelIndices[name, default: []].append(labels.count)
    labels.append(LabelMark(name: name, line: line, offset: offset, activeCount: count))
    var jumps: [Int] = []
    while let index = gotoIndices[name]?.last, index >= scope.firstGoto {
      gotoIndices[name]?.removeLast()
      jumps.append(index)
    }
    for index in jumps.reversed() {
      if let jump = gotos[index], jump.activeCount < count {
        let local = tree.variables[active[jump.activeCount]].name
        throw semanticError(
          "<goto \(name)> at line \(jump.line) jumps into the scope of local '\(local)'",
          at: jump.offset)
      }
      gotos[index] = nil
    }
    while gotos.count > scope.firstGoto, gotos.last == .some(nil) { gotos.removeLast() }
  }

  /// Notes a jump to a label that is not there yet.
  mutating func addGoto(_ name: String, line: Int, offset: Int) {
    gotoIndices[name, default: []].append(gotos.count)
    gotos.append(LabelMark(name: name, line: line, offset: offset, activeCount: active.count))
  }

  /// The label of this name that the current function sees.
  func visibleLabel(_ name: String) -> LabelMark? {
    guard let index = labelIndices[name]?.last, index >= functionScopes.last?.firstLabel ?? 0
    else { return nil }
    return labels[index]
  }
}
