local inspect = require("inspect")
local json = require("json")

local function shared()
  local one = { 1 }
  return { a = one, b = one }
end

local function cyclic()
  local value = { name = "loop", inner = { 1 } }
  value.inner[2] = value
  value.inner[3] = value.inner
  return value
end

test.each("values have one readable text", {
  { nil, "nil" }, { true, "true" }, { 1, "1" }, { 1.0, "1.0" }, { 0.1, "0.1" }, { 1 / 3, "0.3333333333333333" },
  { 1e300, "1e+300" }, { -0.0, "-0.0" }, { math.mininteger, "-9223372036854775808" }, { 0 / 0, "nan" },
  { math.huge, "inf" }, { -math.huge, "-inf" },
  { "Zoë", '"Zoë"' }, { 'a"b\\c\n\t\0\x7F', '"a\\"b\\\\c\\n\\t\\x00\\x7f"' }, { "\xFFé", '"\\xff\\xc3\\xa9"' },
  { "", '""' },
  { refold.null, "null" }, { test.each, "<function>" }, { coroutine.create(cyclic), "<thread>" },
  { {}, "{}" }, { refold.array({}), "[]" }, { refold.object({}), "{}" },
  { { 1, 2, { 3 } }, "[1, 2, [3]]" },
  { { b = 2, a = refold.null }, "{ a = null, b = 2 }" },
  { { ["first name"] = 1, ["end"] = 2, [true] = 3, [2] = 4, [0.5] = 5 },
    '{ [0.5] = 5, [2] = 4, end = 2, ["first name"] = 1, [true] = 3 }' },
  { { 1, x = 2 }, "{ [1] = 1, x = 2 }" },
  { shared(), "{ a = [1], b = [1] }" },
  { cyclic(), '{ inner = [1, <cycle to $>, <cycle to $.inner>], name = "loop" }' },
  { setmetatable({ x = 1 }, { __name = "point" }), "point { x = 1 }" },
  { { [{}] = 1 }, "{ [<table>] = 1 }" },
}, function(t, case)
  t.equal(inspect(case[1]), case[2])
  t.equal(inspect.text(case[1]), case[2])
end)

test("views of JSON look like what they show", function(t)
  local view = json.decode('{"b":[1,null,{}],"a":{"x":"y"}}', { lazy = true })
  t.equal(inspect(view), '{ a = { x = "y" }, b = [1, null, {}] }')
  t.equal(inspect(json.decode("[]", { lazy = true })), "[]")
end)

test("what does not fit gets a line each", function(t)
  local order = { id = 7, lines = { { sku = "abc", qty = 1 }, { sku = "def", qty = 2 } }, note = "x" }
  t.equal(inspect(order, { width = 50 }), [[
{
  id = 7,
  lines = [
    { qty = 1, sku = "abc" },
    { qty = 2, sku = "def" }
  ],
  note = "x"
}]])
end)

test("much is folded", function(t)
  t.equal(inspect({ 1, 2, 3, 4, 5 }, { items = 3 }), "[1, 2, 3, … 2 more]")
  t.equal(inspect({ a = { b = { c = 1 }, d = {} } }, { depth = 2 }), "{ a = { b = {…}, d = {} } }")
  t.equal(inspect({ a = { { 1 } } }, { depth = 2 }), "{ a = [[…]] }")
  t.equal(inspect(("ä"):rep(10), { text = 5 }), '"ää"… (20 bytes)')
end)

test("a chain of ten thousand tables ends at the depth", function(t)
  local chain = {}
  for _ = 1, 10000 do
    chain = { chain }
  end
  t.equal(inspect(chain, { depth = 3 }), "[[[[…]]]]")
end)

test("wrong options are named", function(t)
  t.raises(function()
    inspect.text({}, { widht = 1 })
  end, "inspect.text: unknown option 'widht' (use 'width', 'depth', 'items' or 'text')")
end)
