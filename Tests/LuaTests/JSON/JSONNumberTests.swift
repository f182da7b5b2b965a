import Foundation
import Testing

@testable import Lua

/// Decodes a text to a number.
private func number(_ text: String, in lua: LuaState) throws -> Double? {
  try lua.withStack { stack in
    try stack.pushJSON(Array(text.utf8))
    return stack.number(at: -1)
  }
}

@Test(
  arguments: [
    ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
    ("9223372036854775806", Int64.max - 1), ("-9223372036854775807", Int64.min + 1),
    ("999999999999999999", 999_999_999_999_999_999),
    ("1000000000000000000", 1_000_000_000_000_000_000),
    ("9007199254740991", 1 << 53 - 1), ("9007199254740992", 1 << 53),
    ("9007199254740993", 1 << 53 + 1),
    ("0", 0), ("-1", -1),
  ] as [(String, Int64)])
func `integers of 64 bits are exact both ways`(text: String, value: Int64) throws {
  let lua = try LuaState()
  let decoded = try lua.withStack { stack in
    try stack.pushJSON(Array(text.utf8))
    return stack.integer(at: -1)
  }
  #expect(decoded == value)
  #expect(try roundTrip(text, in: lua) == text)
}

@Test(arguments: [
  ("9223372036854775808", "9.223372036854776e+18"),
  ("-9223372036854775809", "-9.223372036854776e+18"),
  ("18446744073709551616", "1.8446744073709552e+19"),
  ("123456789012345678901234567890", "1.2345678901234568e+29"), ("-0", "-0"), ("-0.0", "-0"),
  ("0.0", "0"),
  ("1.0", "1"), ("1e15", "1000000000000000"), ("9007199254740991.0", "9007199254740991"),
  ("9007199254740992.0", "9007199254740992.0"), ("-9007199254740992.0", "-9007199254740992.0"),
  ("9007199254740993.0", "9007199254740992.0"), ("1e16", "1e+16"), ("1e308", "1e+308"),
  ("1.7976931348623157e308", "1.7976931348623157e+308"), ("5e-324", "5e-324"),
  ("2.4703282292062328e-324", "5e-324"), ("2.4703282292062327e-324", "0"), ("1e-400", "0"),
  ("-1e-400", "-0"), ("2.2250738585072011e-308", "2.225073858507201e-308"), ("1e-5", "1e-05"),
  ("0.1", "0.1"), ("0.30000000000000004", "0.30000000000000004"), ("100", "100"), ("1.25", "1.25"),
])
func `other numbers become the nearest double and print in their shortest form`(
  text: String, shortest: String
) throws {
  let lua = try LuaState()
  #expect(try roundTrip(text, in: lua) == shortest)
}

@Test(arguments: ["1e309", "-1e309", "1e400", "1.7976931348623159e308", "1e999999999999"])
func `a number beyond every double is an error`(text: String) throws {
  let error = try #require(decodingError(Array(text.utf8), in: try LuaState()))
  #expect(error.code == .number)
  #expect(
    error.reason == "the number '\(text.prefix(20))' is too large for a double" || text.count > 20)
}

@Test func `every double survives a round trip`() throws {
  var random = SeededGenerator(seed: 11)
  let lua = try LuaState()
  for _ in 0..<50_000 {
    let value = Double(bitPattern: random.next())
    guard value.isFinite else { continue }
    let text = try lua.withStack { stack in
      stack.push(value)
      return String(decoding: try stack.encodeJSON(at: -1), as: UTF8.self)
    }
    #expect(try number(text, in: lua)?.bitPattern == value.bitPattern)
  }
}

@Test func `decimals are rounded as the C library rounds them`() throws {
  var random = SeededGenerator(seed: 13)
  let lua = try LuaState()
  for _ in 0..<50_000 {
    var text = Bool.random(using: &random) ? "-" : ""
    text += "\(Int.random(in: 0...9, using: &random))."
    for _ in 0..<Int.random(in: 1...25, using: &random) {
      text += "\(Int.random(in: 0...9, using: &random))"
    }
    if Bool.random(using: &random) { text += "e\(Int.random(in: -320...300, using: &random))" }
    #expect(try number(text, in: lua)?.bitPattern == strtod(text, nil).bitPattern)
  }
}
