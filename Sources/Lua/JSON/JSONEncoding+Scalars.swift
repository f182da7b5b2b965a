import CLua
import CLuaShim

extension JSONEncoding {
  /// Writes the string at a position, which must be one.
  mutating func text(at position: Int32) throws(JSONValueFault) {
    var length = 0
    guard let start = unsafe lua_tolstring(lua, position, &length) else { throw .changed }
    // SAFETY: the string is on the Lua stack until it has been written.
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
    let input = unsafe JSONInput(bytes)
    var high: UInt64 = 0
    var offset = 0
    try output.append(UInt8(ascii: "\""))
    while true {
      let end = input.endOfPlainText(from: offset, high: &high)
      try unsafe output.append(input.view(offset..<end))
      if end == length { break }
      try escape(input[end])
      offset = end + 1
    }
    if high & UInt64.topBits != 0, let invalid = unsafe firstInvalidUTF8(in: bytes) {
      throw .text(offset: invalid)
    }
    try output.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ byte: UInt8) throws(JSONValueFault) {
    switch byte {
    case UInt8(ascii: "\""): try output.append("\\\"")
    case UInt8(ascii: "\\"): try output.append("\\\\")
    case 0x08: try output.append("\\b")
    case 0x0C: try output.append("\\f")
    case 0x0A: try output.append("\\n")
    case 0x0D: try output.append("\\r")
    case 0x09: try output.append("\\t")
    default:
      try output.append(byte < 0x10 ? "\\u000" : "\\u001")
      let digit = byte & 0x0F
      try output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }

  /// Writes the number on top of the stack.
  ///
  /// An integral double below 2^53 has no fraction; -0.0 is `-0`, which reads back as such.
  mutating func number() throws(JSONValueFault) {
    if unsafe lua_isinteger(lua, -1) != 0 {
      return try output.append(unsafe lua_tointegerx(lua, -1, nil))
    }
    let value = unsafe lua_tonumberx(lua, -1, nil)
    guard value.isFinite else { throw value.isNaN ? .nan : .infinity }
    if value.magnitude < 0x1p53, value == value.rounded(.towardZero) {
      if value == 0, value.sign == .minus { return try output.append("-0") }
      return try output.append(Int64(value))
    }
    // The shortest digits that read back the same; Swift writes exponents as JSON does.
    let digits = value.description
    try unsafe digits.utf8.span.withUnsafeBytes { bytes throws(JSONValueFault) in
      try unsafe output.append(bytes)
    }
  }
}
