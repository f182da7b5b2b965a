import CLua
import CLuaShim

extension LuaStack {
  /// Checks a whole JSON text and pushes its outermost value; the arrays and objects in it are lazy views.
  ///
  /// A view is read-only userdata that makes Lua values of what a script touches: indexing, `#`, `pairs` and `ipairs` work, a
  /// call or `json.copy` gives a plain table. The text, 8 bytes for each value and 20 for each array and object count as the
  /// state's memory for as long as a view of it is in use, and 32 for each key that objects do not share. Pays off when a script reads a few fields of a large text.
  ///
  /// - Throws: ``JSONError`` as ``pushJSON(_:options:)-([UInt8],_)``, whatever part of the text a script would touch.
  public func pushJSONFields(
    _ text: [UInt8], options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONError) {
    let height = count
    try unsafe text.span.withUnsafeBytes { bytes throws(JSONError) in
      guard unsafe rl_has_memory(raw, bytes.count) else { throw .memory }
      let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      reserve(12)
      _ = unsafe lua_pushlstring(raw, start, bytes.count)
    }
    try makeJSONView(options)
    guard type(at: -1) == .userdata else { return }
    guard unsafe rl_json_push_fields(raw) else {
      setCount(height)
      throw .memory
    }
  }

  /// Replaces the JSON text on top of the stack by a view of its outermost value, or by that itself when it is a scalar.
  func makeJSONView(_ options: JSONDecodingOptions) throws(JSONError) {
    let height = unsafe lua_gettop(raw)
    let fault = unsafe rl_json_push_view(raw, rl_json_reading(options))
    guard let fault = JSONFault(fault) else { return }
    unsafe lua_settop(raw, height)
    defer { pop() }
    var length = 0
    let start = unsafe lua_tolstring(raw, -1, &length)
    // SAFETY: the string is on the stack as long as its bytes are used.
    let input = unsafe JSONInput(UnsafeRawBufferPointer(start: start, count: length))
    throw fault.error(in: input, maximumDepth: options.maximumDepth)
  }
}

/// How many bytes of JSON text are compared at once.
///
/// Whatever a processor can do gives the same results; tests compare them.
enum JSONBlocks {
  /// From now on compares no more than so many bytes at once, in all states: 16, 32 or 64.
  static func limit(to bytes: Int) { rl_json_limit_blocks(Int32(bytes)) }
}
