import Testing

@testable import Lua

/// A state with the module `json` and a text in the global `text`, which may use `room` bytes more.
private func state(with text: String, room: Int) throws -> LuaState {
  let lua = try stateWithJSON(memoryLimit: text.utf8.count + room)
  lua.withStack { stack in
    stack.pushGlobals()
    stack.push(text)
    stack.setField("text", at: -2)
  }
  return lua
}

private let largeTexts = [
  "[" + String(repeating: "1,", count: 1_000_000) + "1]",
  "[" + String(repeating: "[],", count: 200_000) + "1]",
  "[" + String(repeating: #"{"id":1,"name":"x"},"#, count: 100_000) + "1]",
  "\"\\n" + String(repeating: "x", count: 8 << 20) + "\"",
  "{" + (0..<200_000).map { "\"k\($0)\":1" }.joined(separator: ",") + "}",
]

/// Calls from scripts, which run in C under the hard memory limit.
@Suite struct JSONFunctionTests {
  @Test(arguments: largeTexts.indices, ["", ", { lazy = true }"])
  func `a script that reads what does not fit gets a memory error, and can go on`(
    index: Int, options: String
  ) throws {
    let lua = try state(with: largeTexts[index], room: options.isEmpty ? 2 << 20 : 1 << 20)
    let read = "local ok, e = pcall(function() return json.decode(text\(options)) end)"
    // A view of a string is that string; its index is what does not fit for the others.
    let fits = index == 3 && !options.isEmpty
    for _ in 1...3 where !fits {
      #expect(
        try text(of: read + " return tostring(ok) .. tostring(e)", in: lua)
          == "falsenot enough memory")
    }
    #expect(
      try text(of: #"return json.encode(json.decode('[1,{"a":2}]'))"#, in: lua) == #"[1,{"a":2}]"#)
  }

  @Test func `a script that writes what does not fit gets a memory error, and can go on`() throws {
    let lua = try state(with: "", room: 2 << 20)
    let source = """
      local t = { ("x"):rep(400000) }
      local many = { t, t, t, t, t, t }
      local ok, e = pcall(json.encode, many)
      return tostring(ok) .. tostring(e) .. #json.encode(t)
      """
    for _ in 1...3 {
      #expect(try text(of: source, in: lua) == "falsenot enough memory400004")
    }
  }

  @Test func `reading a view's large part is a memory error, and the view stays usable`() throws {
    let text = #"{"big":["# + String(repeating: "[1],", count: 50_000) + #"1],"small":[7]}"#
    let lua = try state(with: text, room: 4 << 20)
    let source = """
      local view = json.decode(text, { lazy = true })
      local ok, e = pcall(json.copy, view.big)
      local again = pcall(view.big)
      return tostring(ok) .. tostring(e) .. tostring(again) .. view.small[1] .. #view.big
      """
    #expect(try LuaTests.text(of: source, in: lua) == "falsenot enough memoryfalse750001")
  }

  @Test func `a deadline stops one long decode in its midst`() throws {
    let text = "[" + String(repeating: "[],", count: 5_000_000) + "1]"
    let lua = try state(with: text, room: 1 << 30)
    lua.setDeadline(nanoseconds: LuaState.monotonicNanoseconds + 20_000_000)
    let error = failure(of: "pcall(json.decode, text)", in: lua)
    #expect(error?.code == .deadline)
    // All of it would be a third of a gigabyte.
    #expect(lua.memoryPeak < 300 << 20)
  }

  @Test func `a deadline stops one long encode in its midst`() throws {
    let lua = try state(with: "", room: 1 << 40)
    lua.setDeadline(nanoseconds: LuaState.monotonicNanoseconds + 20_000_000)
    let bomb = "local t = { 'x' } for i = 1, 60 do t = { t, t } end json.encode(t)"
    #expect(failure(of: bomb, in: lua)?.code == .deadline)
  }

  @Test func `records of changing shape are each read as they are`() throws {
    var random = SeededGenerator(seed: 23)
    let lua = try stateWithJSON()
    let names = (0..<30).map { "field\($0)" }
    for _ in 0..<100 {
      var records: [String] = []
      for _ in 0..<60 {
        let kept = names.filter { _ in Int.random(in: 0..<5, using: &random) > 1 }
        let members = kept.sorted().map { name in
          "\"\(name)\":\"\(name.suffix(2))\(Int.random(in: 0..<4, using: &random))\""
        }
        records.append("{" + members.joined(separator: ",") + "}")
      }
      let text = "[" + records.joined(separator: ",") + "]"
      #expect(try roundTrip(text, in: lua) == text)
    }
  }

  @Test func `equal keys among predicted ones are still one key`() throws {
    let lua = try stateWithJSON()
    let record = #"{"a":1,"b":2,"c":3}"#
    let twins = #"{"a":1,"b":2,"a":9}"#
    let escaped = #"{"a":1,"b":2,"\u0061":8}"#
    for count in [1, 200] {
      let parts = [[String]](repeating: [record, twins, escaped, twins], count: count).flatMap {
        $0
      }
      let text = "[" + parts.joined(separator: ",") + "]"
      let expected = [[String]](
        repeating: [record, #"{"a":9,"b":2}"#, #"{"a":8,"b":2}"#, #"{"a":9,"b":2}"#], count: count
      ).flatMap { $0 }.joined(separator: ",")
      #expect(try roundTrip(text, in: lua) == "[" + expected + "]")
    }
  }

  @Test func `a record with many fields does not make the next ones large`() throws {
    let lua = try stateWithJSON()
    let wide = "{" + (0..<20).map { "\"k\($0)\":0" }.joined(separator: ",") + "}"
    let texts = ["[" + wide + "]", "[" + String(repeating: #"{"k0":0},"#, count: 5000) + "0]"]
    try lua.withStack { stack in
      try stack.pushJSON(Array(texts[0].utf8))
      let before = lua.memoryUsed
      try stack.pushJSON(Array(texts[1].utf8))
      #expect(lua.memoryUsed - before < 800_000)
    }
  }

  @Test func `records written one after the other have their own keys`() throws {
    let lua = try stateWithJSON()
    let source = """
      local list = {}
      for i = 1, 400 do
        local record = {}
        record["key" .. i % 3] = i
        if i % 7 == 0 then record["a key that is longer than what is copied at once"] = i end
        if i % 5 == 0 then record["\\"quoted\\""] = { x = i } end
        list[i] = record
      end
      local again = json.decode(json.encode(list))
      for i = 1, 400 do
        assert(again[i]["key" .. i % 3] == i)
        assert(again[i]["a key that is longer than what is copied at once"] == (i % 7 == 0 and i or nil))
        assert((again[i]["\\"quoted\\""] or {}).x == (i % 5 == 0 and i or nil))
      end
      return "ok"
      """
    #expect(try text(of: source, in: lua) == "ok")
  }

  @Test func `decimals are written as their shortest form is`() throws {
    var random = SeededGenerator(seed: 29)
    let scales: [Double] = [10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e9]
    let lua = try LuaState()
    for _ in 0..<20_000 {
      let scale = scales.randomElement(using: &random) ?? 1
      let digits = Int.random(in: -1_000_000_000_000...1_000_000_000_000, using: &random)
      let value = Double(digits) / scale
      guard value != value.rounded(), abs(value) >= 1e-4 else { continue }
      let written = try lua.withStack { stack in
        stack.push(value)
        return String(decoding: try stack.encodeJSON(at: -1), as: UTF8.self)
      }
      #expect(written == "\(value)")
    }
  }
}
