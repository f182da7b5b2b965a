import CLua
import Testing

@testable import Lua

/// Opens a state with Lua's own `string` and `table` beside the replaced ones, as the globals `stock` and `stock_table`.
private func stateWithStock() throws -> LuaState {
  let lua = try LuaState()
  lua.withStack { stack in
    for (name, open) in [("stock", luaopen_string), ("stock_table", luaopen_table)] {
      stack.pushGlobals()
      // SAFETY: opening a library raises for lack of memory only, and the limit is relaxed here.
      _ = unsafe open(stack.raw)
      stack.setField(name, at: -2)
      stack.pop()
    }
  }
  return lua
}

/// Defines `same(ours, stock, ...)`, which calls both and compares what they return or raise.
private let comparison = """
  local function outcome(f, ...) return table.pack(pcall(f, ...)) end
  local function drain(f)
    return function(...)
      local all = {}
      for a, b, c in f(...) do
        all[#all + 1] = tostring(a) .. "|" .. tostring(b) .. "|" .. tostring(c)
        if #all > 50 then break end
      end
      return table.concat(all, ";")
    end
  end
  local compared, failed = 0, 0
  local function same(ours, theirs, ...)
    local a, b = outcome(ours, ...), outcome(theirs, ...)
    local is_same = a.n == b.n
    for i = 1, math.max(a.n, b.n) do
      if a[i] ~= b[i] or math.type(a[i]) ~= math.type(b[i]) then is_same = false end
    end
    compared = compared + 1
    if not a[1] then failed = failed + 1 end
    if not is_same then
      error(("(%s): ours %s, Lua's %s"):format(
        table.concat({ ... }, ", "), table.concat(a, " ", 2), table.concat(b, " ", 2)), 0)
    end
  end

  """

@Suite struct StandardLibraryTests {
  @Test func `patterns match as Lua's own do`() throws {
    let lua = try stateWithStock()
    let source = """
      math.randomseed(7)
      local atoms = { "a", "b", ".", "%a", "%d", "%W", "%x", "%p", "[ab]", "[^a]", "[a-c]", "[%d_]", "[]a]", "[^%s-]",
        "%s", "%w", "x", "%.", "%f[%a]", "%f[^b]", "%bab", "(a)", "(b*)", "()", "(.-)", "%1", "%2", "$", "^", "-", "[a",
        "%", "(", ")", "%b", "%f", "[", "\\0", "é" }
      local repeats = { "", "", "", "*", "+", "-", "?" }
      local letters = { "a", "b", "c", "x", "1", "_", " ", ".", "\\0", "é", "[" }
      local templates = { "", "<%0>", "%1", "%2-%1", "%%", "%", "x", "%9" }
      for n = 1, 150000 do
        local pattern, subject = {}, {}
        if math.random(4) == 1 then pattern[1] = "^" end
        for _ = 1, math.random(0, 6) do
          pattern[#pattern + 1] = atoms[math.random(#atoms)]
          pattern[#pattern + 1] = repeats[math.random(#repeats)]
        end
        for i = 1, math.random(0, 12) do subject[i] = letters[math.random(#letters)] end
        local p, s, init = table.concat(pattern), table.concat(subject), math.random(-14, 14)
        same(string.find, stock.find, s, p, init)
        same(string.match, stock.match, s, p, init)
        same(string.find, stock.find, s, p, init, true)
        if n % 4 == 0 then
          same(drain(string.gmatch), drain(stock.gmatch), s, p, init)
          same(string.gsub, stock.gsub, s, p, templates[math.random(#templates)], math.random(-1, 4))
        end
      end
      return compared .. " compared, " .. (failed > 1000 and failed < compared / 2 and "plausible" or failed)
      """
    #expect(try text(of: comparison + source, in: lua) == "525000 compared, plausible")
  }

  @Test(arguments: [
    #"gsub("hello world", "(o)( ?)", { o = "0" })"#, #"gsub("abc", "%w", "%0%0")"#,
    #"gsub("abc", "b", function(c) return nil end)"#,
    #"gsub("abc", "b", function() return false end)"#,
    #"gsub("abc", "", "-")"#, #"gsub("abc", "^a", "x", 0)"#, #"gsub("a b c", "%s", {})"#,
    #"gsub("abc", "b", function() return {} end)"#, #"gsub("abc", "b", true)"#, #"gsub("abc")"#,
    #"gsub("abc", "(", "x")"#, #"gsub("abc", "()", "%1")"#, #"gsub("abc", "%f[%w]", "|")"#,
    #"rep("ab", 3)"#, #"rep("ab", 3, ", ")"#, #"rep("", 5, ",")"#, #"rep("x", 0)"#,
    #"rep("x", -1)"#,
    #"rep("x", 1, "sep")"#, #"rep("x", 1 << 62, "yy")"#, #"rep()"#, #"rep("x", 1.5)"#,
    #"find("a.b", ".", 1, true)"#, #"find("abc", "b", -10)"#, #"find("abc", "", 4)"#,
    #"find("abc", "", 5)"#, #"find("a\0b", "\0")"#, #"find("a\0b", "[\0]")"#,
    #"match("2024-01", "(%d+)-(%d+)")"#,
    #"match("x", ("(x"):rep(40))"#, #"match("aaa", ("a?"):rep(250))"#, #"find({}, "x")"#,
    #"find("x")"#,
    #"upper("aé")"#, #"lower("AÉ")"#, #"reverse("abc")"#,
    #"format("%5.2f|%s|%q", 1.5, "x", "y\n")"#,
    #"format("%d", 1.5)"#, #"format("%s")"#, #"pack("<i4", 7)"#,
  ])
  func `a function of string answers as Lua's own`(call: String) throws {
    let lua = try stateWithStock()
    let name = call.prefix { $0 != "(" }
    let arguments = call.dropFirst(name.count + 1).dropLast()
    let rest = arguments.isEmpty ? "" : ", " + arguments
    #expect(
      try text(of: comparison + "same(string.\(name), stock.\(name)\(rest)) return 'same'", in: lua)
        == "same")
  }

  @Test(arguments: [
    "insert(t, 4)", "insert(t, 1, 0)", "insert(t, 4, 9)", "insert(t, 5, 9)", "insert(t, 0, 9)",
    "insert(t)", "insert(t, 1, 2, 3)", "insert(nil, 1)", "remove(t)", "remove(t, 1)",
    "remove(t, 3)",
    "remove(t, 4)", "remove({})", "remove({}, 0)", "remove({ [0] = 'z' }, 0)",
    "move(t, 1, 3, 2)", "move(t, 2, 3, 1)", "move(t, 1, 3, 1)", "move(t, 1, 0, 5)",
    "move(t, 1, 3, 1, {})",
    "move(t, math.mininteger, math.maxinteger, 1)", "move(t, 1, 3, math.maxinteger)",
    "concat(t)", "concat(t, ', ')", "concat(t, ', ', 2)", "concat(t, ', ', 2, 2)",
    "concat(t, '', 3, 2)",
    "concat({}, 'x')", "concat({ 1, {}, 3 })", "concat({ 1, 2.5, 'x' }, '-')", "concat(5)",
    "sort(t)", "sort({ 3, 'x', 1 })", "sort(t, 5)", "sort({ 1, nil, 3, nil, 5 })",
  ])
  func `a function of table answers as Lua's own`(call: String) throws {
    let lua = try stateWithStock()
    let source = """
      local function run(table)
        local t = { 30, 10, 20 }
        local results = { pcall(function() return table.\(call) end) }
        for i, value in ipairs(results) do
          if type(value) == "table" then results[i] = "{" .. stock_table.concat(value, ",") .. "}" end
          results[i] = tostring(results[i])
        end
        return stock_table.concat(results, " ") .. " | " .. stock_table.concat(t, ",")
      end
      local ours, theirs = run(table), run(stock_table)
      return ours == theirs and "same" or ours .. " but Lua's own: " .. theirs
      """
    #expect(try text(of: source, in: lua) == "same")
  }

  @Test
  func `sort sorts, keeps the order of equals, and survives an order that contradicts itself`()
    throws
  {
    let lua = try LuaState()
    let source = """
      math.randomseed(3)
      for _, n in ipairs { 0, 1, 2, 7, 8, 9, 15, 16, 17, 100, 1000, 4097 } do
        local list, sum = {}, 0
        for i = 1, n do list[i] = { key = math.random(10), at = i } sum = sum + list[i].key end
        table.sort(list, function(a, b) return a.key < b.key end)
        for i = 2, n do
          local a, b = list[i - 1], list[i]
          assert(a.key < b.key or a.key == b.key and a.at < b.at)
        end
        for i = 1, n do sum = sum - list[i].key end
        assert(sum == 0 and #list == n)
        table.sort(list, function() return true end)
        table.sort(list, function() return math.random(2) == 1 end)
        assert(#list == n)
      end
      local words = { "b", "a", "c" }
      assert(not pcall(table.sort, words, function() error("no") end))
      assert(table.concat(words) == "bac")
      local proxy = setmetatable({}, {
        __len = function() return 3 end, __index = function(_, i) return words[i] end,
        __newindex = function(_, i, value) words[i] = value end })
      table.sort(proxy)
      return table.concat(words)
      """
    #expect(try text(of: source, in: lua) == "abc")
  }

  /// Each of these runs on, or crashes, in stock Lua 5.4.4 under a limit.
  @Test(arguments: [
    "xpcall(function() while true do end end, function() while true do end end)",
    "local s = string.rep('a', 60) string.find(s, string.rep('a?', 60) .. s)",
    "string.find(string.rep('a', 2000), string.rep('.*', 8) .. 'b')",
    "string.find(string.rep('a', 60), ('(a-'):rep(30) .. ('b)'):rep(30))",
    "string.find(('('):rep(300000), '%b()')", "string.find(('a'):rep(400000), '.-b')",
    "string.match(string.rep('a', 2000), string.rep('.-', 8) .. 'b')",
    "for _ in string.gmatch(string.rep('a', 2000), string.rep('.*', 8) .. 'b') do end",
    "string.gsub(string.rep('a', 2000), string.rep('a*', 8) .. 'b', '')",
    "while true do string.rep('', 1 << 60) end", "table.move({}, 1, 1 << 40, 2)",
    "table.insert(setmetatable({}, { __len = function() return 1 << 50 end }), 1, 'x')",
    "table.remove(setmetatable({}, { __len = function() return 1 << 50 end }), 1)",
    "table.concat(setmetatable({}, { __index = function() return '' end }), '', 1, 1 << 60)",
    "local t = {} for i = 1, 100000 do t[i] = -i end while true do table.sort(t) table.sort(t, rawequal) end",
    "table.sort({ 3, 2, 1 }, function() while true do end end)",
    "while true do load(('x = 1 '):rep(100000)) end",
    "string.gsub('x', 'x', function() while true do end end)",
    "setmetatable({}, { __index = function(t, k) return t[k] end }).x = next, nil while true do end",
    "for _ in pairs(setmetatable({}, { __pairs = function() return function() return 1 end end })) do end",
    "local t = setmetatable({}, { __tostring = function() while true do end end }) tostring(t)",
    "local t = setmetatable({}, { __lt = function() while true do end end }) return t < t",
  ])
  func `nothing in C runs on after the deadline`(source: String) throws {
    let lua = try LuaState()
    lua.setDeadline(nanoseconds: LuaState.monotonicNanoseconds + 50_000_000)
    let error = failure(of: source, in: lua)
    lua.setDeadline(nanoseconds: nil)
    #expect(error?.code == .deadline)
  }

  @Test(arguments: [
    "local t = {} for i = 1, math.huge do t[i] = i end",
    "local s = 'x' while true do s = s .. s end", "string.rep('x', 1 << 30)",
    "local t = {} for i = 1, math.huge do t[i] = {} end",
    "local function f(...) local t = { ... } return 1 + f(t, ...) end f()",
    "local s = ('x'):rep(1 << 22) local t = {} for i = 1, 100 do t[i] = s end return table.concat(t)",
    "local s = ('x'):rep(1 << 20) return (s:gsub('x', ('y'):rep(1000)))",
    "local t = setmetatable({}, { __len = function() return (1 << 31) - 2 end }) table.sort(t, rawequal)",
    "local t = {} while true do t[#t + 1] = coroutine.create(print or next) end",
    "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end",
    "return ('%s'):rep(1 << 20):format(table.unpack({}, 1, 1 << 19))",
  ])
  func `a memory bomb ends in an error that leaves the state usable`(source: String) throws {
    let lua = try LuaState(memoryLimit: 16 << 20)
    lua.setDeadline(nanoseconds: LuaState.monotonicNanoseconds + 10_000_000_000)
    let error = failure(of: source, in: lua)
    lua.setDeadline(nanoseconds: nil)
    #expect(error?.code != .deadline)
    #expect(lua.memoryUsed < 20 << 20)
    #expect(try text(of: "return ('usable'):upper()", in: lua) == "USABLE")
  }

  @Test func `garbage makes room for a large string`() throws {
    let lua = try LuaState(memoryLimit: 16 << 20)
    let source = """
      for i = 1, 12 do
        local a = ("x"):rep((3 << 20) + i)
        local b = a:upper():lower():reverse()
        local c = table.concat({ ("y"):rep(1 << 20), i, ("z"):rep(1 << 20) })
        local d = (("q"):rep(1 << 20)):gsub("q", "rr")
        assert(#b == #a and #c > 1 << 20 and #d == 2 << 20)
      end
      return "done"
      """
    #expect(try text(of: source, in: lua) == "done")
  }
}
