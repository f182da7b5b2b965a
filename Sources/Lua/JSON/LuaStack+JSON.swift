import CLua
import CLuaShim

extension LuaStack {
  // MARK: - Decoding

  /// Decodes a JSON text and pushes its value.
  ///
  /// Objects and arrays become tables, arrays marked so that `[]` stays an array; `null` becomes ``pushJSONNull()``'s value;
  /// integers that fit 64 bits stay integers, other numbers become the nearest double. Of equal keys the last wins.
  /// Follows RFC 8259 strictly: no comments, no trailing commas, no byte order mark, UTF-8 only.
  ///
  /// ```swift
  /// try stack.pushJSON(Array(#"{"id": 7, "tags": []}"#.utf8))
  /// ```
  ///
  /// - Throws: ``JSONError`` with line, column and byte offset; the stack is then as tall as before. ``JSONError/Code/memory``
  ///   when the state's memory limit is reached, which a script sees as Lua's own memory error.
  public func pushJSON(
    _ text: [UInt8], options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONError) {
    try unsafe text.span.withUnsafeBytes { bytes throws(JSONError) in
      try unsafe pushJSON(bytes, options)
    }
  }

  /// Decodes a JSON text that is lent, and pushes its value.
  public func pushJSON(
    _ text: borrowing Span<UInt8>, options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONError) {
    try unsafe text.withUnsafeBytes { bytes throws(JSONError) in
      try unsafe pushJSON(bytes, options)
    }
  }

  /// Decodes a JSON text that outlives the call.
  func pushJSON(
    _ bytes: UnsafeRawBufferPointer, _ options: JSONDecodingOptions
  ) throws(JSONError) {
    checkDepth(options.maximumDepth)
    reserve(8)
    let height = unsafe lua_gettop(raw)
    let input = unsafe JSONInput(bytes)
    var decoding = unsafe JSONDecoding(onto: raw, input: input, options: options)
    do throws(JSONFault) {
      try decoding.run()
    } catch {
      unsafe lua_settop(raw, height)
      throw error.error(in: input, maximumDepth: options.maximumDepth)
    }
  }

  // MARK: - Encoding

  /// Encodes the value at a position as JSON.
  ///
  /// A table is an array when it is marked as one or when its keys are exactly 1 to n, n at least 1; an empty table without a
  /// mark is `{}`. Strings are checked as UTF-8. Numbers are written in the shortest form that reads back the same.
  /// Raw: no metamethods.
  ///
  /// - Throws: ``JSONError`` with the path of what has no form in JSON: tables that are mixed, sparse, cyclic or too deep, NaN,
  ///   infinity, functions, userdata, threads, and strings that are not UTF-8.
  public func encodeJSON(
    at position: Int, options: JSONEncodingOptions = JSONEncodingOptions()
  ) throws(JSONError) -> [UInt8] {
    let output = try jsonOutput(at: position, options: options)
    return unsafe output.withBytes { unsafe Array($0) }
  }

  /// Encodes the value at a position as JSON at the end of a buffer, which an error leaves as it was.
  public func encodeJSON(
    at position: Int, options: JSONEncodingOptions = JSONEncodingOptions(),
    into buffer: inout [UInt8]
  ) throws(JSONError) {
    let output = try jsonOutput(at: position, options: options)
    unsafe output.withBytes { unsafe buffer.append(contentsOf: $0) }
  }

  func jsonOutput(
    at position: Int, options: JSONEncodingOptions
  ) throws(JSONError) -> JSONOutput {
    checkDepth(options.maximumDepth)
    reserve(8)
    let height = unsafe lua_gettop(raw)
    unsafe lua_pushvalue(raw, Int32(position))
    // A sorted encode holds the addresses of keys, which a weak table could otherwise let go.
    let wasCollecting = unsafe options.sortsKeys && rl_gc_stop(raw) != 0
    var encoding = unsafe JSONEncoding(of: raw, options: options)
    defer {
      unsafe lua_settop(raw, height)
      if wasCollecting { unsafe rl_gc_restart(raw) }
    }
    do throws(JSONValueFault) {
      try encoding.run()
    } catch {
      throw encoding.error(for: error)
    }
    return encoding.takeOutput()
  }

  private func checkDepth(_ depth: Int) {
    precondition(
      (1...JSONDecodingOptions.deepest).contains(depth),
      "the maximum depth of JSON is 1 to \(JSONDecodingOptions.deepest), but is \(depth)")
  }
}
