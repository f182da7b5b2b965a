local json = require("json")
local testing = require("test")

local function failure_of(assertion)
  local t, state = testing.new({})
  local ok, err = pcall(assertion, t)
  return not ok and err.message or nil, state
end

test.each("assertions that hold", {
  equal = function(t) t.equal(1, 1.0) end,
  same = function(t) t.same({ a = { 1, 2 } }, { a = { 1, 2 } }) end,
  null = function(t) t.same({ a = refold.null }, { a = refold.null }) end,
  view = function(t) t.same(json.decode('{"a":[1,null]}', { lazy = true }), { a = { 1, refold.null } }) end,
  not_a_number = function(t) t.same({ 0 / 0 }, { 0 / 0 }) end,
  matches = function(t) t.matches("contact 51", "%d+$") end,
  raises_text = function(t) t.raises(function() error("no such contact") end, "such") end,
  raises_table = function(t) t.raises(function() error({ code = "x", y = 1 }) end, { code = "x" }) end,
}, function(t, assertion)
  local message, state = failure_of(assertion)
  t.equal(message, nil)
  t.equal(state.count, 1)
end)

test.each("what failures say", {
  equal = {
    function(t) t.equal("a\nb", nil) end,
    'values differ\n  expected: nil\n  actual:   "a\\nb"',
  },
  identity = {
    function(t) t.equal({ 1 }, { 1 }) end,
    "values differ\n  expected: { 1 }\n  actual:   { 1 }\n"
      .. "  t.equal compares tables by identity; t.same compares what they hold",
  },
  same = {
    function(t) t.same({ list = { 1, 2 }, ["odd key"] = true }, { list = { 1, 3 }, name = "x" }) end,
    'values differ in 3 places\n  $.list[2]: expected 3, got 2\n  $.name is missing, expected "x"\n'
      .. '  $["odd key"] is not expected, got true',
  },
  null = {
    function(t) t.same({ a = refold.null }, { a = 1 }) end,
    "values differ in one place\n  $.a: expected 1, got null",
  },
  absent = {
    function(t) t.same(nil, { 1 }) end,
    "values differ in one place\n  $: expected { 1 }, got nil",
  },
  long_texts = {
    function(t) t.equal(("é"):rep(200) .. "ä", ("é"):rep(200) .. "ö and more") end,
    'values differ\n  expected: "ö and more" (from byte 401)\n  actual:   "ä" (from byte 401)',
  },
  functions = {
    function(t) t.equal(pairs, 1) end,
    "values differ\n  expected: 1\n  actual:   a function",
  },
  no_error = { function(t) t.raises(function() end, "x") end, "no error was raised" },
  other_error = {
    function(t) t.raises(function() error("one", 0) end, "two") end,
    'another error was raised\n  expected: "two"\n  actual:   "one"',
  },
  other_field = {
    function(t) t.raises(function() error({ code = "one" }) end, { code = "two" }) end,
    'another error was raised\n  $.code: expected "two", got "one"\n  error: { code = "one" }',
  },
  matches = {
    function(t) t.matches("abc", "%d") end,
    'text does not match\n  pattern: "%d"\n  text:    "abc"',
  },
}, function(t, case)
  t.equal(failure_of(case[1]), case[2])
end)

test("cycles are compared as far as they go", function(t)
  local one, other = { n = 1 }, { n = 1 }
  one.self, other.self = one, other
  t.same(testing.differences(one, other), {})
  other.n = 2
  t.equal(#testing.differences(one, other), 1)
end)

test("only the first twenty differences are shown", function(t)
  local long = {}
  for index = 1, 25 do
    long[index] = index
  end
  t.matches(failure_of(function(inner) inner.same(long, {}) end), "\n  and 5 more$")
end)

test("an assertion that does not exist is named", function(t)
  t.raises(function()
    local _ = t.equals
  end, "t has no 'equals'; did you mean 't.equal'?")
  t.raises(function()
    local _ = t.whatever
  end, "t has no 'whatever'; it has advance, equal,")
end)

test("an assertion is called with a dot", function(t)
  t.raises(function()
    t:equal(1, 1)
  end, "t.equal is called with a dot, as in t.equal(…)")
end)

test("an option that does not exist is named", function(t)
  t.raises(function()
    t.records("hubspot", "contacts", { acount = "acme" })
  end, "t.records: unknown option 'acount' (use account)")
end)

test.each("records that are none", {
  nothing = { nil, "t.seed: a list of records is expected, got nil" },
  one = { { email = "a" }, 't.seed: a list of records is expected, got { email = "a" }' },
  texts = { { {}, "x" }, "t.seed: record 2 is a string, not a table" },
}, function(t, case)
  t.raises(function()
    t.seed("hubspot", "contacts", case[1])
  end, case[2])
end)

test("time is virtual", function(t)
  local before = os.time()
  refold.sleep(3600)
  t.equal(t.time(), 3600)
  t.equal(os.time() - before, 3600)
  t.advance(0.5)
  t.equal(t.time(), 3600.5)
end)

test("random numbers are the same in each run", function(t)
  t.same({ math.random(1000), math.random(1000) }, { 962, 521 })
end)
