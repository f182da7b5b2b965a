import Testing

@testable import Lua

/// What a chunk with the module `json` returns, as JSON.
private func result(_ code: String) throws -> String {
  let lua = try stateWithJSON()
  return try lua.run(code) { stack, _ in
    String(decoding: try stack.encodeJSON(at: -1), as: UTF8.self)
  }
}

private func collect(_ text: String, _ options: String = "nil") throws -> String {
  try result(
    """
    local all = json.array()
    for value in json.lines(\(text), \(options)) do all[#all + 1] = value end
    return all
    """)
}

@Suite struct JSONLinesTests {
  @Test(arguments: [
    (#"''"#, "[]"), (#"'\n \t\r\n\n'"#, "[]"), (#"'1'"#, "[1]"), (#"'1\n'"#, "[1]"),
    (#"'1\n2\r\n\n3'"#, "[1,2,3]"), (#"'null\nfalse\n[]\n{}'"#, "[null,false,[],{}]"),
    (#"'{"a":"b\\nc"}\n"d"'"#, #"[{"a":"b\nc"},"d"]"#),
  ])
  func `each line that is not blank is a value`(text: String, values: String) throws {
    #expect(try collect(text) == values)
  }

  @Test func `an error names the line and the byte of the whole text`() throws {
    let error = try result(
      #"local ok, e = pcall(function() for _ in json.lines('1\n\n{\"a\":}\n2') do end end) "#
        + "return { ok, e.code, e.line, e.column, e.byte_offset, e.message }")
    #expect(
      error
        == #"[false,"syntax",3,6,8,"invalid JSON at line 3, column 6 (byte 8): expected a value, found '}'"]"#
    )
  }

  @Test func `an iterator can be called by hand, and ends for good`() throws {
    #expect(
      try result("local n = json.lines('1\\n2') return { n(), n(), tostring(n()), tostring(n()) }")
        == #"[1,2,"nil","nil"]"#)
  }

  @Test func `options are those of decode`() throws {
    #expect(
      try collect("'123456789012345678901234567890'", #"{ big = "string" }"#)
        == #"["123456789012345678901234567890"]"#)
    let error = #expect(throws: LuaError.self) { try collect("'[[1]]'", "{ depth = 1 }") }
    #expect(
      error?.message == "invalid JSON at line 1, column 2 (byte 1): nested deeper than 1 levels")
    let unknown = #expect(throws: LuaError.self) { try collect("'1'", "{ pretty = true }") }
    #expect(
      unknown?.message
        == "bad argument 'opts' (#2) to 'lines': unknown option 'pretty' (use 'big', 'depth')")
  }

  @Test func `what is no text is refused`() throws {
    let error = #expect(throws: LuaError.self) { try collect("{}") }
    #expect(error?.message == "bad argument 'text' (#1) to 'lines': string expected, got table")
  }

  @Test func `a large text is read line by line within the memory limit`() throws {
    let lua = try stateWithJSON(memoryLimit: 4 << 20)
    let sum = try lua.run(
      """
      local text = ('{"n":1,"list":[1,2,3,4,5,6,7,8]}\\n'):rep(50000)
      local sum = 0
      for value in json.lines(text) do sum = sum + value.n end
      return sum
      """
    ) { stack, _ in stack.integer(at: -1) }
    #expect(sum == 50_000)
  }
}
