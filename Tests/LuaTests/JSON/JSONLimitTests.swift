import Testing

@testable import Lua

/// Texts that need far more than 4 MiB, each in its own way.
private let largeTexts: [(String, [UInt8])] = [
  ("integers", Array(("[" + String(repeating: "1,", count: 2_000_000) + "1]").utf8)),
  ("empty arrays", Array(("[" + String(repeating: "[],", count: 300_000) + "1]").utf8)),
  (
    "records",
    Array(("[" + String(repeating: #"{"id":1,"name":"x"},"#, count: 200_000) + "1]").utf8)
  ),
  ("a string", Array(("\"" + String(repeating: "x", count: 16 << 20) + "\"").utf8)),
  ("an escaped string", Array(("\"\\n" + String(repeating: "x", count: 16 << 20) + "\"").utf8)),
  (
    "strings",
    Array(
      ("[" + String(repeating: "\"" + String(repeating: "y", count: 30_000) + "\",", count: 500)
        + "1]").utf8)
  ),
  (
    "an object",
    Array(("{" + (0..<300_000).map { "\"k\($0)\":1" }.joined(separator: ",") + "}").utf8)
  ),
]

@Test(arguments: largeTexts.indices)
func `a text that does not fit ends in a memory error a megabyte later at most`(index: Int) throws {
  let lua = try stateWithJSON(memoryLimit: 4 << 20)
  let page = largeTexts[index].1
  lua.setGlobal("load_page") { stack in
    try stack.pushJSON(page)
    return .results(1)
  }
  let caught = try text(
    of: "local ok, e = pcall(load_page) return tostring(ok) .. ' ' .. tostring(e)", in: lua)
  #expect(caught == "false not enough memory")
  #expect(lua.memoryPeak < 5 << 20)
  #expect(failure(of: "load_page()", in: lua)?.code == .memory)
  #expect(
    try text(of: "return json.encode(json.decode('[1,{\"a\":2}]'))", in: lua) == #"[1,{"a":2}]"#)
}

@Test func `the memory error of a suspended call is Lua's own`() throws {
  let lua = try LuaState(memoryLimit: 4 << 20)
  lua.setGlobal("wait") { _ in .suspend }
  let thread = try LuaThread(lua)
  try thread.load(Array("return pcall(wait)".utf8), name: "=t")
  guard case .suspended = thread.resume() else {
    Issue.record("not suspended")
    return
  }
  let resumption = thread.resume { stack in
    try stack.pushJSON(largeTexts[0].1)
    return 1
  }
  guard case .returned(2) = resumption else {
    Issue.record("\(resumption)")
    return
  }
  #expect(thread.withStack { $0.string(at: -1) } == "not enough memory")
}

@Test func `garbage is collected before a decode gives up`() throws {
  let lua = try stateWithJSON(memoryLimit: 8 << 20)
  let text = Array(("[" + String(repeating: #"{"id":1,"name":"x"},"#, count: 15_000) + "1]").utf8)
  lua.setGlobal("load_page") { stack in
    try stack.pushJSON(text)
    return .results(1)
  }
  try lua.run("for i = 1, 20 do local page = load_page() end")
  #expect(lua.memoryPeak < 9 << 20)
}

@Test func `a long array does not make the next ones large`() throws {
  let lua = try LuaState()
  let long = "[" + String(repeating: "0,", count: 20_000) + "0]"
  let text = Array(("[" + long + String(repeating: ",[0]", count: 2000) + "]").utf8)
  lua.withStack { stack in
    let before = lua.memoryUsed
    #expect(throws: Never.self) { try stack.pushJSON(text) }
    #expect(lua.memoryUsed - before < 1 << 20)
  }
}

@Test func `a container larger than a batch is complete and in order`() throws {
  let lua = try LuaState()
  for count in [1, 511, 512, 513, 1023, 1024, 1025, 2048, 2049, 5000, 100_000] {
    let array = "[" + (1...count).map(String.init).joined(separator: ",") + "]"
    #expect(try roundTrip(array, in: lua) == array)
    let keys = (1...count).map { "k\($0)" }.sorted()
    let object = "{" + keys.map { "\"\($0)\":\"\($0)\"" }.joined(separator: ",") + "}"
    #expect(try roundTrip(object, in: lua) == object)
  }
}

@Test(arguments: [1, 255, 256, 511, 512, 513, 1024, 5000])
func `the last of equal keys wins at any distance`(distance: Int) throws {
  let between = (0..<distance).map { ",\"k\($0)\":0" }.joined()
  let text = "{\"a\":\"first\"\(between),\"a\":\"last\"}"
  let lua = try LuaState()
  let value = try lua.withStack { stack in
    try stack.pushJSON(Array(text.utf8))
    stack.pushField("a", at: -1)
    return stack.string(at: -1)
  }
  #expect(value == "last")
}

@Test func `depth is limited at the limit and not by the thread's stack`() throws {
  let lua = try LuaState()
  var options = JSONDecodingOptions()
  for depth in [1, 2, 17, 1000, JSONDecodingOptions.deepest] {
    options.maximumDepth = depth
    let open =
      String(repeating: "[{\"a\":", count: depth / 2) + String(repeating: "[", count: depth % 2)
    let close = String(repeating: "]", count: depth % 2) + String(repeating: "}]", count: depth / 2)
    let fits = depth % 2 == 1 ? open + close : open + "1" + close
    #expect(decodingError(Array(fits.utf8), in: lua, options: options) == nil)
    let deeper = depth % 2 == 1 ? open + "[]" + close : open + "[]" + close
    let error = decodingError(Array(deeper.utf8), in: lua, options: options)
    #expect(error?.reason == "nested deeper than \(depth) levels")
    #expect(error?.code == .depth)
  }
}

@Test func `as many waiting values as the depth allows fit the Lua stack`() throws {
  let lua = try LuaState()
  var options = JSONDecodingOptions()
  options.maximumDepth = JSONDecodingOptions.deepest
  let level = "{" + (0..<31).map { "\"k\($0)\":0," }.joined() + "\"a\":"
  let depth = options.maximumDepth
  let text = String(repeating: level, count: depth) + "0" + String(repeating: "}", count: depth)
  #expect(decodingError(Array(text.utf8), in: lua, options: options) == nil)
}

@Test func `a shared table with a huge text is refused and does not fill the machine`() throws {
  let lua = try stateWithJSON(memoryLimit: 256 << 10)
  let bomb = "local t = { 'x' } for i = 1, 60 do t = { t, t } end "
  #expect(
    try text(of: bomb + "return select(2, pcall(json.encode, t))", in: lua) == "not enough memory")
  lua.setGlobal("send") { stack in
    var options = JSONEncodingOptions()
    options.maximumBytes = 1 << 16
    _ = try stack.encodeJSON(at: 1, options: options)
    return .results(0)
  }
  #expect(
    failure(of: bomb + "send(t)", in: lua)?.message == "the JSON text is larger than 65536 bytes")
}

@Test func `the largest text allowed is written and one byte more is not`() throws {
  let lua = try LuaState()
  lua.withStack { stack in
    stack.push(String(repeating: "x", count: 5000))
    var options = JSONEncodingOptions()
    options.maximumBytes = 5002
    #expect(throws: Never.self) { try stack.encodeJSON(at: -1, options: options) }
    options.maximumBytes = 5001
    #expect(throws: JSONError.self) { try stack.encodeJSON(at: -1, options: options) }
  }
}

@Test(arguments: ["decode_forever", "encode_forever"])
func `a deadline stops a long decode and a long encode`(function: String) throws {
  let lua = try LuaState()
  let page = largeTexts[1].1
  lua.setGlobal("decode_forever") { stack in
    while true {
      try stack.pushJSON(page)
      stack.pop()
    }
  }
  lua.setGlobal("encode_forever") { stack in
    try stack.pushJSON(page)
    while true { _ = try stack.encodeJSON(at: -1) }
  }
  lua.setDeadline(nanoseconds: LuaState.monotonicNanoseconds + 20_000_000)
  let error = failure(of: "pcall(\(function)) while true do end", in: lua)
  #expect(error?.code == .deadline)
}
