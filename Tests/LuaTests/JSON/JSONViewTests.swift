import Testing

@testable import Lua

private let page =
  #"{"results":[{"id":"1","p":{"email":"a@b","n":null}},{"id":"2","p":{}}],"total":2,"ok":true}"#

/// What a chunk with the global `view`, a lazy view of a text, returns; encoded as JSON.
private func result(_ code: String, of text: String = page) throws -> String {
  let lua = try stateWithJSON()
  lua.withStack { stack in
    stack.pushGlobals()
    stack.push(text)
    stack.setField("text", at: -2)
  }
  return try lua.run("view = json.decode(text, { lazy = true })\n" + code) { stack, _ in
    var options = JSONEncodingOptions()
    options.sortsKeys = true
    return String(decoding: try stack.encodeJSON(at: -1, options: options), as: UTF8.self)
  }
}

private func message(_ code: String, of text: String = page) throws -> String {
  try result("local ok, e = pcall(function() \(code) end) return tostring(e)", of: text)
}

@Suite struct JSONViewTests {
  @Test(arguments: [
    ("view.total", "2"), ("view.ok", "true"), ("view.results[2].id", #""2""#),
    ("view.results[1].p.n == json.null", "true"), ("view.missing == nil", "true"),
    ("view[1] == nil", "true"), ("view.results.id == nil", "true"),
    ("view.results[0] == nil and view.results[3] == nil and view.results[-1] == nil", "true"),
    ("view.results[2.0].id", #""2""#), ("view.results[1.5] == nil", "true"),
    ("view.results[true] == nil", "true"), ("#view.results", "2"), ("#view", "0"),
    ("type(view)", #""userdata""#), ("getmetatable(view)", "false"),
    ("tostring(view)", #""lazy view of an object with 3 fields""#),
    ("tostring(view.results)", #""lazy view of an array with 2 elements""#),
    ("tostring(view.results[1].p == view.results[1].p)", #""true""#),
    ("tostring(view.results[1] == view.results[2])", #""false""#),
    ("tostring(view == json.decode(text, { lazy = true }))", #""false""#),
    ("view.results", #"[{"id":"1","p":{"email":"a@b","n":null}},{"id":"2","p":{}}]"#),
    ("{ kept = view.results[2] }", #"{"kept":{"id":"2","p":{}}}"#),
    ("json.copy(view.results[2])", #"{"id":"2","p":{}}"#),
    ("type(view()) .. type(view.results())", #""tabletable""#),
    ("table.concat({ table.unpack(json.decode('[3,4]', { lazy = true })) }, '-')", #""3-4""#),
  ])
  func `shows what a decode gives`(expression: String, value: String) throws {
    #expect(try result("return " + expression) == value)
  }

  @Test func `pairs and ipairs visit every field and element once`() throws {
    #expect(
      try result(
        """
        local seen = {}
        for key, value in pairs(view) do seen[#seen + 1] = key .. ":" .. type(value) end
        table.sort(seen)
        for index, record in ipairs(view.results) do seen[#seen + 1] = index .. record.id end
        for index, record in pairs(view.results) do seen[#seen + 1] = index .. record.id end
        return seen
        """) == #"["ok:boolean","results:userdata","total:number","11","22","11","22"]"#)
  }

  @Test func `elements are found in any order`() throws {
    let text = "[" + (1...500).map { "[\($0)]" }.joined(separator: ",") + "]"
    #expect(
      try result(
        """
        for _, i in ipairs { 1, 500, 250, 251, 250, 499, 2 } do assert(view[i][1] == i) end
        for i = #view, 1, -1 do assert(view[i][1] == i) end
        return #view
        """, of: text) == "500")
  }

  @Test func `of equal keys the last wins, escaped or not`() throws {
    let text = #"{"a":1,"\u0061":2,"b\n":3,"é":4}"#
    let fields = try result(#"return { view.a, view["b\n"], view["é"], view().a }"#, of: text)
    #expect(fields == "[2,3,4,2]")
    #expect(
      try result("local t = {} for k, v in pairs(view) do t[k] = v end return t", of: text)
        == #"{"a":2,"b\n":3,"é":4}"#)
  }

  @Test func `scalars have no view`() throws {
    #expect(try result("return { view, math.type(view) }", of: "7") == #"[7,"integer"]"#)
    #expect(try result("return view", of: #""x""#) == #""x""#)
  }

  @Test func `a write is refused with the remedy`() throws {
    #expect(
      try message("view.total = 3")
        == "\"chunk:2: cannot set 'total': a lazy view is read-only; "
        + "make a table of it with json.copy(view)\"")
    #expect(try message("json.copy({})").contains("lazy view expected, got table"))
    #expect(
      try message("json.decode('[]', { lazy = 1 })").contains("option 'lazy' must be a boolean"))
  }

  @Test(arguments: [
    "", "[1,", "{\"a\":}", "[01]", "[1e999]", "[\"\\x\"]", "{\"a\" 1}", "[1] 2", "\u{FEFF}[]",
    "[\"\\ud800\"]", "[tru]", "{1:2}", "[\"a\u{1}\"]", "[1 2]", "{\"a\":1,}", "[1,]", "[-]",
  ])
  func `what is wrong anywhere is found at once, with the error of a decode`(text: String) throws {
    let lua = try stateWithJSON()
    let expected = decodingError(Array(text.utf8), in: lua)
    #expect(expected != nil)
    let error = lua.withStack { stack -> JSONError? in
      do throws(JSONError) {
        try stack.pushJSONFields(Array(text.utf8))
        return nil
      } catch {
        return error
      }
    }
    #expect(error == expected)
  }

  @Test func `a view keeps its text alive, and nothing else does`() throws {
    let lua = try stateWithJSON(memoryLimit: 8 << 20)
    let source = """
      local text = "[" .. ("[1],"):rep(20000) .. "{\\"a\\":[7]}]"
      local last
      for _ = 1, 50 do last = json.decode(text, { lazy = true })[20001].a end
      collectgarbage("count")
      return tostring(last[1])
      """
    #expect(try text(of: source, in: lua) == "7")
  }

  @Test func `a text that does not fit the memory limit is a memory error`() throws {
    let lua = try stateWithJSON(memoryLimit: 1 << 20)
    let error = failure(
      of: #"json.decode("[" .. ("1,"):rep(100000) .. "1]", { lazy = true })"#, in: lua)
    #expect(error?.code == .memory)
    #expect(try text(of: "return 'usable'", in: lua) == "usable")
  }

  @Test func `the fields of a text are a plain table with views in it`() throws {
    let lua = try stateWithJSON()
    try lua.withStack { stack in
      try stack.pushJSONFields(Array(page.utf8))
      #expect(stack.type(at: -1) == .table)
      #expect(stack.pushField("results", at: -1) == .userdata)
      #expect(stack.pushField("total", at: -2) == .number)
      try stack.pushJSONFields(Array("[[1],2]".utf8))
      let isArray = stack.isMarkedArray(at: -1)
      #expect(isArray)
      #expect(String(decoding: try stack.encodeJSON(at: -1), as: UTF8.self) == "[[1],2]")
    }
  }

  @Test func `a key is found in objects of other shapes, and where it is not there`() throws {
    let text = #"[{"a":1,"b":2},{"a":3,"b":4},{"b":5,"a":6},{"a":7},{"c":8},{"a":9,"b":10,"a":11}]"#
    #expect(
      try result(
        """
        local seen = {}
        for _ = 1, 2 do
          for index = 1, #view do
            seen[#seen + 1] = tostring(view[index].a) .. tostring(view[index].b)
          end
        end
        return table.concat(seen, " ")
        """, of: text)
        == #""12 34 65 7nil nilnil 1110 12 34 65 7nil nilnil 1110""#)
  }

  @Test func `the iterator of ipairs gives the elements of its view`() throws {
    #expect(
      try result(
        """
        local each, state, first = ipairs(view.results)
        local index, record = each(state, first)
        local last = select('#', each(state, 2))
        local objects = 0
        for _ in ipairs(view) do objects = objects + 1 end
        local tables = 0
        local proxy = setmetatable({}, { __index = function(_, i) return i < 4 and i or nil end })
        for _, value in ipairs(proxy) do tables = tables + value end
        return { index, record.id, last, objects, tables }
        """) == #"[1,"1",1,0,6]"#)
    #expect(try message("ipairs(view.results)({}, 'x')").contains("number expected, got string"))
    #expect(
      try message("ipairs()") == #""chunk:2: bad argument #1 to 'ipairs' (value expected)""#)
  }
}
