import CLua
import CLuaShim

extension JSONEncoding {
  /// Writes the string at a position, which must be one, and a byte behind it.
  @inline(__always)
  mutating func text(
    at position: Int32, followedBy suffix: UInt8? = nil
  ) throws(JSONValueFault) {
    var length = 0
    guard let start = unsafe lua_tolstring(lua, position, &length) else { throw .changed }
    // SAFETY: the string is on the Lua stack until it has been written.
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
    let isHigh = try unsafe output.appendText(bytes, followedBy: suffix)
    if isHigh, let invalid = unsafe firstInvalidUTF8(in: bytes) {
      throw .text(offset: invalid)
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
    try output.append(value)
  }
}
