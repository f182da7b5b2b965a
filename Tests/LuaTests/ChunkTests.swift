import Lua
import Testing

/// Chunks that are compiled once and loaded by many states.
@Suite struct ChunkTests {
  private func result(_ chunk: LuaChunk, in lua: LuaState) throws -> String? {
    try lua.withStack { stack in
      try stack.load(chunk)
      try stack.call(arguments: 0, results: 1)
      return stack.string(at: -1)
    }
  }

  @Test func `a chunk does in each state what its text says`() throws {
    let text = "local n = 0\nlocal function f() n = n + 1 return 'n' .. n end\nf()\nreturn f()"
    let chunk = try LuaChunk(Array(text.utf8), name: "@a.lua")
    for _ in 0..<3 { #expect(try result(chunk, in: LuaState()) == "n2") }
  }

  @Test func `places in errors are those of the text`() throws {
    let chunk = try LuaChunk(Array("\n\nlocal t\nreturn t.x".utf8), name: "@deep/a.lua")
    #expect {
      try result(chunk, in: LuaState())
    } throws: { error in
      String(describing: error)
        == "deep/a.lua:4: attempt to index a nil value (local 't')"
    }
  }

  @Test func `what does not compile says where`() {
    #expect {
      try LuaChunk(Array("return\nreturn".utf8), name: "@b.lua")
    } throws: { error in
      guard let error = error as? LuaError else { return false }
      return error.code == .syntax && error.location?.description == "b.lua:2"
    }
  }

  @Test func `bytecode is no text`() {
    #expect {
      try LuaChunk([0x1B] + Array("Lua".utf8), name: "@c.lua")
    } throws: { error in
      (error as? LuaError)?.code == .syntax
    }
  }

  @Test func `a chunk that does not fit into the memory limit is refused`() throws {
    let text = "return '" + String(repeating: "x", count: 200_000) + "'"
    let chunk = try LuaChunk(Array(text.utf8), name: "=big")
    let lua = try LuaState(memoryLimit: 100_000)
    #expect {
      try lua.withStack { stack in try stack.load(chunk) }
    } throws: { error in
      (error as? LuaError)?.code == .memory
    }
    #expect(try result(LuaChunk(Array("return 'ok'".utf8), name: "=small"), in: lua) == "ok")
  }
}
