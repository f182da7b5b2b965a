import CLuaShim

/// A number of a JSON text, read but not yet rounded.
struct JSONNumber {
  /// What a number is for Lua.
  enum Value {
    case integer(Int64)
    case float(Double)
    /// An integer beyond 64 bits whose digits are kept.
    case digits
  }

  /// Where it is in the text.
  var range: Range<Int>
  var isNegative: Bool
  /// Whether it has neither a fraction nor an exponent.
  var isInteger: Bool
  /// How many digits it has.
  var count: Int
  /// All digits as an integer: exact up to 19 of them, then meaningless.
  var digits: UInt64
  /// The power of ten by which the digits count.
  var exponent: Int

  /// Returns the value: integers that fit 64 bits are exact, save -0, which only a float can hold; all else is the double
  /// next to the decimal.
  @inline(__always)
  func value(in input: JSONInput, keepsBigIntegers: Bool) throws(JSONFault) -> Value {
    if isInteger {
      if count <= 18, digits != 0 || !isNegative {
        return .integer(isNegative ? -Int64(digits) : Int64(digits))
      }
      return try longInteger(in: input, keepsBigIntegers)
    }
    if count <= 19, digits <= 1 << 53, let value = exactProduct(digits, exponent) {
      return .float(isNegative ? -value : value)
    }
    return .float(try input.double(range))
  }

  /// Whether the number can lie outside the range of doubles.
  var mayBeTooLarge: Bool { count + exponent > 308 }

  /// The value of an integer of 19 digits or more, or of -0.
  private func longInteger(in input: JSONInput, _ keepsDigits: Bool) throws(JSONFault) -> Value {
    var magnitude: UInt64 = 0
    var fits = true
    for offset in range.lowerBound + (isNegative ? 1 : 0)..<range.upperBound where fits {
      let (product, overflows) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carries) = product.addingReportingOverflow(
        UInt64(input[offset] - UInt8(ascii: "0")))
      magnitude = sum
      fits = !overflows && !carries
    }
    if fits, isNegative, magnitude == 0 { return .float(-0.0) }
    if fits, magnitude <= (isNegative ? UInt64(Int64.max) + 1 : UInt64(Int64.max)) {
      return .integer(Int64(bitPattern: isNegative ? 0 &- magnitude : magnitude))
    }
    return keepsDigits ? .digits : .float(try input.double(range))
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
}

extension JSONInput {
  /// Reads the number at an offset, which holds a digit or a minus sign.
  @inline(__always)
  func number(at start: Int) throws(JSONFault) -> JSONNumber {
    let isNegative = self[start] == UInt8(ascii: "-")
    let first = isNegative ? start + 1 : start
    var offset = first
    var number = JSONNumber(
      range: start..<start, isNegative: isNegative, isInteger: true, count: 0, digits: 0,
      exponent: 0)
    try readDigits(&offset, &number.digits)
    if self[first] == UInt8(ascii: "0"), offset > first + 1 {
      throw JSONFault(.leadingZero, at: first + 1)
    }
    number.count = offset - first
    if self[offset] == UInt8(ascii: ".") {
      number.isInteger = false
      offset += 1
      let fraction = offset
      try readDigits(&offset, &number.digits)
      number.exponent = fraction - offset
      number.count += offset - fraction
    }
    if self[offset] | 0x20 == UInt8(ascii: "e") {
      number.isInteger = false
      number.exponent += try readExponent(&offset)
    }
    number.range = start..<offset
    return number
  }

  @inline(__always)
  private func readDigits(_ offset: inout Int, _ value: inout UInt64) throws(JSONFault) {
    let start = offset
    while true {
      let digit = self[offset] &- UInt8(ascii: "0")
      if digit > 9 { break }
      value = value &* 10 &+ UInt64(digit)
      offset += 1
    }
    if offset == start { throw JSONFault(.expected("a digit"), at: offset) }
  }

  private func readExponent(_ offset: inout Int) throws(JSONFault) -> Int {
    offset += 1
    let isNegative = self[offset] == UInt8(ascii: "-")
    if isNegative || self[offset] == UInt8(ascii: "+") { offset += 1 }
    let start = offset
    var value = 0
    while true {
      let digit = self[offset] &- UInt8(ascii: "0")
      if digit > 9 { break }
      if value < 1_000_000 { value = value * 10 + Int(digit) }
      offset += 1
    }
    if offset == start { throw JSONFault(.expected("a digit"), at: offset) }
    return isNegative ? -value : value
  }

  /// Returns the double next to a decimal of any length.
  func double(_ range: Range<Int>) throws(JSONFault) -> Double {
    let bytes = unsafe view(range)
    var nearest = 0.0
    if let start = bytes.baseAddress,
      // SAFETY: only the buffer is read.
      unsafe rl_parse_double(start, bytes.count, &nearest)
    {
      return nearest
    }
    // Beyond the range of doubles, or nothing but a rounded zero: Swift's parser tells which.
    let text = unsafe String(decoding: bytes, as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw JSONFault(.numberTooLarge, at: range.lowerBound)
    }
    return value
  }
}

/// The powers of ten that a double holds exactly, 0 to 22.
@inline(__always)
private func powerOfTen(_ exponent: Int) -> Double { powersOfTen[exponent] }

private let powersOfTen: InlineArray<23, Double> = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]
