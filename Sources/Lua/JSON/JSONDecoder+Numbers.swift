import CLua
import CLuaShim

extension JSONDecoder {
  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17,
    1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// Pushes a number: an integer when it has neither fraction nor exponent and fits 64 bits, else a double.
  mutating func number() throws(JSONError) {
    let first = unsafe cursor
    let isNegative = peek() == UInt8(ascii: "-")
    if isNegative { unsafe cursor += 1 }
    var digits: UInt64 = 0
    let whole = try integerPart(&digits)
    var exponent = 0
    var isInteger = true
    if peek() == UInt8(ascii: ".") {
      unsafe cursor += 1
      exponent = -(try moreDigits(&digits, after: "the decimal point"))
      isInteger = false
    }
    let digitCount = whole - exponent
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      exponent += try exponentPart()
      isInteger = false
    }
    // "-0" keeps its sign only as a float.
    if isInteger, digitCount <= 18, !(isNegative && digits == 0) {
      let value = Int64(digits)
      return unsafe lua_pushinteger(lua, isNegative ? -value : value)
    }
    let isExact = digitCount <= 19 && digits < 1 << 53 && abs(exponent) <= 22
    guard isExact && !isInteger else {
      return try unsafe longNumber(from: first, isInteger: isInteger)
    }
    let power = Self.powersOfTen[abs(exponent)]
    let value = exponent < 0 ? Double(digits) / power : Double(digits) * power
    unsafe lua_pushnumber(lua, isNegative ? -value : value)
  }

  private mutating func integerPart(_ digits: inout UInt64) throws(JSONError) -> Int {
    guard peek() == UInt8(ascii: "0") else { return try moreDigits(&digits, after: "the sign") }
    unsafe cursor += 1
    if let next = peek(), next &- UInt8(ascii: "0") <= 9 {
      throw failure(.syntax, "a number must not start with a zero")
    }
    return 1
  }

  /// Takes one digit or more and returns how many; `digits` wraps around when they are too many.
  private mutating func moreDigits(
    _ digits: inout UInt64, after what: StaticString
  ) throws(JSONError) -> Int {
    let first = unsafe cursor
    while let byte = peek(), byte &- UInt8(ascii: "0") <= 9 {
      digits = digits &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
      unsafe cursor += 1
    }
    if unsafe cursor == first { throw failure(.syntax, "expected a digit after \(what)") }
    return unsafe cursor - first
  }

  private mutating func exponentPart() throws(JSONError) -> Int {
    unsafe cursor += 1
    let isNegative = peek() == UInt8(ascii: "-")
    if isNegative || peek() == UInt8(ascii: "+") { unsafe cursor += 1 }
    let first = unsafe cursor
    var exponent = 0
    while let byte = peek(), byte &- UInt8(ascii: "0") <= 9 {
      if exponent < 100_000 { exponent = exponent * 10 + Int(byte &- UInt8(ascii: "0")) }
      unsafe cursor += 1
    }
    if unsafe cursor == first { throw failure(.syntax, "expected a digit in the exponent") }
    return isNegative ? -exponent : exponent
  }

  /// Reads a number that the quick way cannot read exactly, from its text.
  private func longNumber(from first: UnsafePointer<UInt8>, isInteger: Bool) throws(JSONError) {
    let bytes = unsafe UnsafeBufferPointer(start: first, count: cursor - first)
    let text = unsafe String(decoding: bytes, as: UTF8.self)
    if isInteger, text != "-0" {
      if let value = Int64(text) { return unsafe lua_pushinteger(lua, value) }
      if options.keepsBigIntegers {
        _ = unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
          unsafe lua_pushlstring(lua, characters.baseAddress, characters.count)
        }
        return
      }
    }
    guard let value = Double(text), value.isFinite else {
      throw failure(.number, "the number is too large for a double", at: unsafe first - start)
    }
    unsafe lua_pushnumber(lua, value)
  }
}
