import Lua

/// Copies a Lua value to be shown, without running code of the script except its `__tostring`.
struct ValueReader {
  private let limits: ShownLimits
  private var left: Int
  /// The tables that lie around the one that is being read.
  private var path: Set<UInt> = []
  /// How many entries are counted at most; beyond that a count says "more than".
  private static let mostCounted = 1_000_000

  init(_ limits: ShownLimits) {
    self.limits = limits
    left = limits.values
  }

  /// Reads the value at a position.
  mutating func read(_ position: Int, of stack: borrowing LuaStack) -> ShownValue {
    left -= 1
    let position = stack.absolute(position)
    switch stack.type(at: position) {
    case .nil, .none: return .nil
    case .boolean: return .boolean(stack.boolean(at: position) ?? false)
    case .number:
      if let integer = stack.integer(at: position) { return .integer(integer) }
      return .float(stack.number(at: position) ?? 0)
    case .string:
      return .string(
        stack.bytes(at: position, limit: limits.stringBytes) ?? [],
        length: stack.rawLength(at: position))
    case .lightUserdata: return .null
    case .table:
      if let text = ownText(position, of: stack) { return .text(text) }
      return table(position, of: stack)
    case .function: return .other(stack.functionText(at: position))
    case .userdata, .thread: return .other(stack.displayText(at: position))
    }
  }

  /// What a table's own `__tostring` says; nil when it has none.
  private func ownText(_ position: Int, of stack: borrowing LuaStack) -> String? {
    guard stack.pushMetatable(at: position) else { return nil }
    let type = stack.pushField("__tostring", at: -1)
    stack.pop(2)
    guard type != .nil else { return nil }
    let text = stack.displayText(at: position)
    stack.pushField("traceback", at: position)
    defer { stack.pop() }
    return stack.string(at: -1).map { "\(text)\n\($0)" } ?? text
  }

  private mutating func table(_ position: Int, of stack: borrowing LuaStack) -> ShownValue {
    guard let identity = stack.identity(at: position) else { return .nil }
    if path.contains(identity) { return .cycle }
    var table = ShownTable()
    table.isArray = stack.isMarkedArray(at: position)
    table.elementCount = stack.rawLength(at: position)
    table.isFolded = path.count >= limits.depth || left <= 0
    path.insert(identity)
    defer { path.remove(identity) }
    if !table.isFolded {
      for index in 0..<min(table.elementCount, limits.entries) where left > 0 {
        stack.pushElement(index + 1, at: position)
        table.elements.append(read(-1, of: stack))
        stack.pop()
      }
    }
    readFields(position, of: stack, into: &table)
    return .table(table)
  }

  private mutating func readFields(
    _ position: Int, of stack: borrowing LuaStack, into table: inout ShownTable
  ) {
    var keys: [ShownValue] = []
    let elementCount = Int64(table.elementCount)
    var counted = 0
    var count = 0
    stack.forEachEntry(at: position, while: { counted < Self.mostCounted }) { stack in
      counted += 1
      if let index = stack.integer(at: -2), index >= 1, index <= elementCount { return }
      count += 1
      if keys.count < 10_000 { keys.append(key(-2, of: stack)) }
    }
    table.fieldCount = count
    table.isFieldCountOpen = counted >= Self.mostCounted
    if table.isFolded { return }
    keys.sort { $0.isBefore($1) }
    for key in keys.prefix(limits.entries) where left > 0 {
      guard push(key, on: stack) else {
        table.fields.append(.init(key, .other("…")))
        continue
      }
      stack.pushEntry(at: position)
      table.fields.append(.init(key, read(-1, of: stack)))
      stack.pop()
    }
  }

  /// Reads a key; of one that is no text, number or boolean only what it is.
  private func key(_ position: Int, of stack: borrowing LuaStack) -> ShownValue {
    switch stack.type(at: position) {
    case .string:
      return .string(
        stack.bytes(at: position, limit: 4096) ?? [], length: stack.rawLength(at: position))
    case .number:
      if let integer = stack.integer(at: position) { return .integer(integer) }
      return .float(stack.number(at: position) ?? 0)
    case .boolean: return .boolean(stack.boolean(at: position) ?? false)
    case let type: return .other(type.name)
    }
  }

  private func push(_ key: ShownValue, on stack: borrowing LuaStack) -> Bool {
    switch key {
    case .string(let bytes, let length) where bytes.count == length: stack.push(bytes)
    case .integer(let value): stack.push(value)
    case .float(let value): stack.push(value)
    case .boolean(let value): stack.push(value)
    default: return false
    }
    return true
  }
}

extension ShownValue {
  /// The order of keys: numbers, then texts, then the rest.
  fileprivate func isBefore(_ other: ShownValue) -> Bool {
    switch (self, other) {
    case (.string(let first, _), .string(let second, _)):
      return first.lexicographicallyPrecedes(second)
    case (.integer(let first), .integer(let second)): return first < second
    case (.float(let first), .float(let second)): return first < second
    default: return rank < other.rank
    }
  }

  private var rank: Int {
    switch self {
    case .integer: 0
    case .float: 1
    case .string: 2
    default: 3
    }
  }
}

extension Session {
  /// How long values may take to say what they are in their `__tostring`, all together.
  private static let patience: Int64 = 250_000_000

  /// Copies the values that the last line returned, to be shown.
  public func values(_ limits: ShownLimits = ShownLimits()) -> [ShownValue] {
    shown { stack in
      guard stack.pushRegistryField(SessionGlue.valuesField) == .table else { return [] }
      let position = stack.count
      return (0..<valueCount).map { index in
        var reader = ValueReader(limits)
        stack.pushElement(index + 1, at: position)
        defer { stack.pop() }
        return reader.read(-1, of: stack)
      }
    }
  }

  /// Copies the value of `_`, to be shown.
  public func lastValue(_ limits: ShownLimits = ShownLimits()) -> ShownValue {
    shown { stack in
      var reader = ValueReader(limits)
      stack.pushRegistryField(SessionGlue.localsField)
      stack.pushField("_", at: -1)
      return reader.read(-1, of: stack)
    }
  }

  /// Returns the values that the last line returned as JSON texts.
  ///
  /// - Throws: ``RunFailure`` for a value that JSON cannot hold.
  public func jsonValues() throws(RunFailure) -> [[UInt8]] {
    let texts: Result<[[UInt8]], RunFailure> = lua.withStack { stack in
      guard stack.pushRegistryField(SessionGlue.valuesField) == .table else { return .success([]) }
      let position = stack.count
      var texts: [[UInt8]] = []
      for index in 0..<valueCount {
        stack.pushElement(index + 1, at: position)
        defer { stack.pop() }
        if stack.type(at: -1) == .nil {
          texts.append(Array("null".utf8))
          continue
        }
        var encoding = JSONEncodingOptions()
        encoding.sortsKeys = true
        do throws(JSONError) {
          texts.append(try stack.encodeJSON(at: -1, options: encoding))
        } catch {
          return .failure(
            RunFailure(
              .script, code: "result_not_json",
              message: "the value can't be written as JSON: \(error.message)",
              hint: "give tables, strings, numbers, booleans and refold.null only"))
        }
      }
      return .success(texts)
    }
    return try texts.get()
  }

  private func shown<Result>(_ body: (borrowing LuaStack) -> Result) -> Result {
    lua.setDeadline(nanoseconds: LuaState.monotonicNanoseconds + Self.patience)
    defer {
      lua.setDeadline(nanoseconds: nil)
      lua.resetInterrupt()
    }
    return lua.withStack(body)
  }
}
