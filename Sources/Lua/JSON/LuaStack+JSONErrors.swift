import CLua
import CLuaShim

extension LuaStack {
  /// Makes the error that users see, while the values that lead to it are still on the stack.
  func jsonError(for fault: JSONValueFault, _ options: JSONEncodingOptions) -> JSONError {
    let reason = fault.describe(options)
    if fault == .stopped || fault == .size { return JSONError(fault.code, reason) }
    let depth = Int(unsafe rl_json_encode_depth(raw))
    var path = path(level: fault.isAboutContainer ? depth - 1 : depth)
    if case .hole(let index) = fault { path += "[\(index)]" }
    return JSONError(fault.code, reason, path: path)
  }

  /// The path of the child that is being written, as in `$.lines[3].qty`.
  ///
  /// - Parameter level: How many containers deep.
  private func path(level: Int) -> String {
    var path = "$"
    for index in 0..<max(0, level) {
      let container = unsafe rl_json_encode_level(raw, Int32(index))
      path += container.is_array ? "[\(container.index)]" : member(at: container.key_slot)
    }
    let limit = 200
    guard path.count > limit else { return path }
    return path.prefix(120) + "…" + path.suffix(60)
  }

  private func member(at position: Int32) -> String {
    guard unsafe lua_type(raw, position) == LUA_TSTRING else { return "" }
    var length = 0
    guard let start = unsafe lua_tolstring(raw, position, &length) else { return "" }
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
    let key = unsafe String(decoding: bytes.prefix(400), as: UTF8.self)
    let isName = key.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "_") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }
    if isName, let first = key.first, !first.isNumber, length <= 40 { return "." + key }
    return "[\"" + (key.count > 40 ? key.prefix(39) + "…" : key) + "\"]"
  }
}
