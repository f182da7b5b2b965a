import CLua
import CLuaShim

extension JSONDecoding {
  /// Pushes the string whose opening quote is at an offset, and returns the offset after the closing quote.
  mutating func text(at quote: Int) throws(JSONFault) -> Int {
    let start = quote + 1
    var isHigh = false
    let end = input.endOfPlainText(from: start, isHigh: &isHigh)
    if end == input.count { throw JSONFault(.openText, at: quote) }
    if input[end] != UInt8(ascii: "\"") {
      return try escapedText(at: quote, plainUntil: end, isHigh)
    }
    if isHigh { try input.checkUTF8(start..<end) }
    try unsafe push(input.view(start..<end), at: quote)
    return end + 1
  }

  private mutating func escapedText(
    at quote: Int, plainUntil plain: Int, _ isHigh: Bool
  ) throws(JSONFault) -> Int {
    scratch.removeAll(keepingCapacity: true)
    let end = try input.unescape(at: quote, plainUntil: plain, isHigh, into: &scratch)
    let text = scratch
    try unsafe text.span.withUnsafeBytes { bytes throws(JSONFault) in
      try unsafe push(bytes, at: quote)
    }
    return end + 1
  }

  /// Pushes the number at an offset, and returns the offset after it.
  mutating func number(at start: Int) throws(JSONFault) -> Int {
    let number = try input.number(at: start)
    switch try number.value(in: input, keepsBigIntegers: options.keepsBigIntegers) {
    case .integer(let value): unsafe lua_pushinteger(lua, value)
    case .float(let value): unsafe lua_pushnumber(lua, value)
    case .digits:
      try unsafe push(input.view(number.range), at: start)
      return number.range.upperBound
    }
    height += 1
    return number.range.upperBound
  }

  /// Pushes a string of bytes that lie outside Lua, or in a string that is on its stack.
  @inline(__always)
  mutating func push(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(JSONFault) {
    if bytes.count > 1 << 15 { try reserveMemory(bytes.count, at: offset) }
    let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    unsafe lua_pushlstring(lua, start, bytes.count)
    height += 1
    if unsafe context.pointee.over_limit { try settleMemory(at: offset) }
  }
}
