import CLua
import CLuaShim

extension LuaStack {
  /// Pushes JSON's null, which scripts know as `json.null`: the light userdata `NULL`.
  public func pushNull() {
    reserve(1)
    unsafe lua_pushlightuserdata(raw, nil)
  }

  /// Whether the value at a position is JSON's null.
  public func isNull(at position: Int) -> Bool {
    unsafe lua_type(raw, Int32(position)) == LUA_TLIGHTUSERDATA
      && lua_touserdata(raw, Int32(position)) == nil
  }

  /// Marks the table at a position as an array.
  public func markArray(at position: Int) {
    let table = absolute(position)
    reserve(4)
    unsafe rl_push_array_marker(raw)
    setMetatable(at: table)
  }

  /// Pushes the module `json`: `decode`, `encode`, `lines`, `copy`, `null`, `array`, `object`.
  public func pushJSONLibrary() {
    JSONLines.install(in: state)
    pushTable(fields: 7)
    state.add(JSONLibrary.shared, toTableOn: self)
    reserve(8)
    unsafe rl_open_json(raw)
    state.add(JSONLibrary.markers, toTableOn: self)
    pushNull()
    setField("null", at: -2)
  }
}

/// The functions of the module `json`.
public enum JSONLibrary {
  /// The functions `array(table?)` and `object(table?)`, which mark a table or make a marked one.
  public static let markers = LuaLibrary([
    ("array", { stack in try mark(stack, isArray: true) }),
    ("object", { stack in try mark(stack, isArray: false) }),
  ])

  static let shared = LuaLibrary([
    ("decode", decode),
    ("encode", encode),
    ("lines", JSONLines.open),
    ("copy", copy),
  ])

  // What C hands over: a call with options, one that has to end in an error, and copies of what is no view.

  private static func copy(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    throw stack.argumentError(1, "view", expected: "lazy view")
  }

  // json.decode(text, { big = "string"?, depth = integer?, lazy = boolean? }?)
  private static func decode(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    guard stack.type(at: 1) == .string else {
      throw stack.argumentError(1, "text", expected: "string")
    }
    let settled = try decodingOptions(of: stack, mayBeLazy: true)
    stack.pushCopy(of: 1)
    if settled.isLazy {
      try stack.makeJSONView(settled)
    } else {
      _ = try unsafe stack.withBytes(at: 1) { bytes throws(JSONError) in
        // SAFETY: the string is an argument; it stays on the stack, Lua does not move it, and ends it with a zero byte.
        try unsafe stack.pushJSON(bytes, settled, isOpen: false)
      }
    }
    return .results(1)
  }

  /// Reads `{ big = "string"?, depth = integer?, lazy = boolean? }` from the second argument.
  static func decodingOptions(
    of stack: borrowing LuaStack, mayBeLazy: Bool = false
  ) throws -> JSONDecodingOptions {
    var options = JSONDecodingOptions()
    let known = mayBeLazy ? ["big", "depth", "lazy"] : ["big", "depth"]
    try readOptions(of: stack, known: known) { name, stack in
      if name == "depth" {
        options.maximumDepth = try depth(on: stack)
      } else if name == "lazy" {
        guard let flag = stack.boolean(at: -1) else {
          throw stack.argumentError(2, "opts", problem: "option 'lazy' must be a boolean")
        }
        options.isLazy = flag
      } else if let big = stack.string(at: -1), big == "string" || big == "float" {
        options.keepsBigIntegers = big == "string"
      } else {
        throw stack.argumentError(
          2, "opts", problem: "option 'big' must be \"string\" or \"float\"")
      }
    }
    return options
  }

  // json.encode(value, { pretty = boolean?, sort_keys = boolean?, depth = integer? }?)
  private static func encode(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    guard stack.count >= 1 else {
      throw stack.argumentError(1, "value", problem: "a value expected")
    }
    var options = JSONEncodingOptions()
    try readOptions(of: stack, known: ["pretty", "sort_keys", "depth"]) { name, stack in
      if name == "depth" {
        options.maximumDepth = try depth(on: stack)
        return
      }
      guard let flag = stack.boolean(at: -1) else {
        throw stack.argumentError(2, "opts", problem: "option '\(name)' must be a boolean")
      }
      if name == "pretty" { options.isPretty = flag } else { options.sortsKeys = flag }
    }
    try stack.pushEncoded(at: 1, options)
    return .results(1)
  }

  /// `json.array(table?)` and `json.object(table?)`: mark a table, or make a marked one.
  private static func mark(_ stack: borrowing LuaStack, isArray: Bool) throws -> LuaOutcome {
    if try !stack.optionalTable(1, "table") {
      stack.setCount(0)
      stack.pushTable()
    }
    stack.setCount(1)
    if !stack.isMarkedArray(at: 1), !stack.isMarkedObject(at: 1), stack.pushMetatable(at: 1) {
      throw stack.argumentError(1, "table", problem: "it has a metatable of its own")
    }
    if isArray { stack.markArray(at: 1) } else { stack.markObject(at: 1) }
    return .results(1)
  }

  private static func depth(on stack: borrowing LuaStack) throws -> Int {
    guard let depth = stack.integer(at: -1),
      (1...Int64(JSONDecodingOptions.deepest)).contains(depth)
    else {
      throw stack.argumentError(
        2, "opts",
        problem: "option 'depth' must be an integer from 1 to \(JSONDecodingOptions.deepest)")
    }
    return Int(depth)
  }

  /// Calls `read` with each option's name and its value on top of the stack.
  private static func readOptions(
    of stack: borrowing LuaStack, known: [String],
    _ read: (String, borrowing LuaStack) throws -> Void
  ) throws {
    guard try stack.optionalTable(2, "opts") else { return }
    try stack.forEachEntry(at: 2) { (stack) throws(any Error) in
      let name = stack.displayText(at: -2)
      guard known.contains(name) else {
        let names = known.map { "'\($0)'" }.joined(separator: ", ")
        throw stack.argumentError(2, "opts", problem: "unknown option '\(name)' (use \(names))")
      }
      try read(name, stack)
    }
  }
}

extension LuaStack {
  /// Pushes the JSON text of a value as a string, which must fit the state's memory limit.
  fileprivate func pushEncoded(
    at position: Int, _ options: JSONEncodingOptions
  ) throws(JSONError) {
    let context = unsafe rl_context_of(raw)
    var options = options
    options.maximumBytes = unsafe context.pointee.bytes_limit
    do throws(JSONError) {
      try unsafe withEncodedJSON(at: position, options) { bytes throws(JSONError) in
        guard unsafe rl_has_memory(raw, bytes.count) else { throw .memory }
        let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        reserve(1)
        _ = unsafe lua_pushlstring(raw, start, bytes.count)
      }
    } catch {
      throw error.code == .size ? .memory : error
    }
  }
}
