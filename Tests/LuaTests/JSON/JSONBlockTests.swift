import Testing

@testable import Lua

// Views are made by comparing whole blocks of a text, and records by what the one before had. So: strings of every length, whatever
// can be wrong at every offset of a block, and records that differ from each other in every way.

/// What no string may hold, and what one may, as bytes.
private let sequences: [[UInt8]] = [
  [0x01], [0x1F], [0x0A], [0x22], [0x5C], [0x5C, 0x22], [0x5C, 0x5C], [0x5C, 0x6E], [0x5C, 0x78],
  Array("\\u00e9".utf8), Array("\\ud83d\\ude00".utf8), Array("\\ud83d".utf8),
  [0x7F], [0xC3, 0xA9], [0xE2, 0x82, 0xAC], [0xF0, 0x9F, 0x98, 0x80],
  // Not UTF-8: a lone continuation, overlong forms, surrogates, beyond Unicode, cut short.
  [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
  [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
  [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xC3, 0xC3],
]

/// What a text becomes as tables or as views, encoded again with sorted keys; or why it is refused.
private func outcome(of text: [UInt8], asViews: Bool, in lua: LuaState) -> Result<
  [UInt8], JSONError
> {
  lua.withStack { stack in
    let height = stack.count
    defer { stack.setCount(height) }
    do throws(JSONError) {
      if asViews { try stack.pushJSONFields(text) } else { try stack.pushJSON(text) }
      var options = JSONEncodingOptions()
      options.sortsKeys = true
      return .success(try stack.encodeJSON(at: -1, options: options))
    } catch {
      return .failure(error)
    }
  }
}

/// Whether views show the same as tables, whatever the blocks.
private func isSame(_ text: [UInt8], in lua: LuaState) -> Bool {
  let expected = outcome(of: text, asViews: false, in: lua)
  return [16, 32, 64].allSatisfy { bytes in
    JSONBlocks.limit(to: bytes)
    defer { JSONBlocks.limit(to: 64) }
    return outcome(of: text, asViews: true, in: lua) == expected
  }
}

/// An array of records with strings of a length, long enough that the later ones are read as expected.
private func records(_ values: [[UInt8]]) -> [UInt8] {
  var text = Array("[".utf8)
  for (index, value) in values.enumerated() {
    text += Array("\(index > 0 ? "," : "")".utf8) + Array(#"{"id":""#.utf8) + value
    text += Array(#"","p":{"name":"x","flag":true,"none":null},"n":-1.5e3}"#.utf8)
  }
  return text + Array("]".utf8)
}

@Suite(.serialized) struct JSONBlockTests {
  @Test func `strings of every length end where they end`() throws {
    let lua = try stateWithJSON()
    for length in 0...200 {
      let value = [UInt8](repeating: 0x61, count: length)
      #expect(isSame(records([value, value, [], value, [0x62], value]), in: lua), "\(length)")
    }
  }

  @Test(arguments: sequences)
  func `whatever a string holds is treated as in a decode, at each offset of a block`(
    sequence: [UInt8]
  ) throws {
    let lua = try stateWithJSON()
    let plain = [UInt8](repeating: 0x61, count: 20)
    for offset in 0..<130 {
      let value = [UInt8](repeating: 0x61, count: offset) + sequence + plain
      #expect(isSame(records([plain, plain, plain, value, plain, plain]), in: lua), "\(offset)")
    }
  }

  @Test(arguments: ["x", "}", "]", ",", ":", " ", "\n", "{", "[", "1", "\u{1}", "\\", "\""])
  func `a byte that is wrong is found where a decode finds it`(byte: String) throws {
    let lua = try stateWithJSON()
    let text = records([[0x61], [0x62], [0xC3, 0xA9], [0x64], [0x65], [0x66]])
    for offset in text.indices {
      var changed = text
      changed[offset] = byte.utf8.first ?? 0
      #expect(isSame(changed, in: lua), "\(offset)")
    }
  }

  @Test func `a byte too few or too many is found where a decode finds it`() throws {
    let lua = try stateWithJSON()
    let text = records([[0x61], [0x62], [0xC3, 0xA9], [0x64], [0x65], [0x66]])
    for offset in text.indices {
      var changed = text
      let byte = changed.remove(at: offset)
      #expect(isSame(changed, in: lua), "\(offset)")
      changed.insert(contentsOf: [byte, byte], at: offset)
      #expect(isSame(changed, in: lua), "\(offset)")
    }
  }

  @Test(arguments: [
    #"{"x":0"id":"a"}"#, #"{,"id":"a"}"#, #"{"id":"a""p":1}"#, #"{"id":"a"},"id":"a"}"#,
    #"{"id":"a"}"id":"a""#, #"{"p":{"x":1"name":"x"}}"#, #"{"id":"a",}"#, #"{"id":"a"}}"#,
    #"{"x":0,"id":"a","p":{}}"#, #"{"p":{},"id":"a"}"#, #"{}"#, #"{"id":{"id":"a"}}"#,
  ])
  func `a record is held to the rules, not to the one before`(record: String) throws {
    let lua = try stateWithJSON()
    let text = String(decoding: records(Array(repeating: [0x61], count: 9)), as: UTF8.self)
    let first = text.dropLast()
    #expect(isSame(Array("\(first),\(record),\(text.dropFirst())".utf8), in: lua))
    #expect(isSame(Array("\(first),\(record)]".utf8), in: lua))
  }

  @Test func `a text that ends early is refused as by a decode, wherever it ends`() throws {
    let lua = try stateWithJSON()
    let text = records(Array(repeating: Array("é\\n".utf8), count: 6))
    for count in text.indices { #expect(isSame(Array(text.prefix(count)), in: lua), "\(count)") }
  }

  @Test func `records of any shapes are the same as views and as tables`() throws {
    let lua = try stateWithJSON()
    var random = SeededGenerator(seed: 5)
    for round in 0..<400 {
      let text = RandomRecords(&random).text(&random)
      #expect(isSame(Array(text.utf8), in: lua), "round \(round): \(text)")
    }
  }

  @Test func `records of any shapes are written and read again`() throws {
    let lua = try stateWithJSON()
    var random = SeededGenerator(seed: 6)
    for round in 0..<400 {
      let text = RandomRecords(&random).text(&random)
      let written = try lua.withStack { stack in
        try stack.pushJSON(Array(text.utf8))
        return try stack.encodeJSON(at: -1)
      }
      let isEqual = try roundTrip(written, in: lua) == roundTrip(Array(text.utf8), in: lua)
      #expect(isEqual, "round \(round): \(text)")
    }
  }
}

/// Arrays of records that are alike, but for a few of their keys, values and spaces.
private struct RandomRecords {
  private var keys: [String]
  private let strangeness: Int

  init(_ random: inout SeededGenerator) {
    let letters = [#"a"#, #"é"#, #"\n"#, #"\""#, #"\u0061"#, #"_"#]
    keys = (0..<Int.random(in: 1...30, using: &random)).map { index in
      let filling = letters.randomElement(using: &random) ?? ""
      let lengths = [0, 1, 9, 24, 25, 26, 27, 60, 300]
      return "k\(index)"
        + String(repeating: filling, count: lengths.randomElement(using: &random) ?? 0)
    }
    strangeness = [0, 0, 1, 10, 40].randomElement(using: &random) ?? 0
  }

  private func isStrange(_ random: inout SeededGenerator) -> Bool {
    Int.random(in: 0..<100, using: &random) < strangeness
  }

  private func space(_ random: inout SeededGenerator) -> String {
    isStrange(&random) ? [" ", "\n\t", "  "].randomElement(using: &random) ?? "" : ""
  }

  private func value(_ depth: Int, _ random: inout SeededGenerator) -> String {
    switch Int.random(in: 0..<(depth > 3 ? 8 : 10), using: &random) {
    case 0: return ["null", "true", "false", "[]", "{}"].randomElement(using: &random) ?? ""
    case 1: return "\(Int.random(in: -9...1_000_000, using: &random))"
    case 2: return "\(Double.random(in: -9...9, using: &random))"
    case 3: return #""\u00e9\\ \" é€😀""#
    case 4...7:
      return "\""
        + String(repeating: "x", count: Int.random(in: 0...80, using: &random)) + "\""
    case 8: return record(depth + 1, &random)
    default:
      let elements = (0..<Int.random(in: 1...3, using: &random)).map { _ in
        value(depth + 1, &random)
      }
      return "[" + elements.joined(separator: ",") + "]"
    }
  }

  private func record(_ depth: Int, _ random: inout SeededGenerator) -> String {
    var members: [String] = []
    for key in keys.prefix(depth > 1 ? 4 : keys.count) where !isStrange(&random) {
      let name = isStrange(&random) ? "other" : key
      let member = "\"\(name)\"\(space(&random)):\(space(&random))\(value(depth, &random))"
      members.append(space(&random) + member + space(&random))
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  func text(_ random: inout SeededGenerator) -> String {
    let count = Int.random(in: 1...12, using: &random)
    let list = (0..<count).map { _ in space(&random) + record(0, &random) }
    return #"{"results":["# + list.joined(separator: ",") + "]}"
  }
}
