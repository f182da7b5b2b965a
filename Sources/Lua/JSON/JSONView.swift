import CLua
import CLuaShim

/// A read-only view of an array or object in an indexed text, which makes Lua values of what a script touches.
///
/// In Lua it is userdata: a node and a place to go on from, with the document as its user value. What it gives for a field is
/// what a decode gives, save that arrays and objects are views again.
@safe struct JSONView {
  /// What the userdata holds.
  @unsafe struct Block {
    /// Where the document is; the user value keeps it alive.
    var document: UnsafeMutableRawPointer
    /// The array or object.
    var node: UInt32
    /// Where the element was found that was asked for last: its index from 1, or 0, and its node.
    var index: UInt32 = 0
    var element: UInt32 = 0
  }

  let lua: OpaquePointer
  let document: JSONDocument
  private let block: UnsafeMutablePointer<Block>

  /// Opens the view at a position, which must stay there as long as it is used.
  ///
  /// The metamethods are the only ones to call it: a script cannot reach them, and Lua passes them nothing but views.
  @inline(__always)
  init?(at position: Int32, of lua: OpaquePointer) {
    guard let block = unsafe lua_touserdata(lua, position) else { return nil }
    unsafe self.lua = unsafe lua
    unsafe self.block = block.assumingMemoryBound(to: Block.self)
    document = unsafe JSONDocument(block: self.block.pointee.document)
  }

  /// Which node of its document it shows.
  var index: UInt32 { unsafe block.pointee.node }

  var node: JSONNode { document[index] }

  var isObject: Bool { document.input[Int(node.start)] == UInt8(ascii: "{") }

  /// Whether both show the same part of the same document.
  func isSame(as other: JSONView) -> Bool {
    unsafe block.pointee.document == other.block.pointee.document && index == other.index
  }

  // MARK: - Finding

  /// Returns the node of the member with a key; of equal keys the last.
  @inline(__always)
  func member(_ key: UnsafeRawBufferPointer) -> UInt32? {
    var found: UInt32?
    var index = index + 1
    let end = node.next
    while index < end {
      let name = document[index]
      if unsafe document.input.isKey(name, key) { found = index + 1 }
      index = document[index + 1].next
    }
    return found
  }

  /// Returns the node of an element, counted from 1; walking forwards costs the same for each.
  @inline(__always)
  func element(_ number: Int64) -> UInt32? {
    let container = node
    guard number >= 1, number <= Int64(container.count) else { return nil }
    let wanted = UInt32(truncatingIfNeeded: number)
    var (index, element) = unsafe (block.pointee.index, block.pointee.element)
    if index == 0 || index > wanted { (index, element) = (1, self.index + 1) }
    while index < wanted {
      element = document[element].next
      index += 1
    }
    unsafe block.pointee.index = index
    unsafe block.pointee.element = element
    return element
  }

  // MARK: - Pushing

  /// Pushes the value of a node; the view is at `position`.
  @inline(__always)
  func push(_ index: UInt32, position: Int32) throws(JSONFault) {
    let node = document[index]
    let start = Int(node.start)
    switch document.input[start] {
    case UInt8(ascii: "\"") where node.count == 0:
      try unsafe push(document.input.view(start + 1..<Int(node.end) - 1))
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      unsafe lua_getiuservalue(lua, position, 1)
      unsafe lua_getmetatable(lua, position)
      unsafe Self.push(index, on: lua)
    default:
      try pushScalar(node)
    }
  }

  /// Pushes a table with the members or elements; arrays and objects in it are views.
  func pushTable(position: Int32) throws(JSONFault) {
    let (count, isObject) = (node.count, isObject)
    guard unsafe rl_has_memory(lua, Int(count) * (isObject ? 80 : 32)) else {
      throw JSONFault(.memory, at: 0)
    }
    let size = Int32(clamping: count)
    unsafe lua_createtable(lua, isObject ? 0 : size, isObject ? size : 0)
    let table = unsafe lua_gettop(lua)
    var index = index + 1
    for number in 0..<count {
      if isObject {
        try push(index, position: position)
        index += 1
      } else {
        unsafe lua_pushinteger(lua, lua_Integer(number) + 1)
      }
      try push(index, position: position)
      unsafe lua_rawset(lua, table)
      index = document[index].next
    }
  }

  /// Pops a document and the metatable of views above it, and pushes a view of a node.
  @inline(__always)
  static func push(_ index: UInt32, on lua: OpaquePointer) {
    guard let memory = unsafe lua_newuserdatauv(lua, MemoryLayout<Block>.size, 1),
      let document = unsafe lua_touserdata(lua, -3)
    else { return }
    unsafe memory.initializeMemory(
      as: Block.self, to: Block(document: document, node: index))
    unsafe lua_rotate(lua, -3, 1)
    unsafe lua_setmetatable(lua, -3)
    unsafe lua_setiuservalue(lua, -2, 1)
  }

  private func pushScalar(_ node: JSONNode) throws(JSONFault) {
    let input = document.input
    let start = Int(node.start)
    switch input[start] {
    case UInt8(ascii: "\""):
      let text = try input.unescaped(node)
      try unsafe text.span.withUnsafeBytes { bytes throws(JSONFault) in try unsafe push(bytes) }
    case UInt8(ascii: "t"): unsafe lua_pushboolean(lua, 1)
    case UInt8(ascii: "f"): unsafe lua_pushboolean(lua, 0)
    case UInt8(ascii: "n"): unsafe lua_pushlightuserdata(lua, nil)
    default:
      let number = try input.number(at: start)
      switch try number.value(in: input, keepsBigIntegers: document.options.keepsBigIntegers) {
      case .integer(let value): unsafe lua_pushinteger(lua, value)
      case .float(let value): unsafe lua_pushnumber(lua, value)
      case .digits: try unsafe push(input.view(number.range))
      }
    }
  }

  @inline(__always)
  private func push(_ bytes: UnsafeRawBufferPointer) throws(JSONFault) {
    if bytes.count > 1 << 15, unsafe !rl_has_memory(lua, bytes.count) {
      throw JSONFault(.memory, at: 0)
    }
    unsafe lua_pushlstring(
      lua, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
  }
}

extension JSONInput {
  /// Whether a node is an array or object.
  func isContainer(_ node: JSONNode) -> Bool {
    let first = self[Int(node.start)]
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
  }

  /// Whether a node, which is a key, stands for the bytes.
  @inline(__always)
  fileprivate func isKey(_ node: JSONNode, _ key: UnsafeRawBufferPointer) -> Bool {
    if node.count != 0 {
      guard let text = try? unescaped(node) else { return false }
      return unsafe text.elementsEqual(key)
    }
    return unsafe Int(node.end - node.start) == key.count + 2 && has(key, at: Int(node.start) + 1)
  }

  /// What a string with escapes stands for; it was checked when the text was indexed.
  fileprivate func unescaped(_ node: JSONNode) throws(JSONFault) -> [UInt8] {
    var text: [UInt8] = []
    let quote = Int(node.start)
    var isHigh = false
    let plain = endOfPlainText(from: quote + 1, isHigh: &isHigh)
    _ = try unescape(at: quote, plainUntil: plain, isHigh, into: &text)
    return text
  }
}
