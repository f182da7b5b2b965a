import CLua
import CLuaShim

extension JSONDecoding {
  /// Pushes the number at an offset, and returns the offset after it.
  ///
  /// Integers that fit 64 bits are exact, save -0, which only a float can hold. All else is the double next to the decimal.
  mutating func number(at start: Int) throws(JSONFault) -> Int {
    let isNegative = input[start] == UInt8(ascii: "-")
    let first = isNegative ? start + 1 : start
    var offset = first
    var digits: UInt64 = 0  // exact up to 19 digits, then meaningless
    try readDigits(&offset, &digits)
    if input[first] == UInt8(ascii: "0"), offset > first + 1 {
      throw JSONFault(.leadingZero, at: first + 1)
    }
    var count = offset - first
    let byte = input[offset]
    guard byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") else {
      if count <= 18, digits != 0 || !isNegative {
        unsafe lua_pushinteger(lua, isNegative ? -Int64(digits) : Int64(digits))
        height += 1
      } else {
        try pushLongInteger(start..<offset, isNegative: isNegative)
      }
      return offset
    }
    var exponent = 0
    if byte == UInt8(ascii: ".") {
      offset += 1
      let fraction = offset
      try readDigits(&offset, &digits)
      exponent = fraction - offset
      count -= exponent
    }
    if input[offset] | 0x20 == UInt8(ascii: "e") { exponent += try readExponent(&offset) }
    if count <= 19, digits <= 1 << 53, let value = exactProduct(digits, exponent) {
      unsafe lua_pushnumber(lua, isNegative ? -value : value)
      height += 1
    } else {
      try pushRounded(start..<offset)
    }
    return offset
  }

  @inline(__always)
  private func readDigits(_ offset: inout Int, _ value: inout UInt64) throws(JSONFault) {
    let start = offset
    while true {
      let digit = input[offset] &- UInt8(ascii: "0")
      if digit > 9 { break }
      value = value &* 10 &+ UInt64(digit)
      offset += 1
    }
    if offset == start { throw JSONFault(.expected("a digit"), at: offset) }
  }

  private func readExponent(_ offset: inout Int) throws(JSONFault) -> Int {
    offset += 1
    let isNegative = input[offset] == UInt8(ascii: "-")
    if isNegative || input[offset] == UInt8(ascii: "+") { offset += 1 }
    let start = offset
    var value = 0
    while true {
      let digit = input[offset] &- UInt8(ascii: "0")
      if digit > 9 { break }
      if value < 1_000_000 { value = value * 10 + Int(digit) }
      offset += 1
    }
    if offset == start { throw JSONFault(.expected("a digit"), at: offset) }
    return isNegative ? -value : value
  }

  /// Pushes an integer of 19 digits or more, or -0.
  private mutating func pushLongInteger(
    _ range: Range<Int>, isNegative: Bool
  ) throws(JSONFault) {
    var magnitude: UInt64 = 0
    var fits = true
    for offset in range.lowerBound + (isNegative ? 1 : 0)..<range.upperBound where fits {
      let (product, overflows) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carries) = product.addingReportingOverflow(
        UInt64(input[offset] - UInt8(ascii: "0")))
      magnitude = sum
      fits = !overflows && !carries
    }
    if fits, isNegative, magnitude == 0 {
      unsafe lua_pushnumber(lua, -0.0)
    } else if fits, magnitude <= (isNegative ? UInt64(Int64.max) + 1 : UInt64(Int64.max)) {
      unsafe lua_pushinteger(lua, Int64(bitPattern: isNegative ? 0 &- magnitude : magnitude))
    } else if options.keepsBigIntegers {
      return try unsafe push(input.view(range), at: range.lowerBound)
    } else {
      return try pushRounded(range)
    }
    height += 1
  }

  /// Returns the product of an integer and a power of ten when both are exact, so that it is correctly rounded.
  ///
  /// Source: Clinger, "How to read floating point numbers accurately", 1990.
  @inline(__always)
  private func exactProduct(_ digits: UInt64, _ exponent: Int) -> Double? {
    guard exponent >= -22, exponent <= 22 else { return nil }
    let value = Double(digits)
    return exponent < 0 ? value / powerOfTen(-exponent) : value * powerOfTen(exponent)
  }

  /// Pushes the double next to a decimal of any length.
  private mutating func pushRounded(_ range: Range<Int>) throws(JSONFault) {
    let bytes = unsafe input.view(range)
    var nearest = 0.0
    if let start = bytes.baseAddress,
      // SAFETY: only the buffer is read.
      unsafe rl_parse_double(start, bytes.count, &nearest)
    {
      unsafe lua_pushnumber(lua, nearest)
      height += 1
      return
    }
    // Beyond the range of doubles, or nothing but a rounded zero: Swift's parser tells which.
    let text = unsafe String(decoding: bytes, as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw JSONFault(.numberTooLarge, at: range.lowerBound)
    }
    unsafe lua_pushnumber(lua, value)
    height += 1
  }
}

/// The powers of ten that a double holds exactly, 0 to 22.
@inline(__always)
private func powerOfTen(_ exponent: Int) -> Double { powersOfTen[exponent] }

private let powersOfTen: InlineArray<23, Double> = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]
