import Testing

@testable import Lua

@Suite struct LineCoverageTests {
  @Test(arguments: [
    ("return 1", [1]),
    ("", [1]),
    ("local a = 1\n\nlocal function f()\n  return a\nend\nreturn f", [1, 4, 5, 6]),
    ("local t = {\n  a = 1,\n  b = function()\n    return 2\n  end,\n}", [1, 2, 4, 5, 6]),
    ("-- only a comment", [1]),
    ("return (", []),
  ])
  func `lines of code are those of the bytecode`(source: String, lines: [Int]) throws {
    #expect(try LuaState().linesOfCode(in: Array(source.utf8)) == lines)
  }

  /// A function that is far away from the one before it, many constants, and lines beyond what one byte can step over.
  @Test func `long sources are read to their end`() throws {
    var source = ""
    var expected: [Int] = []
    for index in 0..<300 {
      source +=
        "local f = function(...) return \(index), \(index).5, 'text \(index)', ... end f()\n"
      expected.append(2 * index + 1)
      source += index % 50 == 49 ? String(repeating: "\n", count: 1) : "\n"
    }
    source = "do\n" + source.replacing("local f", with: "f") + String(repeating: "\n", count: 400)
    source += "end\nreturn f\n"
    let lines = try LuaState().linesOfCode(in: Array(source.utf8))
    #expect(
      lines == expected.map { $0 + 1 } + [
        source.split(
          separator: "\n", omittingEmptySubsequences: false
        ).count - 1
      ])
  }

  @Test func `lines are counted in functions and coroutines of files`() throws {
    let lua = try LuaState()
    let coverage = try LineCoverage()
    coverage.measure(lua)
    try lua.run(
      """
      local co = coroutine.wrap(function()
        for _ = 1, 3 do
          coroutine.yield()
        end
      end)
      co() co()
      if co == nil then
        co()
      end
      """, name: "@file.lua")
    try lua.run("local x = 1", name: "=not a file")
    #expect(coverage.counts == ["file.lua": [1: 2, 2: 2, 3: 2, 5: 1, 6: 1, 7: 1, 9: 1]])
  }

  @Test func `several states share a count`() throws {
    let coverage = try LineCoverage()
    for _ in 0..<3 {
      let lua = try LuaState()
      coverage.measure(lua)
      try lua.run("local a = 1\nreturn a", name: "@a.lua")
      try lua.run("\nreturn 1", name: "@b.lua")
    }
    #expect(coverage.counts == ["a.lua": [1: 3, 2: 3], "b.lua": [2: 3]])
  }

  /// The signal may come at any instruction, also while Lua counts for the hook that counts lines.
  @Test func `a deadline stops what is measured, whenever it comes`() throws {
    let coverage = try LineCoverage()
    var longest: Int64 = 0
    for round in 0..<300 {
      let lua = try LuaState()
      coverage.measure(lua)
      let deadline = LuaState.monotonicNanoseconds + 100_000 + Int64(round) * 997
      lua.setDeadline(nanoseconds: deadline)
      #expect(failure(of: "while true do\n  local x = 1\nend", in: lua)?.code == .deadline)
      longest = max(longest, LuaState.monotonicNanoseconds - deadline)
    }
    #expect((coverage.counts["script.lua"]?[2] ?? 0) > 1)
    #expect(longest < 5_000_000_000)
  }

  @Test func `bytecode of another format has no lines`() {
    var reader = BytecodeReader(
      bytes: Array("\u{1B}Lua".utf8) + [0x53] + [UInt8](repeating: 0, count: 60))
    #expect(reader.lines() == [])
    var cut = BytecodeReader(
      bytes: Array("\u{1B}Lua".utf8) + [0x54, 0] + [UInt8](repeating: 0xFF, count: 60))
    #expect(cut.lines() == [])
  }
}
