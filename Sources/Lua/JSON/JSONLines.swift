/// `json.lines(text, opts?)`: the values of a text with one JSON document a line (jsonlines.org).
///
/// What it returns is a table that can be called, and that a `for` loop calls: the text, where the next line begins, and the
/// number of the lines before it.
enum JSONLines {
  private static let metatable = "json.lines"
  private static let metamethods = LuaLibrary([("__call", next)])

  /// Keeps the metatable of the iterators in the registry of a state.
  static func install(in lua: LuaState) {
    lua.withStack { stack in
      stack.pushTable(fields: 2)
      lua.add(metamethods, toTableOn: stack)
      stack.push(metatable)
      stack.setField("__name", at: -2)
      stack.setRegistryField(metatable)
    }
  }

  /// Makes an iterator.
  static func open(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    guard stack.type(at: 1) == .string else {
      throw stack.argumentError(1, "text", expected: "string")
    }
    let options = try JSONLibrary.decodingOptions(of: stack)
    stack.pushTable(fields: 5)
    stack.pushCopy(of: 1)
    stack.setField("text", at: -2)
    for (name, value) in [
      ("offset", 0), ("line", 0), ("depth", options.maximumDepth),
      ("big", options.keepsBigIntegers ? 1 : 0),
    ] {
      stack.push(value)
      stack.setField(name, at: -2)
    }
    _ = stack.pushRegistryField(metatable)
    stack.setMetatable(at: -2)
    return .results(1)
  }

  /// Decodes the next line that is not blank; nil after the last one.
  private static func next(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    try stack.table(1, "lines")
    var options = JSONDecodingOptions()
    options.maximumDepth = field("depth", stack) ?? options.maximumDepth
    options.keepsBigIntegers = field("big", stack) == 1
    guard let start = field("offset", stack), var line = field("line", stack),
      stack.pushField("text", at: 1) == .string
    else { throw stack.argumentError(1, "lines", problem: "made by 'json.lines' expected") }
    let settled = options
    let text = stack.count
    var end = start
    let height = stack.count
    let isFound = try unsafe stack.withBytes(at: text) { bytes throws(JSONError) -> Bool in
      // SAFETY: the text is on the stack as long as its bytes are used.
      while let range = unsafe nextLine(of: bytes, from: end) {
        line += 1
        end = range.upperBound
        let content = unsafe UnsafeRawBufferPointer(rebasing: bytes[range])
        if unsafe isBlank(content) { continue }
        do throws(JSONError) {
          try unsafe stack.pushJSON(content, settled)
        } catch {
          throw error.moved(line: line, byte: range.lowerBound)
        }
        return true
      }
      return false
    }
    if isFound != true { stack.pushNil() }
    set("offset", end, stack)
    set("line", line, stack)
    stack.setCount(height + 1)
    return .results(1)
  }

  private static func field(_ name: String, _ stack: borrowing LuaStack) -> Int? {
    stack.pushField(name, at: 1)
    defer { stack.pop() }
    return stack.integer(at: -1).map { Int($0) }
  }

  private static func set(_ name: String, _ value: Int, _ stack: borrowing LuaStack) {
    stack.push(value)
    stack.setField(name, at: 1)
  }

  /// The next line with its line break; nil at the end of the text.
  private static func nextLine(of bytes: UnsafeRawBufferPointer, from start: Int) -> Range<Int>? {
    guard start >= 0, start < bytes.count else { return nil }
    let lineBreak = unsafe bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
    return start..<(lineBreak.map { $0 + 1 } ?? bytes.count)
  }

  private static func isBlank(_ bytes: UnsafeRawBufferPointer) -> Bool {
    unsafe bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
  }
}

extension JSONError {
  /// The same error for a text that begins in a later line.
  fileprivate func moved(line: Int, byte: Int) -> JSONError {
    var error = self
    error.position?.line = line
    error.position?.byte += byte
    return error
  }
}
