import CLua
import CLuaShim

extension LuaStack {
  /// Checks a whole JSON text and pushes its outermost value; the arrays and objects in it are lazy views.
  ///
  /// A view is read-only userdata that makes Lua values of what a script touches: indexing, `#`, `pairs` and `ipairs` work, a
  /// call or `json.copy` gives a plain table. The text and 16 bytes for each value count as the state's memory for as long as
  /// a view of it is in use. Pays off when a script reads a few fields of a large text.
  ///
  /// - Throws: ``JSONError`` as ``pushJSON(_:options:)-([UInt8],_)``, whatever part of the text a script would touch.
  public func pushJSONFields(
    _ text: [UInt8], options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONError) {
    let height = count
    try unsafe text.span.withUnsafeBytes { bytes throws(JSONError) in
      try unsafe pushJSONView(bytes, options)
    }
    guard type(at: -1) == .userdata else { return }
    let position = Int32(count)
    var isLeft = false
    if let view = unsafe JSONView(at: position, of: raw) {
      isLeft = (try? view.pushTable(position: position)) != nil
      if isLeft, !view.isObject { markArray(at: -1) }
    }
    guard isLeft else {
      setCount(height)
      throw .memory
    }
    unsafe lua_copy(raw, -1, position)
    setCount(height + 1)
  }

  /// Checks a JSON text that is lent, and pushes a view of its outermost value, or that itself when it is a scalar.
  func pushJSONView(
    _ text: UnsafeRawBufferPointer, _ options: JSONDecodingOptions
  ) throws(JSONError) {
    reserve(12)
    let input = unsafe JSONInput(text)
    let memory = unsafe rl_context_of(raw).pointee.bytes_limit
    var indexing = JSONIndexing(input, maximumDepth: options.maximumDepth, memory: memory)
    do throws(JSONFault) {
      try indexing.run()
    } catch {
      throw error.error(in: input, maximumDepth: options.maximumDepth)
    }
    try unsafe indexing.withNodes { nodes throws(JSONError) in
      guard let root = unsafe nodes.first, input.isContainer(root) else {
        return try unsafe pushJSON(text, options)
      }
      let size = unsafe JSONDocument.size(text, nodeCount: nodes.count)
      guard unsafe rl_has_memory(raw, size) else { throw .memory }
      unsafe JSONDocument.push(text, nodes: nodes, options: options, on: raw)
      JSONViewLibrary.pushRoot(on: self)
    }
  }

}

extension JSONEncoding {
  /// Whether the value on top of the stack is a lazy view.
  var isView: Bool {
    unsafe JSONViewLibrary.isView(at: -1, of: LuaStack(lua))
  }

  /// Replaces the view on top of the stack by a plain table.
  func materialize() throws(JSONValueFault) {
    let position = unsafe lua_gettop(lua)
    guard unsafe lua_checkstack(lua, 16) != 0, let view = unsafe JSONView(at: position, of: lua)
    else { throw .size }
    let range = Int(view.node.start)..<Int(view.node.end)
    do throws(JSONError) {
      // SAFETY: the document is on the stack as long as its bytes are used.
      try unsafe LuaStack(lua).pushJSON(view.document.input.view(range), view.document.options)
    } catch {
      throw .size
    }
    unsafe lua_copy(lua, -1, position)
    unsafe lua_settop(lua, position)
  }
}
