import Testing

@testable import Lua

/// What a chunk with the module `json` returns, encoded without sorted keys by the function that scripts call.
private func written(_ source: String) throws -> String? {
  try text(of: source, in: try stateWithJSON())
}

// The keys of an array's records are remembered while it is written, and texts are copied by blocks.
@Suite struct JSONRecordTests {
  @Test(arguments: [
    // The same keys, others, fewer and more; each has one key at a place, so that the order is known.
    (
      "{ { a = 1 }, { a = 'x' }, { b = 2 }, { a = { c = 3 } }, { a = { c = 4 } }, {}, { a = {} } }",
      #"[{"a":1},{"a":"x"},{"b":2},{"a":{"c":3}},{"a":{"c":4}},{},{"a":{}}]"#
    ),
    // Keys with something to escape, and longer than what is remembered.
    (
      #"{ { ["a\n"] = 1 }, { ["a\n"] = 2 }, { [("k"):rep(40)] = 1 }, { [("k"):rep(40)] = 2 } }"#,
      #"[{"a\n":1},{"a\n":2},{""# + String(repeating: "k", count: 40) + #"":1},{""#
        + String(repeating: "k", count: 40) + #"":2}]"#
    ),
    // Records in records, and an object around them whose keys come later.
    (
      "{ { list = { { a = 1 }, { a = 2 } } }, { list = { { a = 3 }, { b = 4 } } } }",
      #"[{"list":[{"a":1},{"a":2}]},{"list":[{"a":3},{"b":4}]}]"#
    ),
    (
      "{ json.decode('{\"a\":[1]}', { lazy = true }), { a = { 2 } }, { a = { 3 } } }",
      #"[{"a":[1]},{"a":[2]},{"a":[3]}]"#
    ),
  ])
  func `records are written whatever the one before was`(value: String, text: String) throws {
    #expect(try written("return json.encode(\(value))") == text)
  }

  @Test func `a key that is no string is found in a later record`() throws {
    let source =
      "local ok, e = pcall(json.encode, { { a = 1 }, { a = 2 }, { [1.5] = 3 } }) return tostring(e)"
    #expect(
      try written(source)
        == "can't encode as JSON: $[3]: a key of an object must be a string, not a number")
  }

  @Test func `many members, some of them known`() throws {
    let source = """
      local list = {}
      for record = 1, 3 do
        list[record] = {}
        for key = 1, 100 do list[record]["key" .. key] = key * record end
      end
      local again = json.decode(json.encode(list))
      for record = 1, 3 do
        for key = 1, 100 do assert(again[record]["key" .. key] == key * record) end
      end
      return "same"
      """
    #expect(try written(source) == "same")
  }

  @Test func `strings of every length are copied, wherever they lie in memory`() throws {
    let source = """
      local count = 0
      for length = 0, 70 do
        for number = 1, 300 do
          local text = (tostring(number) .. ("x"):rep(length)):sub(1, length)
          assert(json.encode(text) == '"' .. text .. '"')
          count = count + 1
        end
      end
      return tostring(count)
      """
    #expect(try written(source) == "21300")
  }

  @Test(arguments: [
    ("\"", "\\\""), ("\\", "\\\\"), ("\n", "\\n"), ("\u{1}", "\\u0001"), ("\u{1f}", "\\u001f"),
    ("\u{7f}", "\u{7f}"), ("é", "é"), ("€", "€"), ("😀", "😀"),
  ])
  func `what a string holds is written at each offset of a block`(
    character: String, escaped: String
  ) throws {
    let lua = try LuaState()
    for offset in 0...70 {
      for length in [0, 1, 15, 16, 17, 40] {
        let (before, after) = (
          String(repeating: "a", count: offset), String(repeating: "b", count: length)
        )
        let text = try lua.withStack { stack in
          stack.push(before + character + after)
          return String(decoding: try stack.encodeJSON(at: -1), as: UTF8.self)
        }
        #expect(text == "\"\(before)\(escaped)\(after)\"")
      }
    }
  }

  @Test(
    arguments: [
      [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
      [0xF4, 0x90, 0x80, 0x80],
      [0xFF],
    ] as [[UInt8]])
  func `what is not UTF-8 is refused at each offset of a block`(bytes: [UInt8]) throws {
    let lua = try LuaState()
    for offset in 0...70 {
      for length in [0, 1, 15, 16, 17, 40] {
        let text =
          [UInt8](repeating: 0x61, count: offset) + bytes + [UInt8](repeating: 0x62, count: length)
        let message = lua.withStack { stack -> String? in
          stack.push(text)
          do throws(JSONError) {
            _ = try stack.encodeJSON(at: -1)
            return nil
          } catch {
            return error.message
          }
        }
        #expect(message == "$: the text is not UTF-8 at byte \(offset)")
      }
    }
  }
}
