import CLua
import CLuaShim

/// An indexed JSON text in a block of Lua's memory, which Lua frees when no view of it is left.
///
/// The block holds this header, then the nodes, then the text.
@safe struct JSONDocument {
  private struct Header {
    var nodes: Int
    var bytes: Int
    var maximumDepth: Int
    var keepsBigIntegers: Bool
  }

  private let header: UnsafeMutablePointer<Header>
  private let nodes: UnsafePointer<JSONNode>
  /// The text.
  let input: JSONInput

  /// Opens a block that ``push(_:nodes:options:on:)`` has made, and that stays alive as long as it is used.
  @inline(__always)
  init(block: UnsafeMutableRawPointer) {
    unsafe header = block.assumingMemoryBound(to: Header.self)
    let start = unsafe UnsafeRawPointer(header + 1)
    unsafe nodes = start.assumingMemoryBound(to: JSONNode.self)
    let text = unsafe UnsafeRawPointer(nodes + header.pointee.nodes)
    unsafe input = JSONInput(UnsafeRawBufferPointer(start: text, count: header.pointee.bytes))
  }

  /// How the text is read.
  var options: JSONDecodingOptions {
    var options = JSONDecodingOptions()
    options.maximumDepth = unsafe header.pointee.maximumDepth
    options.keepsBigIntegers = unsafe header.pointee.keepsBigIntegers
    return options
  }

  /// The node with an index, which must be one of the document.
  @inline(__always)
  subscript(index: UInt32) -> JSONNode {
    unsafe nodes[Int(index)]
  }

  /// Pushes a block with a text and its nodes; the caller has made sure that the memory limit allows it.
  static func push(
    _ text: UnsafeRawBufferPointer, nodes: UnsafeBufferPointer<JSONNode>,
    options: JSONDecodingOptions, on lua: OpaquePointer
  ) {
    let size = unsafe size(text, nodeCount: nodes.count)
    guard let block = unsafe lua_newuserdatauv(lua, size, 0) else { return }
    // SAFETY: the block has room for the three parts, and Lua aligns it for any of them.
    unsafe block.initializeMemory(
      as: Header.self,
      to: Header(
        nodes: nodes.count, bytes: text.count, maximumDepth: options.maximumDepth,
        keepsBigIntegers: options.keepsBigIntegers))
    let start = unsafe block + MemoryLayout<Header>.stride
    let bytes = UnsafeRawBufferPointer(nodes)
    unsafe copy(bytes, to: start)
    unsafe copy(text, to: start + bytes.count)
  }

  private static func copy(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
    guard let start = bytes.baseAddress else { return }
    unsafe target.copyMemory(from: start, byteCount: bytes.count)
  }

  /// How many bytes the block of a text has.
  static func size(_ text: UnsafeRawBufferPointer, nodeCount: Int) -> Int {
    MemoryLayout<Header>.stride + nodeCount * MemoryLayout<JSONNode>.stride + text.count
  }
}
