import Floor
import Lua
import Measuring

/// One document, decoded and encoded by the bridge, by lua-cjson and by the floor.
@safe final class JSONBenchmark {
  private let name: String
  private let bytes: Int
  private let count: Int
  private let lua: LuaState
  private let plain: OpaquePointer

  /// Opens a state of ours, and a plain one with lua-cjson.
  ///
  /// - Parameter count: How often the document is decoded in a round.
  init(_ name: String, _ text: String, count: Int) throws {
    self.name = name
    self.count = count
    bytes = text.utf8.count
    // SAFETY: the text is copied before the call returns.
    guard let plain = unsafe floor_json_open(text) else { throw WrongAnswer(what: "no lua-cjson") }
    unsafe self.plain = unsafe plain
    lua = try LuaState(memoryLimit: 1 << 30)
    try lua.withStack { stack in
      stack.pushGlobals()
      stack.pushJSONLibrary()
      stack.setField("json", at: -2)
      stack.push(text)
      stack.setField("text", at: -2)
      try stack.pushJSON(Array(text.utf8))
      stack.setField("value", at: -2)
    }
  }

  deinit {
    // SAFETY: it is closed once, here.
    unsafe floor_json_close(plain)
  }

  /// Reads 3 of the 16 fields of each record of the page, from plain tables and from lazy views.
  func runLazy(_ target: Double) throws {
    let read = { (options: String) in
      """
      local function read(text)
        local emails, names, ids = 0, 0, 0
        for _, record in ipairs(json.decode(text, \(options)).results) do
          local fields = record.properties
          emails, names, ids = emails + #fields.email, names + #fields.lastname, ids + #record.id
        end
        return emails, names, ids
      end

      """
    }
    let total = " return table.concat({read(text)}, ' ')"
    let expected = try ourText(read("nil") + total)
    guard try ourText(read("{ lazy = true }") + total) == expected else {
      throw WrongAnswer(what: "\(name): a lazy view")
    }
    let rounds: [() throws -> Double] = [
      { [self] in try ours(read("{ lazy = true }") + "local f, x = read, text") },
      { [self] in try ours("local f, x = json.decode, text") },
      { [self] in
        try ours("local f, x = function(x) return json.decode(x, { lazy = true }) end, text")
      },
    ]
    let best = try fastest(rounds: 15, rounds).map { $0 / Double(count) / 1000 }
    show("lazy, 3 of 16 fields, beside the decode alone", best[0], best[1], atLeast: target)
    show("lazy, nothing read, beside the decode", best[2], best[1])
  }

  func run(_ targets: Targets) throws {
    try check()
    let rounds: [() throws -> Double] = [
      { [self] in try ours("local f, x = json.decode, text") },
      { [self] in try theirs("local f, x = build, text") },
      { [self] in try theirs("local f, x = cjson.decode, text") },
      { [self] in try ours("local f, x = json.encode, value") },
      { [self] in try theirs("local f, x = cjson.encode, value") },
    ]
    let best = try fastest(rounds: 15, rounds).map { $0 / Double(count) / 1000 }
    print("\n\(name), \(bytes) bytes")
    show("decode beside the floor", best[0], best[1], atMost: targets.floor)
    show("decode beside lua-cjson", best[0], best[2], atLeast: targets.decode)
    show("encode beside lua-cjson", best[3], best[4], atLeast: targets.encode)
  }

  // MARK: - Timing

  private var loop: String { " for _ = 1, \(count) do f(x) end" }

  private func ours(_ setting: String) throws -> Double {
    lua.collectGarbage()
    let start = LuaState.monotonicNanoseconds
    try lua.run(setting + loop) { _, _ in }
    return Double(LuaState.monotonicNanoseconds - start)
  }

  private func theirs(_ setting: String) throws -> Double {
    // SAFETY: the source is copied before the call returns.
    let elapsed = unsafe floor_json_time(plain, setting + loop)
    guard elapsed >= 0 else { throw WrongAnswer(what: setting) }
    return Double(elapsed)
  }

  private func show(
    _ what: String, _ mine: Double, _ other: Double, atMost: Double? = nil, atLeast: Double? = nil
  ) {
    let factor = atLeast == nil ? mine / other : other / mine
    let target =
      atMost.map { "≤ \($0.ratio) the time: " } ?? atLeast.map { "≥ \($0.ratio) as fast: " } ?? ""
    Figure(
      name: what, value: "\(mine.short) µs, other \(other.short) µs",
      target: target + factor.ratio,
      isReached: atMost.map { factor <= $0 } ?? atLeast.map { factor >= $0 }
    ).print()
  }

  // MARK: - Checking

  // The value as text with sorted keys, the same for integers and the floats that cjson makes of them.
  private static let canonical = """
    local function canonical(value)
      if type(value) == "table" then
        local parts = {}
        if #value > 0 then
          for _, element in ipairs(value) do parts[#parts + 1] = canonical(element) end
          return "[" .. table.concat(parts, ",") .. "]"
        end
        for key, member in pairs(value) do parts[#parts + 1] = ("%q:%s"):format(key, canonical(member)) end
        table.sort(parts)
        return "{" .. table.concat(parts, ",") .. "}"
      elseif type(value) == "number" then
        return ("%.17g"):format(value)
      elseif type(value) == "string" then
        return ("%q"):format(value)
      end
      return type(value) == "userdata" and "null" or tostring(value)
    end
    """

  /// Compares what all three make of the document, and what comes back from encoding it.
  private func check() throws {
    let reference = try theirText("return canonical(value)")
    guard try theirText("return canonical(build())") == reference else {
      throw WrongAnswer(what: "\(name): the floor")
    }
    for code in [
      "return canonical(json.decode(text))", "return canonical(json.decode(json.encode(value)))",
    ] where try ourText(code) != reference {
      throw WrongAnswer(what: "\(name): \(code)")
    }
  }

  private func ourText(_ code: String) throws -> String {
    try lua.run(Self.canonical + "\n" + code) { stack, _ in stack.string(at: -1) ?? "" }
  }

  private func theirText(_ code: String) throws -> String {
    // SAFETY: the source is copied before the call returns, and the result before the next one.
    guard let text = unsafe floor_json_text(plain, Self.canonical + "\n" + code) else {
      throw WrongAnswer(what: code)
    }
    return unsafe String(cString: text)
  }
}
