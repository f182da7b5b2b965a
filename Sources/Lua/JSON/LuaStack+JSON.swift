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
  ///
  /// - Parameter isOpen: Whether there may be no zero byte behind the text.
  func pushJSON(
    _ bytes: UnsafeRawBufferPointer, _ options: JSONDecodingOptions, isOpen: Bool = true
  ) throws(JSONError) {
    checkDepth(options.maximumDepth)
    let height = unsafe lua_gettop(raw)
    var reading = rl_json_reading(options)
    reading.is_open = isOpen
    // SAFETY: only the buffer is read; the limit is relaxed while Swift runs, so nothing jumps.
    let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let fault = unsafe rl_json_decode(raw, start, bytes.count, reading)
    if let fault = JSONFault(fault) {
      unsafe lua_settop(raw, height)
      throw unsafe fault.error(in: JSONInput(bytes), maximumDepth: options.maximumDepth)
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
    var text: [UInt8] = []
    try encodeJSON(at: position, options: options, into: &text)
    return text
  }

  /// Encodes the value at a position as JSON at the end of a buffer, which an error leaves as it was.
  public func encodeJSON(
    at position: Int, options: JSONEncodingOptions = JSONEncodingOptions(),
    into buffer: inout [UInt8]
  ) throws(JSONError) {
    try unsafe withEncodedJSON(at: position, options) { bytes throws(JSONError) in
      unsafe buffer.append(contentsOf: bytes)
    }
  }

  /// Encodes a value and lends the text, which belongs to the state; the stack is then as tall as before.
  func withEncodedJSON(
    at position: Int, _ options: JSONEncodingOptions,
    _ body: (UnsafeRawBufferPointer) throws(JSONError) -> Void
  ) throws(JSONError) {
    checkDepth(options.maximumDepth)
    reserve(8)
    let height = unsafe lua_gettop(raw)
    unsafe lua_pushvalue(raw, Int32(position))
    // A sorted encode holds the addresses of keys, which a weak table could otherwise let go.
    let wasCollecting = unsafe options.sortsKeys && rl_gc_stop(raw) != 0
    // SAFETY: the limit is relaxed while Swift runs, so nothing jumps.
    let fault = unsafe rl_json_encode(raw, rl_json_writing(options))
    defer { unsafe rl_json_end_encode(raw) }
    let error = JSONValueFault(fault).map { jsonError(for: $0, options) }
    unsafe lua_settop(raw, height)
    if wasCollecting { unsafe rl_gc_restart(raw) }
    if let error { throw error }
    var count = 0
    let start = unsafe rl_json_encoded(raw, &count)
    try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
  }

  private func checkDepth(_ depth: Int) {
    precondition(
      (1...JSONDecodingOptions.deepest).contains(depth),
      "the maximum depth of JSON is 1 to \(JSONDecodingOptions.deepest), but is \(depth)")
  }
}

extension rl_json_reading {
  init(_ options: JSONDecodingOptions) {
    self.init(
      maximum_depth: Int32(options.maximumDepth), keeps_digits: options.keepsBigIntegers,
      is_open: true)
  }
}

extension rl_json_writing {
  init(_ options: JSONEncodingOptions) {
    self.init(
      maximum_depth: Int32(options.maximumDepth), maximum_bytes: options.maximumBytes,
      is_pretty: options.isPretty, sorts_keys: options.sortsKeys)
  }
}
